/** The images of a batch: where each comes from, and where its result goes. */
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { imageFields } from "../contract/contract.js";
import { ConfigurationError } from "../errors/request-errors.js";
import * as option from "../util/check-options.js";
import { checkTemplate, DEFAULT_NAME, stemOf, stemText } from "./names.js";
import type { AnySettings, BatchInput } from "./options.js";

export const JOURNAL_NAME = "magnific-journal.jsonl";

export interface Places {
  readonly out: string;
  readonly journal: string;
  /** The journal's folder; the journal's paths are relative to it, so that it can be moved together with the results. */
  readonly base: string;
  /** A folder of the batch's own, for files that are not complete yet. */
  readonly work: string;
  readonly template: string;
}

/** A source and where its result goes; `file` and `stem` are absolute. */
export interface Job {
  /** As the caller named it. */
  readonly path: string;
  readonly file: string;
  /** Its name in the journal. */
  readonly source: string;
  /** The result's path, still without its extension. */
  readonly stem: string;
  /** The same as the journal has it, with `{ext}`. */
  readonly output: string;
}

const KINDS: option.Kinds = {
  client: option.ANYTHING,
  out: option.ANYTHING,
  concurrency: option.countOf(1),
  timeout: option.atLeast(0),
  note: option.ANYTHING,
  parameters: option.AN_OBJECT,
  image: option.A_STRING,
  name: option.A_STRING,
  journal: option.A_STRING,
  resubmitUnknown: option.A_BOOLEAN,
  resubmitFailed: option.A_BOOLEAN,
  resubmitChanged: option.A_BOOLEAN,
  overwrite: option.A_BOOLEAN,
  verify: option.A_BOOLEAN,
  stop: option.A_SIGNAL,
  signal: option.A_SIGNAL,
  onEvent: option.A_FUNCTION,
};

/** @throws {ConfigurationError} for settings that cannot work. */
export function resolvePlaces(options: AnySettings, inputs: unknown): Places {
  option.checkOptions(options, KINDS);
  checkInputs(inputs);
  const { client, out, journal } = options;
  const template = options.name ?? DEFAULT_NAME;
  if (typeof (client as AnySettings["client"] | undefined)?.digest !== "function")
    throw new ConfigurationError("`client` must be a Magnific.");
  if (typeof out !== "string" || out === "") throw new ConfigurationError("`out` must name the folder for results.");
  checkTemplate(template, Array.isArray(inputs) && inputs.length === 1);
  const path = resolve(journal ?? join(out, JOURNAL_NAME));
  return { out: resolve(out), journal: path, base: resolve(path, ".."), work: `${path}.work`, template };
}

/** Refuses anything but a collection of inputs. A string is iterable too, letter by letter. @throws {ConfigurationError} */
function checkInputs(value: unknown): void {
  if (typeof value === "object" && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value))
    return;
  const hint = typeof value === "string" ? `; for one file pass [${JSON.stringify(value)}]` : "";
  throw new ConfigurationError(`The inputs of a batch must be an array or another iterable of paths${hint}.`);
}

/** @throws {ConfigurationError} for an input that is not one. */
export function toJob(places: Places, input: BatchInput): Job {
  const { path, dir, as }: Partial<Exclude<BatchInput, string>> =
    typeof input === "string" ? { path: input } : (input ?? {});
  if (typeof path !== "string" || path === "")
    throw new ConfigurationError("An input of a batch must be a path, or an object with a `path`.");
  const file = resolve(path);
  const stem = join(places.out, stemOf(places.template, path, dir));
  const output = stemText(toRelative(places, stem));
  return { path: as ?? path, file, source: as ?? toRelative(places, file), stem, output };
}

/** A path as the journal has it: relative with `/`, or absolute where there is no relative one (another drive). */
export function toRelative({ base }: Places, path: string): string {
  const short = relative(base, path);
  return isAbsolute(short) ? short : short.split(sep).join("/");
}

export function toAbsolute({ base }: Places, path: string): string {
  return resolve(base, path);
}

/** What the options of a batch stand for. @throws {ConfigurationError} @throws {InvalidRequestError} for those that cannot work. */
export async function settledOptions<Options extends AnySettings>(options: Options, inputs: unknown) {
  const places = resolvePlaces(options, inputs);
  const field = await fieldOf(options);
  const digest = await options.client.digest({ ...options.parameters, [field]: SMALLEST });
  return { options, places, field, settings: digest.slice(0, 16) };
}

/** The field that the images go in. @throws {ConfigurationError} when the operation has none of that name. */
async function fieldOf({ client, image }: AnySettings): Promise<string> {
  const fields = imageFields(await client.contract());
  const field = image ?? fields[0];
  if (field !== undefined && fields.includes(field)) return field;
  const known = fields.length === 0 ? "it has none" : `it has ${fields.join(", ")}`;
  throw new ConfigurationError(`\`image\` must name a field of the operation that takes an image: ${known}.`);
}

/** A complete image of one pixel. */
const SMALLEST = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
