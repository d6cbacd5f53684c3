/** Flags for the fields of a request, made from what the document says of them: a new field is a new flag. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { RequestField, RequestFields, TaskFacts } from "../contract/contract.js";
import { DEFAULT_FIELDS, DEFAULT_TASK } from "../contract/default.js";

/** Flags of the commands themselves: a field of such a name is `--field-…`. */
export const RESERVED: ReadonlySet<string> = new Set(
  (
    "again allow-truncated base-url concurrency confirm-above debug dry-run help journal json key key-file max-paid name " +
    "operation out overwrite poll quiet rate resubmit-changed resubmit-failed resubmit-unknown retry store verify version " +
    "wait-timeout webhook-url yes"
  ).split(" "),
);

/** The field that takes the address for webhooks, where the document has one. */
export const WEBHOOK: string | undefined = (DEFAULT_TASK as TaskFacts).webhook;

/** The flags of each field but images and the address for webhooks. */
export function fieldOptions(fields: RequestFields, { images, webhook }: Pick<TaskFacts, "images" | "webhook">) {
  const named = Object.entries(fields).filter(([name]) => !Object.hasOwn(images, name) && name !== webhook);
  return named.map(([name, field]) => {
    const flag = flagOf(name);
    const options = optionsOf(flag, name, field);
    return { name, attribute: new Option(`--${flag}`).attributeName(), options };
  });
}

export function withFields(command: Command): Command {
  for (const { options } of fieldOptions(DEFAULT_FIELDS, DEFAULT_TASK))
    for (const option of options) command.addOption(option.helpGroup("Fields of the provider's request:"));
  return command;
}

/** Values of flags by their attributes, as commander names them. */
type Flags = Readonly<Record<string, unknown>>;

/** Those of the flags that are fields. */
export function fieldFlagsOf(flags: object): Flags {
  return valuesOf(flags, ({ attribute }) => attribute);
}

/** The fields that flags set, by their wire names. */
export function parametersOf(flags: object): Record<string, never> {
  return valuesOf(flags, ({ name }) => name) as Record<string, never>;
}

function valuesOf(flags: object, key: (field: { name: string; attribute: string }) => string): Flags {
  const values = new Map(Object.entries(flags));
  const set = fieldOptions(DEFAULT_FIELDS, DEFAULT_TASK).filter(({ attribute }) => values.get(attribute) !== undefined);
  return Object.fromEntries(set.map((field) => [key(field), values.get(field.attribute)]));
}

function flagOf(field: string): string {
  const words = field.replace(/([a-z\d])([A-Z])/g, "$1-$2").match(/[A-Za-z\d]+/g) ?? [];
  const flag = words.join("-").toLowerCase();
  // commander takes `--no-x` for the opposite of `--x`.
  return RESERVED.has(flag) || words[0] === "no" ? `field-${flag}` : flag;
}

function optionsOf(flag: string, name: string, field: RequestField): Option[] {
  const types = [field.type ?? []].flat();
  const option = (value: string): Option =>
    new Option(`--${flag}${value}`, aboutOf(name, field)).makeOptionMandatory(field.required);
  if (field.enum !== undefined) {
    const choices = new Map(field.enum.map((one) => [String(one), one]));
    const choice = option(" <value>").choices([...choices.keys()]);
    const check = choice.parseArg;
    return [choice.argParser((text, before) => choices.get(String(check?.(text, before))))];
  }
  if (types.includes("boolean")) return [option(""), new Option(`--no-${flag}`, `the opposite of --${flag}`)];
  if (types.includes("integer")) return [option(` <${rangeOf(field, "integer")}>`).argParser(numberIn(field, true))];
  if (types.includes("number")) return [option(` <${rangeOf(field, "number")}>`).argParser(numberIn(field, false))];
  return types.includes("string") ? [option(" <text>")] : [option(" <json>").argParser(parseJson)];
}

/** The first sentence of the document's description, and the default. */
function aboutOf(name: string, field: RequestField): string {
  const [sentence = ""] = (field.description ?? "").trim().split(/\n\s*\n|(?<=[^.])\.(?=\s|$)/);
  const text = sentence.replace(/\s+/g, " ").replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
  const fallback = field.default === undefined ? "" : ` (the provider's default: ${JSON.stringify(field.default)})`;
  return (text === "" ? name.replaceAll("_", " ") : text) + fallback;
}

function rangeOf({ minimum, maximum }: RequestField, otherwise: string): string {
  return minimum === undefined || maximum === undefined ? otherwise : `${minimum}-${maximum}`;
}

function numberIn({ minimum = -Infinity, maximum = Infinity }: RequestField, whole: boolean) {
  const form = whole ? /^-?\d+$/ : /^-?\d+(?:\.\d+)?$/;
  const range =
    Number.isFinite(minimum) && Number.isFinite(maximum)
      ? ` from ${minimum} to ${maximum}`
      : Number.isFinite(minimum)
        ? ` of at least ${minimum}`
        : Number.isFinite(maximum)
          ? ` of at most ${maximum}`
          : "";
  return (text: string): number => {
    const value = Number(text);
    if (form.test(text) && value >= minimum && value <= maximum) return value;
    throw new InvalidArgumentError(`It must be a ${whole ? "whole " : ""}number${range}.`);
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`It must be JSON: ${(error as Error).message}.`);
  }
}
