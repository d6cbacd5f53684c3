/** What taking pages in (or one out) makes of `openapi/`: read, checked and compared, nothing written. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { knownProblems } from "../../contract-tests/run/lint-exceptions.js";
import {
  effectiveDocuments,
  inOrder,
  loadOverlays,
  loadVendored,
  type VendoredDocument,
} from "../../openapi/document/load.js";
import { adjusted, type Lock, type LockEntry, lockEntry, readLock } from "../../openapi/document/lock.js";
import type { NamedDocument } from "../../openapi/document/merge.js";
import { type Overlay, overlaysOf } from "../../openapi/document/overlay.js";
import { at } from "../../openapi/document/pointer.js";
import { differing, type Files } from "../generate/write.js";
import { type Called, requireNoConflict } from "./conflicts.js";
import { fileOf, type Intake, intakeOf } from "./intake.js";
import { type LintProblem, newProblems } from "./lint.js";
import { overlayEffects } from "./overlay-effects.js";
import { type DocumentReport, documentReport, type OverlayReport, operationNames, shortened } from "./report.js";
import type { Source } from "./source.js";
import { isPrinted, type Printed, printedOverlays, withPrinted } from "./task-template.js";

export interface Request {
  /** The folder that holds `openapi/`. */
  readonly root: string;
  readonly sources: readonly Source[];
  /** The document's name, without its ending; for a single source. */
  readonly name?: string;
  /** Name of a document to remove. */
  readonly remove?: string;
  /** The server in place of those that the sources name; without it the one that was set before. */
  readonly server?: string;
  /** Pointers of what is left out of the sources; without them those that were left out before. */
  readonly skip?: readonly string[];
  /** How the command was called, for a message that repeats it. */
  readonly called?: Called;
  /** Today, YYYY-MM-DD. */
  readonly date: string;
}

export interface DocumentPlan extends DocumentReport {
  /** Problems that it did not have before. */
  readonly lint: readonly LintProblem[];
  readonly before?: VendoredDocument;
  readonly after?: VendoredDocument;
}

export interface Plan {
  readonly documents: readonly DocumentPlan[];
  readonly overlays: OverlayReport;
  readonly vendored: readonly VendoredDocument[];
  /** The overlays of the vendored documents. */
  readonly applied: readonly Overlay[];
  /** The vendored documents with their overlays; `undefined` while an action matches nothing. */
  readonly effective: readonly NamedDocument[] | undefined;
  /** What changes below the root in `openapi/`. */
  readonly files: Files;
}

/** A document of one of the sources. */
interface Taken extends DocumentPlan {
  readonly after: VendoredDocument;
  /** `null` where the source is the document alone. */
  readonly page: Uint8Array | null;
  readonly entry: LockEntry;
}

/** What `openapi/` holds. */
export interface State {
  readonly present: readonly VendoredDocument[];
  readonly overlays: readonly Overlay[];
  readonly lock: Lock;
}

export function readState(root: string): State {
  const dir = join(root, "openapi");
  return { present: existsSync(dir) ? loadVendored(dir) : [], overlays: loadOverlays(dir), lock: readLock(dir) };
}

/** @throws {Error} saying why the sources cannot be taken in. */
export async function planOf(request: Request, state: State = readState(request.root)): Promise<Plan> {
  const { present, overlays: all } = state;
  const taken = await takenSources(request, state);
  const removed = removedDocument(request, present);
  const next = new Map(present.map((each) => [each.name, each]));
  if (removed) next.delete(removed.name);
  for (const { name, after } of taken) next.set(name, after);
  const vendored = inOrder([...next.values()]);
  if (vendored.length === 0) throw new Error("The last document cannot be removed: nothing would be left.");
  const { sources, name, remove, server, skip } = request;
  const called = { sources: sources.map(({ label }) => label), options: { name, remove, server, skip } };
  const names = taken.map((each) => each.name);
  requireNoConflict(vendored, names, state.lock, request.called ?? called);
  const ofRemoved = removed ? all.filter((overlay) => overlay.extends === removed.name) : [];
  const own = all.filter((overlay) => !ofRemoved.includes(overlay));
  const printed = printedOverlays(join(request.root, "openapi"), vendored, own);
  const applied = withPrinted(own, printed);
  const documents: DocumentPlan[] = taken.map(({ page, entry, notes, ...plan }) => {
    const assumed = printed?.find(({ overlay }) => overlay.extends === plan.name)?.assumed ?? [];
    return { ...plan, notes: [...notes, ...shortened(assumed.map((name) => `Assumed, as no page says it: ${name}.`))] };
  });
  if (removed) {
    const report = documentReport(removed.name, "removed", removed.document, undefined);
    documents.push({ ...report, lint: [], before: removed });
  }
  const effects = vendored.flatMap(({ name, document }) => {
    const extending = overlaysOf(name, applied);
    const others = taken.filter((each) => each.name !== name).map(({ after }) => after);
    const before = present.find((each) => each.name === name)?.document;
    return overlayEffects(before, document, extending, others);
  });
  const unmatched = effects.flatMap((each) => each.unmatched);
  return {
    documents,
    overlays: {
      unmatched,
      obsolete: effects.flatMap((each) => each.obsolete),
      partly: effects.flatMap((each) => each.partly),
      removed: ofRemoved.map(({ name }) => name),
    },
    ...{ vendored, applied },
    effective: unmatched.length > 0 ? undefined : effectiveDocuments(vendored, applied).documents,
    files: changedFiles(request.root, taken, removed?.name, state, printed),
  };
}

