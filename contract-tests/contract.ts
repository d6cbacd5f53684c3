/** A document ready for the suite: its operations, its compiled schemas, its cases, and where each fact is written. */
import { LineCounter, parseDocument } from "yaml";
import { type EffectiveDocument, effectiveDocument, type VendoredDocument } from "../openapi/document/load.js";
import type { Overlay } from "../openapi/document/overlay.js";
import { at, stepsOf } from "../openapi/document/pointer.js";
import type { JsonObject } from "../openapi/document/types.js";
import { DocumentSchemas } from "../openapi/document/validation.js";
import type { Case } from "./cases/case.js";
import { callable, casesOf } from "./cases/derive.js";
import type { OperationModel } from "./cases/model.js";

/** Where a fact is written. */
export interface Source {
  /** Name of the vendored document or of the overlay. */
  readonly file: string;
  readonly line?: number;
  /** Written by the provider; else by an overlay. */
  readonly vendored: boolean;
}

export class Contract {
  readonly document: JsonObject;
  readonly vendored: readonly VendoredDocument[];
  readonly schemas: DocumentSchemas;
  readonly operations: readonly OperationModel[];
  readonly cases: readonly Case[];
  readonly #overlays: readonly Overlay[];
  readonly #lines = new Map<string, (steps: readonly string[]) => number | undefined>();
  readonly #byId: ReadonlyMap<string, OperationModel>;
  /** Documents after none, one, two… of the overlays, to say which of them wrote a fact. */
  #layers: readonly { readonly name: string; readonly document: JsonObject }[] | undefined;

  /** @throws {Error} for a document that does not hold together: a `$ref` to nothing, a schema that does not compile. */
  constructor(vendored: readonly VendoredDocument[], overlays: readonly Overlay[]) {
    this.vendored = vendored;
    this.#overlays = overlays;
    const effective: EffectiveDocument = effectiveDocument(vendored, overlays);
    const [unmatched] = effective.unmatched;
    if (unmatched)
      throw new Error(`${unmatched.overlay}, action ${unmatched.index}: ${unmatched.target} matches nothing.`);
    this.document = effective.document;
    this.schemas = new DocumentSchemas(this.document);
    this.operations = callable(this.document);
    this.#byId = new Map(this.operations.map((operation) => [operation.id, operation]));
    this.cases = casesOf(this.document, this.schemas);
    if (this.cases.length === 0) throw new Error("The document holds no operation to test.");
  }

  operation(id: string): OperationModel {
    const found = this.#byId.get(id);
    if (!found) throw new Error(`No operation ${id} in the document.`);
    return found;
  }

  /** The file and line of a fact; of the nearest thing around it where it has no line of its own. */
  source(pointer: string): Source | undefined {
    const steps = stepsOf(pointer);
    for (const { name, text, document } of this.vendored) {
      if (at(document, pointer) === undefined) continue;
      let find = this.#lines.get(name);
      if (!find) {
        find = lineFinder(text);
        this.#lines.set(name, find);
      }
      const line = find(steps);
      return { file: name, vendored: true, ...(line === undefined ? {} : { line }) };
    }
    if (!this.#layers) {
      this.#layers = this.#overlays.map((overlay, index) => ({
        name: overlay.name,
        document: effectiveDocument(this.vendored, this.#overlays.slice(0, index + 1)).document,
      }));
    }
    const layer = this.#layers.find((each) => at(each.document, pointer) !== undefined);
    return layer ? { file: layer.name, vendored: false } : undefined;
  }

  /** Whether the provider's own document says it. */
  isVendored(pointer: string): boolean {
    return this.vendored.some(({ document }) => at(document, pointer) !== undefined);
  }
}

function lineFinder(text: string): (steps: readonly string[]) => number | undefined {
  const counter = new LineCounter();
  const parsed = parseDocument(text, { schema: "core", version: "1.2", lineCounter: counter });
  return (steps) => {
    for (let length = steps.length; length > 0; length--) {
      const path = steps.slice(0, length).map((step) => (/^\d+$/.test(step) ? [step, Number(step)] : [step]));
      const offset = offsetOf(parsed, path);
      if (offset !== undefined) return counter.linePos(offset).line;
    }
    return undefined;
  };
}

/** The offset of a pair's key, or of a list's item. */
function offsetOf(
  parsed: ReturnType<typeof parseDocument>,
  path: readonly (readonly (string | number)[])[],
): number | undefined {
  let node: unknown = parsed.contents;
  let offset: number | undefined;
  for (const names of path) {
    const items = itemsOf(node);
    const found = items.find((item, index) =>
      names.some((name) => (isPair(item) ? String(keyOf(item)) === String(name) : index === name)),
    );
    if (found === undefined) return undefined;
    offset = isPair(found) ? startOf(found.key) : startOf(found);
    node = isPair(found) ? found.value : found;
  }
  return offset;
}

interface PairLike {
  readonly key: unknown;
  readonly value: unknown;
}

function isPair(value: unknown): value is PairLike {
  return typeof value === "object" && value !== null && "key" in value && "value" in value;
}

function keyOf(pair: PairLike): unknown {
  const { key } = pair;
  return typeof key === "object" && key !== null && "value" in key ? key.value : key;
}

function itemsOf(node: unknown): readonly unknown[] {
  return typeof node === "object" && node !== null && "items" in node && Array.isArray(node.items) ? node.items : [];
}

function startOf(node: unknown): number | undefined {
  const range: unknown = typeof node === "object" && node !== null && "range" in node ? node.range : undefined;
  return Array.isArray(range) && typeof range[0] === "number" ? range[0] : undefined;
}
