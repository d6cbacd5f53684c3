/** Flags for the fields of a request, made from what the document says of them: a new field is a new flag. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { imageFields, type RequestField, type RequestFields, type TaskFacts } from "../contract/contract.js";
import { imageFile } from "../files/image-file.js";
import type { Operation } from "./operation.js";
import { numberIn } from "./options.js";

/** Flags of the commands themselves: a field of such a name is `--field-…`. */
export const RESERVED: ReadonlySet<string> = new Set(
  (
    "again allow-truncated base-url concurrency confirm-above debug dry-run help journal json key key-file max-paid name " +
    "operation out overwrite poll quiet rate resubmit-changed resubmit-failed resubmit-unknown retry store verbose verify version " +
    "wait-timeout webhook-url yes"
  ).split(" "),
);

/** The flags of each field but the first image, which is the command's argument, and the address for webhooks. */
export function fieldOptions(fields: RequestFields, { images, webhook }: Pick<TaskFacts, "images" | "webhook">) {
  const [argument] = imageFields({ images });
  const named = Object.entries(fields).filter(([name]) => name !== argument && name !== webhook);
  return named.map(([name, field]) => {
    const flag = flagOf(name);
    const options = optionsOf(flag, name, field, Object.hasOwn(images, name) ? images[name] : undefined);
    return { name, attribute: new Option(`--${flag}`).attributeName(), options };
  });
}

export function withFields(command: Command, { fields, contract }: Operation): Command {
  for (const { options } of fieldOptions(fields, contract))
    for (const option of options) command.addOption(option.helpGroup("Fields of the provider's request:"));
  return command;
}

/** The fields that flags set: these flags, and what they send by its wire names. @throws {FileError} for an image that is not there. */
export async function fieldsIn(flags: object, { fields, contract }: Operation) {
  const values = new Map<string, unknown>(Object.entries(flags));
  const set: Record<string, unknown> = {};
  const parameters: Record<string, unknown> = {};
  for (const { name, attribute } of fieldOptions(fields, contract)) {
    const value = values.get(attribute);
    if (value === undefined) continue;
    set[attribute] = value;
    const isFile = imageFields(contract).includes(name) && !/^https:/i.test(String(value));
    parameters[name] = isFile ? await imageFile(String(value)) : value;
  }
  return { set, parameters: parameters as Record<string, never> };
}

export function flagOf(field: string): string {
  const words = field.replace(/([a-z\d])([A-Z])/g, "$1-$2").match(/[A-Za-z\d]+/g) ?? [];
  const flag = words.join("-").toLowerCase();
  // commander takes `--no-x` for the opposite of `--x`.
  return RESERVED.has(flag) || words[0] === "no" ? `field-${flag}` : flag;
}

const IMAGES = { base64: " <file>", url: " <url>", either: " <file-or-url>" } as const;

function optionsOf(flag: string, name: string, field: RequestField, image?: keyof typeof IMAGES): Option[] {
  const { minimum, maximum } = field;
  const types = [field.type ?? []].flat();
  const option = (value: string): Option =>
    new Option(`--${flag}${value}`, aboutOf(name, field)).makeOptionMandatory(field.required);
  if (image !== undefined) return [option(IMAGES[image])];
  if (field.enum !== undefined) {
    const choices = new Map(field.enum.map((one) => [String(one), one]));
    const choice = option(" <value>").choices([...choices.keys()]);
    const check = choice.parseArg;
    return [choice.argParser((text, before) => choices.get(String(check?.(text, before))))];
  }
  if (types.includes("boolean")) return [option(""), new Option(`--no-${flag}`, `the opposite of --${flag}`)];
  const number = (type: string, form: RegExp, what: string): Option[] => {
    const range = minimum === undefined || maximum === undefined ? type : `${minimum}-${maximum}`;
    return [option(` <${range}>`).argParser(numberIn(form, what, minimum, maximum))];
  };
  if (types.includes("integer")) return number("integer", /^-?\d+$/, "whole number");
  if (types.includes("number")) return number("number", /^-?\d+(?:\.\d+)?$/, "number");
  return types.includes("string") ? [option(" <text>")] : [option(" <json>").argParser(parseJson)];
}

/** The first sentence of the document's description, and the default. */
function aboutOf(name: string, field: RequestField): string {
  const [sentence = ""] = (field.description ?? "").trim().split(/\n\s*\n|(?<=[^.])\.(?=\s|$)/);
  const text = sentence.replace(/\s+/g, " ").replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
  const fallback = field.default === undefined ? "" : ` (the provider's default: ${JSON.stringify(field.default)})`;
  return (text === "" ? name.replaceAll("_", " ") : text) + fallback;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`It must be JSON: ${(error as Error).message}.`);
  }
}
