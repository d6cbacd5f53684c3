/** What all images of one batch share. */
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { ConfigurationError } from "../errors/configuration-error.js";
import {
  A_BOOLEAN,
  A_FUNCTION,
  A_SIGNAL,
  A_STRING,
  AN_OBJECT,
  ANYTHING,
  atLeast,
  checkOptions,
  countOf,
  type Kinds,
} from "../util/check-options.js";
import type { JournalState } from "./journal/state.js";
import { checkTemplate, DEFAULT_NAME, stemOf } from "./names.js";
import type { BatchInput, BatchSettings } from "./options.js";

export const JOURNAL_NAME = "magnific-journal.jsonl";

export interface Places {
  /** Absolute path of the folder for results. */
  readonly out: string;
  /** Absolute path of the journal. */
  readonly journal: string;
  /** The journal's folder; the journal's paths are relative to it, so that the whole can be moved. */
  readonly base: string;
  readonly template: string;
}

const KINDS: Kinds = {
  client: ANYTHING,
  out: ANYTHING,
  concurrency: countOf(1),
  timeout: atLeast(0),
  note: ANYTHING,
  parameters: AN_OBJECT,
  name: A_STRING,
  journal: A_STRING,
  resubmitUnknown: A_BOOLEAN,
  resubmitFailed: A_BOOLEAN,
  resubmitChanged: A_BOOLEAN,
  overwrite: A_BOOLEAN,
  verify: A_BOOLEAN,
  stop: A_SIGNAL,
  signal: A_SIGNAL,
  onEvent: A_FUNCTION,
};

/** A source and where its result goes. */
export interface Job {
  /** As it was given, or what it is to be called. */
  readonly path: string;
  /** Absolute. */
  readonly file: string;
  /** As the journal has it. */
  readonly source: string;
  /** The result's absolute path, with `{ext}` still in it. */
  readonly stem: string;
  /** The same as the journal has it. */
  readonly output: string;
}

/** @throws {ConfigurationError} for settings that cannot work. */
export function placesOf(options: BatchSettings): Places {
  checkOptions(options, KINDS);
  const { client, out, journal } = options;
  const name = options.name ?? DEFAULT_NAME;
  if (typeof (client as BatchSettings["client"] | undefined)?.digest !== "function")
    throw new ConfigurationError("`client` must be a Magnific.");
  if (typeof out !== "string" || out === "") throw new ConfigurationError("`out` must name the folder for results.");
  checkTemplate(name);
  const path = resolve(journal ?? join(out, JOURNAL_NAME));
  return { out: resolve(out), journal: path, base: resolve(path, ".."), template: name };
}

/**
 * What was given as a batch's inputs. A string can be gone through too, letter by letter.
 *
 * @throws {ConfigurationError}
 */
export function checkedInputs<T extends Iterable<BatchInput> | AsyncIterable<BatchInput>>(inputs: T): T {
  const given: unknown = inputs;
  if (typeof given === "object" && given !== null && (Symbol.iterator in given || Symbol.asyncIterator in given))
    return inputs;
  const said = typeof given === "string" ? `; for one file give [${JSON.stringify(given)}]` : "";
  throw new ConfigurationError(
    `The inputs of a batch must be an array, or something else to go through, of paths${said}.`,
  );
}

/** @throws {ConfigurationError} for an input that is none. */
export function jobOf(places: Places, input: BatchInput): Job {
  const { path, dir, as } = (typeof input === "string" ? { path: input } : (input ?? {})) as Exclude<
    BatchInput,
    string
  >;
  if (typeof path !== "string" || path === "")
    throw new ConfigurationError("An input of a batch must be a path, or an object with a `path`.");
  const file = resolve(path);
  const stem = join(places.out, stemOf(places.template, path, dir));
  return { path: as ?? path, file, source: as ?? shortened(places, file), stem, output: shortened(places, stem) };
}

/** A path as the journal has it: relative with `/`, or absolute where there is no relative one (another drive). */
export function shortened({ base }: Places, path: string): string {
  const short = relative(base, path);
  return isAbsolute(short) ? short : short.split(sep).join("/");
}

export function lengthened({ base }: Places, path: string): string {
  return resolve(base, path);
}

/** Tells batches with other parameters or another server apart, without looking at an image. */
export async function settingsKey({ client, parameters }: BatchSettings): Promise<string> {
  return (await client.digest({ ...parameters, image: SMALLEST })).slice(0, 16);
}

/** A whole image of one pixel. */
const SMALLEST = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

/** What a journal knows of sources and requests. */
export type Known = Pick<JournalState, "sources" | "digests" | "results" | "owners">;

/** Absolute paths of the files that an earlier result of this very source still has. */
export function ownOutputs({ sources, owners }: Known, places: Places, { source }: Job): string[] {
  const entry = sources.get(source);
  return (entry?.done?.outputs ?? entry?.replaces ?? [])
    .filter((output) => owners.get(output)?.source === source)
    .map((output) => lengthened(places, output));
}
