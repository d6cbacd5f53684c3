/** What to do where two documents have the same operation: one whole command, ready to copy. */
import type { Lock } from "../../openapi/document/lock.js";
import {
  conflictText,
  type NamedDocument,
  operationConflicts,
  operationPointers,
} from "../../openapi/document/merge.js";
import { folderOf } from "../../openapi/document/names.js";
import { shortened } from "./report.js";

type Options = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;

export interface Called {
  readonly sources: readonly string[];
  readonly options: Options;
}

/**
 * @param taken the names of the documents that are taken in, in the order of the sources.
 * @throws {Error} with both names of each operation that two documents have, and the command that solves it.
 */
export function requireNoConflict(
  vendored: readonly NamedDocument[],
  taken: readonly string[],
  lock: Lock,
  { sources, options }: Called,
): void {
  const isNew = ({ name }: NamedDocument) => taken.includes(name);
  // What is there has its operations before what is new, and of the new ones the first.
  const conflicts = operationConflicts([...vendored.filter((each) => !isNew(each)), ...vendored.filter(isNew)]);
  if (conflicts.length === 0) return;
  const lostBy = (loser: string) =>
    conflicts.filter(({ documents }) => documents[1] === loser).map((each) => each.pointer);
  const isWithin = (name: string, pointers: readonly string[]) =>
    vendored.some((each) => each.name === name && operationPointers(each.document).every((p) => pointers.includes(p)));
  const owners = [...new Set(conflicts.map(({ documents }) => documents[0]))];
  const losers = taken.filter((name) => lostBy(name).length > 0);
  const sourceOf = (name: string) => sources[taken.indexOf(name)] ?? name;
  const list = shortened(conflicts.map(conflictText));
  const refused = (what: string, ...commands: string[]) =>
    new Error([...list, `To ${what}, run:`, commands.join(" && ")].join("\n"));

  const [owner = "", ...more] = owners;
  const isWhole = isWithin(
    owner,
    conflicts.map(({ pointer }) => pointer),
  );
  if (more.length === 0 && !taken.includes(owner) && isWhole && options.remove === undefined) {
    // Under its name, its overlays stay.
    const how = sources.length > 1 || options.name !== undefined ? "remove" : "name";
    throw refused(`replace ${owner}`, command(sources, { ...options, [how]: folderOf(owner) }));
  }
  const others = taken.filter((name) => !losers.includes(name)).map(sourceOf);
  const left = losers.filter((name) => !isWithin(name, lostBy(name)));
  const runs = [
    ...(others.length > 0 ? [{ from: others }] : []),
    ...left.map((name) => ({ from: [sourceOf(name)], skip: [options.skip ?? [], lostBy(name)].flat().map(String) })),
  ].map(({ from, ...skip }, index) => command(from, { ...options, ...skip, ...(index > 0 && { remove: undefined }) }));
  if (runs.length > 0) throw refused(`leave this out of ${losers.join(" and ")}`, ...runs);
  const renewed = owners.map((name) => lock[name]?.source ?? name);
  const why = `renew ${owners.join(" and ")}, since nothing else is in ${losers.join(" and ")}`;
  throw refused(why, command(renewed, { ...options, name: undefined, skip: undefined }));
}

function command(sources: readonly string[], options: Options): string {
  const words = Object.entries(options).flatMap(([name, value]) =>
    [value ?? []].flat().flatMap((each) => (each === false ? [] : [`--${name}`, ...(each === true ? [] : [each])])),
  );
  return ["npm run vendor --", ...[...sources, ...words].map(quoted)].join(" ");
}

/** For a shell. */
function quoted(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