async function takenSources(request: Request, { present: vendored, lock }: State): Promise<Taken[]> {
  const taken: Taken[] = [];
  const isKnown = knownProblems(request.root);
  for (const source of request.sources) {
    const intake = intakeOf(source);
    const name = request.name === undefined ? nameFor(source, intake, vendored, lock) : fileName(request.name);
    if (taken.some((each) => each.name === name))
      throw new Error(`Two of the sources would both be openapi/${name}: take them in one by one, each with --name.`);
    const kept = lock[name];
    const left = kept?.skip?.filter((pointer) => at(intake.document, pointer) !== undefined) ?? [];
    const { server = kept?.server } = request;
    const present = request.skip?.filter((pointer) => at(intake.document, pointer) !== undefined) ?? [];
    const skip = present.length > 0 ? present : left;
    const { form, text, repaired, nullable, glued } = intake;
    const plain: LockEntry = {
      ...lockEntry(source.label, source.bytes, text, intake.document, request.date),
      ...(form === "document" ? { form } : {}),
      ...(server === undefined ? {} : { server }),
      ...(skip.length > 0 ? { skip } : {}),
      ...(repaired.length > 0 ? { repaired } : {}),
      ...(nullable.length > 0 ? { nullable_without_type: nullable } : {}),
      ...(glued ? { glued } : {}),
    };
    const document = adjusted(intake.document, plain);
    const before = vendored.find((each) => each.name === name);
    const same = before?.text === text && isDeepStrictEqual(before.document, document);
    const lint = await newProblems(before?.document, document, source.label);
    const wrong = lint.wrongExamples;
    const entry = { ...plain, ...(wrong.length > 0 ? { wrong_examples: wrong } : {}) };
    const samePage = kept?.page_sha256 === entry.page_sha256;
    const status = !before ? "added" : !same ? "changed" : samePage ? "unchanged" : "page changed";
    const notes = [
      ...intake.notes,
      ...(server === undefined ? [] : [`The server is ${server}, in place of the document's own.`]),
      ...skip.map((pointer) => `Left out: #${pointer}.`),
      ...shortened(wrong.map((pointer) => `An example contradicts its schema, and stays as it came: #${pointer}.`)),
    ];
    taken.push({
      ...documentReport(name, status, before?.document, document, notes),
      ...(before ? { before } : {}),
      after: { name, text, document },
      lint: lint.fresh.filter((problem) => !isKnown(name, problem)),
      page: form === "document" ? null : source.bytes,
      entry,
    });
  }
  const lost = request.skip?.find((pointer) => !taken.some(({ entry }) => entry.skip?.includes(pointer)));
  if (lost !== undefined) throw new Error(`--skip ${lost}: the document has nothing there.`);
  return taken;
}

/** The name of the document that the source is a version of; else the source's own. */
function nameFor(source: Source, intake: Intake, present: readonly VendoredDocument[], lock: Lock): string {
  const own = operationNames(intake.document).join("\n");
  const isSame = ({ name, document }: VendoredDocument): boolean =>
    operationNames(document).join("\n") === own ||
    (source.label.includes("://") && lock[name]?.source === source.label) ||
    // A page is about the operation that its fence names, even if its document holds more; a document alone is about them all.
    (intake.named !== undefined && lock[name]?.form !== "document" && operationNames(document).includes(intake.named));
  const same = present.find(isSame);
  if (same) return same.name;
  const words = fileOf(source.label)
    .replace(/\.(?:mdx?|ya?ml|json)$/i, "")
    .toLowerCase()
    .match(/[a-z0-9]+/g);
  if (!words) throw new Error("The source gives the document no name: add --name <name>.");
  return `${words.join("-")}.yaml`;
}

function fileName(name: string): string {
  const plain = name.replace(/\.ya?ml$/, "");
  if (!/^[a-z0-9][a-z0-9._-]*$/i.test(plain))
    throw new Error(`"${name}" cannot be a document's name: use letters, digits, hyphens and dots only.`);
  return `${plain}.yaml`;
}

function removedDocument({ remove }: Request, present: readonly VendoredDocument[]): VendoredDocument | undefined {
  if (remove === undefined) return undefined;
  const found = present.find((each) => each.name === fileName(remove));
  const names = present.map((each) => each.name).join(", ");
  if (!found) throw new Error(`There is no ${fileName(remove)} in openapi/ to remove. Its documents are: ${names}.`);
  return found;
}

function changedFiles(
  root: string,
  taken: readonly Taken[],
  removed: string | undefined,
  state: State,
  printed: readonly Printed[] | undefined,
): Files {
  const wanted = new Map<string, string | Uint8Array | null>();
  const entries: Record<string, LockEntry> = { ...state.lock };
  const pagePath = (name: string) => `openapi/pages/${name.replace(/\.yaml$/, ".md")}`;
  for (const { name, after, page, entry } of taken) {
    const kept = entries[name];
    const same = kept && isDeepStrictEqual({ ...entry, date: kept.date, source: kept.source }, kept);
    // The day is the page's.
    const date = kept?.page_sha256 === entry.page_sha256 ? kept.date : entry.date;
    entries[name] = same ? kept : { ...entry, date };
    wanted.set(pagePath(name), page);
    wanted.set(`openapi/${name}`, after.text);
  }
  if (removed !== undefined) {
    delete entries[removed];
    for (const path of [pagePath(removed), `openapi/${removed}`]) wanted.set(path, null);
    for (const overlay of state.overlays)
      if (overlay.extends === removed) wanted.set(`openapi/overlays/${overlay.name}`, null);
  }
  if (printed) for (const { name } of state.overlays.filter(isPrinted)) wanted.set(`openapi/overlays/${name}`, null);
  for (const { overlay, text } of printed ?? []) wanted.set(`openapi/overlays/${overlay.name}`, text);
  const sorted = Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)));
  wanted.set("openapi/vendor.lock.json", `${JSON.stringify(sorted, null, 2)}\n`);
  return differing(root, wanted);
}
