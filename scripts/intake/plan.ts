/** What taking pages in (or one out) makes of `openapi/`: read, checked and compared, nothing written. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { effectiveDocument, loadOverlays, loadVendored, type VendoredDocument } from "../../openapi/document/load.js";
import { type Lock, type LockEntry, lockEntry } from "../../openapi/document/lock.js";
import { mergeDocuments } from "../../openapi/document/merge.js";
import { operationsOf } from "../../openapi/document/operations.js";
import type { Overlay } from "../../openapi/document/overlay.js";
import type { JsonObject } from "../../openapi/document/types.js";
import { type DocumentDiff, diffDocuments } from "./diff/diff.js";
import { type Form, type Intake, intakeOf } from "./intake.js";
import { type ActionEffect, overlayEffects, saidElsewhere } from "./overlay-effects.js";
import type { Source } from "./source.js";
import { requireStructure } from "./structure.js";
import type { Files } from "./transaction.js";

export interface Request {
  /** The folder that holds `openapi/`. */
  readonly root: string;
  readonly sources: readonly Source[];
  /** The document's name, without its ending; for a single source. */
  readonly name?: string;
  /** Name of a document to take out. */
  readonly remove?: string;
  /** Today, YYYY-MM-DD. */
  readonly date: string;
}

export interface DocumentPlan {
  /** File name in `openapi/`. */
  readonly name: string;
  readonly status: "added" | "changed" | "page changed" | "unchanged" | "removed";
  readonly form: Form;
  readonly operations: readonly string[];
  readonly notes: readonly string[];
  /** For a document that was there before and is still. */
  readonly diff?: DocumentDiff;
  readonly before?: VendoredDocument;
  readonly after?: VendoredDocument;
}

export interface Plan {
  readonly documents: readonly DocumentPlan[];
  readonly unmatched: readonly ActionEffect[];
  readonly obsolete: readonly ActionEffect[];
  /** Files of overlays that go with a removed document. */
  readonly removedOverlays: readonly string[];
  readonly vendored: readonly VendoredDocument[];
  readonly overlays: readonly Overlay[];
  /** Vendored documents and overlays as one; `undefined` while an action matches nothing. */
  readonly effective: JsonObject | undefined;
  /** Why the overlays keep the documents from being one. */
  readonly clash?: string;
  /** What changes below the root in `openapi/`. */
  readonly files: Files;
}

interface Taken {
  readonly name: string;
  readonly source: Source;
  readonly intake: Intake;
}

/** What `openapi/` holds. */
export interface State {
  readonly present: readonly VendoredDocument[];
  readonly overlays: readonly Overlay[];
  readonly lock: Lock;
}

export function readState(root: string): State {
  const dir = join(root, "openapi");
  if (!existsSync(dir)) return { present: [], overlays: [], lock: {} };
  return { present: loadPresent(dir), overlays: loadOverlays(dir), lock: readLock(dir) };
}

