/** Defaults of the user's own: variables `MAGNIFIC_<OPTION>`, and a file whose keys are the names of options. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Command, InvalidArgumentError, type Option } from "commander";
import type { Shell } from "./commands/command.js";
import { UsageError } from "./exit.js";
import { flagOf } from "./fields.js";
import { configFolder, defaultKeyFile, objectIn } from "./key.js";

/** What can have a default, besides the fields of requests. What pays again or replaces files is said in each call. */
const SETTABLE =
  "allow-truncated base-url concurrency confirm-above json max-paid name out poll quiet rate retry store verbose verify wait-timeout webhook-url";

/** Sets what the call does not say: a variable comes before the file. @throws {UsageError} */
export async function applyDefaults({ operation, operations }: Shell, command: Command): Promise<void> {
  const known = [...SETTABLE.split(" "), ...Object.keys(operation.fields).map(flagOf)];
  const options = command.options.filter(({ long, negate }) => !negate && known.includes(long?.slice(2) ?? ""));
  if (options.length === 0) return;
  const { env } = process;
  const path = join(configFolder(env), "config.json");
  const file = existsSync(path) ? await objectIn(path) : {};
  for (const name of Object.keys(file)) {
    if (/^(magnific[-_])?(api[-_]?)?key$/i.test(name))
      throw new UsageError(`${path} must not hold the API key: put it in ${defaultKeyFile(env)} (chmod 600).`);
    // The file is for all operations.
    for (const load of known.includes(name) ? [] : Object.values(operations))
      known.push(...Object.keys((await load()).fields).map(flagOf));
    if (!known.includes(name))
      throw new UsageError(`${path} has the unknown key "${name}". Known: ${known.join(", ")}.`);
  }
  for (const option of options) {
    const [name, attribute] = [option.long?.slice(2) ?? "", option.attributeName()];
    if (command.getOptionValueSource(attribute) === "cli") continue;
    const variable = `MAGNIFIC_${name.toUpperCase().replaceAll("-", "_")}`;
    const [from, value] = env[variable] ? [variable, env[variable]] : [`"${name}" in ${path}`, file[name]];
    if (value !== undefined) command.setOptionValueWithSource(attribute, parsedValue(option, value, from), from);
  }
}

function parsedValue(option: Option, value: unknown, from: string): unknown {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (option.isBoolean()) {
    if (/^(?:true|false|1|0)$/.test(text)) return text === "true" || text === "1";
    throw new UsageError(`${from} must be true or false.`);
  }
  try {
    return option.parseArg === undefined ? text : option.parseArg(text, undefined);
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw new UsageError(`${from} is invalid. ${error.message}`);
    throw error;
  }
}