/** @throws {Error} saying why the sources cannot be taken in. */
export function planOf(request: Request, state: State = readState(request.root)): Plan {
  const { present, lock, overlays: all } = state;
  const taken = takenSources(request, present, lock);
  const removed = request.remove === undefined ? undefined : fileName(request.remove);
  if (removed !== undefined && !present.some((each) => each.name === removed))
    throw new Error(
      `There is no ${removed} in openapi/ to remove. There is: ${present.map((each) => each.name).join(", ")}.`,
    );

  const next = new Map(present.filter((each) => each.name !== removed).map((each) => [each.name, each]));
  for (const { name, intake } of taken) next.set(name, { name, text: intake.text, document: intake.document });
  const vendored = [...next.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const overlays = all.filter((overlay) => overlay.extends !== removed);

  const documents = taken.map((each) => documentPlan(each, present, lock));
  const out = present.find((each) => each.name === removed);
  if (out) documents.push(removedPlan(out));
  const effects = documents.flatMap((each) => effectsOn(each, overlays));
  const unmatched = effects.flatMap((each) => each.unmatched);
  const elsewhere = vendored.flatMap(({ name, document }) =>
    taken
      .filter((each) => each.name !== name)
      .flatMap((each) =>
        saidElsewhere(
          document,
          overlays.filter((overlay) => overlay.extends === name),
          {
            name: each.name,
            document: each.intake.document,
          },
        ),
      ),
  );
  return {
    documents,
    unmatched,
    obsolete: [...effects.flatMap((each) => each.obsolete), ...elsewhere],
    removedOverlays: all.filter((overlay) => overlay.extends === removed).map((overlay) => overlay.name),
    vendored,
    overlays,
    ...(unmatched.length > 0 ? { effective: undefined } : effectiveOf(vendored, overlays)),
    files: changedFiles(request, taken, removed, all, lock),
  };
}

/** @throws {Error} when the provider's own documents contradict each other; what the overlays spoil is told. */
function effectiveOf(
  vendored: readonly VendoredDocument[],
  overlays: readonly Overlay[],
): Pick<Plan, "effective" | "clash"> {
  mergeDocuments(vendored);
  try {
    return { effective: effectiveDocument(vendored, overlays).document };
  } catch (error) {
    return { effective: undefined, clash: error instanceof Error ? error.message : String(error) };
  }
}

function loadPresent(dir: string): VendoredDocument[] {
  try {
    return loadVendored(dir);
  } catch (error) {
    if (error instanceof Error && /There is no OpenAPI document/.test(error.message)) return [];
    throw error;
  }
}

function readLock(dir: string): Lock {
  const path = join(dir, "vendor.lock.json");
  if (!existsSync(path)) return {};
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Lock;
  } catch (error) {
    throw new Error(`openapi/vendor.lock.json: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function takenSources(request: Request, present: readonly VendoredDocument[], lock: Lock): Taken[] {
  const taken = new Map<string, Taken>();
  for (const source of request.sources) {
    const label = source.label;
    const intake = intakeOf(source, label);
    requireStructure(intake.document, label);
    const name = nameFor(request, source, intake, present, lock);
    if (taken.has(name)) throw new Error(`Two of the sources would both be openapi/${name}.`);
    taken.set(name, { name, source, intake });
  }
  return [...taken.values()];
}

/** The name given; else that of the document that the source is a version of; else the source's own. */
function nameFor(
  request: Request,
  source: Source,
  intake: Intake,
  present: readonly VendoredDocument[],
  lock: Lock,
): string {
  if (request.name !== undefined) return fileName(request.name);
  const own = operationNames(intake.document).join("\n");
  const isSame = ({ name, document }: VendoredDocument): boolean =>
    operationNames(document).join("\n") === own ||
    (source.label.includes("://") && lock[name]?.source === source.label) ||
    // A page is about the operation that its fence names, whatever else its document holds.
    (intake.named !== undefined && operationNames(document).includes(intake.named));
  const same = present.find(isSame);
  if (same) return same.name;
  const name = source.name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  if (name === "") throw new Error("Say --name <name>: the source does not give the document one.");
  return `${name}.yaml`;
}

function fileName(name: string): string {
  const plain = name.replace(/\.ya?ml$/, "");
  if (!/^[a-z0-9][a-z0-9._-]*$/i.test(plain))
    throw new Error(`"${name}" cannot be a document's name: letters, digits, hyphens and dots only.`);
  return `${plain}.yaml`;
}

function operationNames(document: JsonObject): string[] {
  return operationsOf(document)
    .filter((operation) => !operation.callback)
    .map(({ method, path }) => `${method.toUpperCase()} ${path}`)
    .sort();
}

function documentPlan({ name, source, intake }: Taken, present: readonly VendoredDocument[], lock: Lock): DocumentPlan {
  const before = present.find((each) => each.name === name);
  const after = { name, text: intake.text, document: intake.document };
  const entry = entryOf({ name, source, intake }, "");
  const kept = lock[name];
  const samePage = kept?.page_sha256 === entry.page_sha256 && before?.text === intake.text;
  const status = !before ? "added" : samePage ? "unchanged" : before.text === intake.text ? "page changed" : "changed";
  return {
    name,
    status,
    form: intake.form,
    operations: operationNames(intake.document),
    notes: intake.notes,
    after,
    ...(before ? { before } : {}),
    ...(before && status !== "unchanged" ? { diff: diffDocuments(before.document, intake.document) } : {}),
  };
}

function removedPlan(before: VendoredDocument): DocumentPlan {
  const operations = operationNames(before.document);
  return { name: before.name, status: "removed", form: "document", operations, notes: [], before };
}

function effectsOn(plan: DocumentPlan, overlays: readonly Overlay[]) {
  const own = overlays.filter((overlay) => overlay.extends === plan.name);
  return plan.after && own.length > 0 ? [overlayEffects(plan.before?.document, plan.after.document, own)] : [];
}

function entryOf({ source, intake }: Taken, date: string): LockEntry {
  const entry = lockEntry(source.label, source.bytes, intake.text, intake.document, date);
  return intake.form === "page" ? entry : { ...entry, form: intake.form };
}

function changedFiles(
  request: Request,
  taken: readonly Taken[],
  removed: string | undefined,
  overlays: readonly Overlay[],
  lock: Lock,
): Files {
  const wanted = new Map<string, string | Uint8Array | null>();
  const entries: Record<string, LockEntry> = { ...lock };
  for (const each of taken) {
    const { name, source, intake } = each;
    const entry = entryOf(each, request.date);
    const kept = lock[name];
    const same = kept && kept.page_sha256 === entry.page_sha256 && kept.document_sha256 === entry.document_sha256;
    entries[name] = same ? kept : entry;
    wanted.set(pagePath(name), intake.form === "document" ? null : source.bytes);
    wanted.set(`openapi/${name}`, intake.text);
  }
  if (removed !== undefined) {
    delete entries[removed];
    wanted.set(pagePath(removed), null);
    wanted.set(`openapi/${removed}`, null);
    for (const overlay of overlays)
      if (overlay.extends === removed) wanted.set(`openapi/overlays/${overlay.name}`, null);
  }
  const sorted = Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)));
  wanted.set("openapi/vendor.lock.json", `${JSON.stringify(sorted, null, 2)}\n`);
  return differing(request.root, wanted);
}

function pagePath(name: string): string {
  return `openapi/pages/${name.replace(/\.yaml$/, ".md")}`;
}

/** Those of the files that are not on disk as they should be. */
export function differing(root: string, wanted: Files): Files {
  return new Map(
    [...wanted].filter(([path, content]) => {
      const file = join(root, path);
      if (content === null) return existsSync(file);
      return !existsSync(file) || !readFileSync(file).equals(Buffer.from(content));
    }),
  );
}
