/** A document ready for the suite: its operations, its compiled schemas, its cases, and where each fact is written. */
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { effectiveDocument, type VendoredDocument } from "../openapi/document/load.js";
import type { Overlay } from "../openapi/document/overlay.js";
import { at, stepsOf } from "../openapi/document/pointer.js";
import type { JsonObject } from "../openapi/document/types.js";
import { DocumentSchemas } from "../openapi/document/validation.js";
import type { Case } from "./cases/case.js";
import { callable, casesOf } from "./cases/derive.js";
import { Flaws } from "./cases/flaws.js";
import type { OperationModel } from "./cases/model.js";

/** Where a fact is written. */
export interface Source {
  /** Name of the vendored document or of the overlay. */
  readonly file: string;
  readonly line?: number | undefined;
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
  readonly #byId: ReadonlyMap<string, OperationModel>;
  readonly #lines = new Map<VendoredDocument, LineFinder>();
  #flaws: Flaws | undefined;
  /** Documents after one, two… of the overlays, to say which of them wrote a fact. */
  #layers: readonly { readonly name: string; readonly document: JsonObject }[] | undefined;

  /** @throws {Error} for a document that does not hold together: a `$ref` to nothing, a schema that does not compile. */
  constructor(vendored: readonly VendoredDocument[], overlays: readonly Overlay[]) {
    this.vendored = vendored;
    this.#overlays = overlays;
    const { document, unmatched } = effectiveDocument(vendored, overlays);
    for (const { overlay, index, target } of unmatched)
      throw new Error(`${overlay}, action ${index}: ${target} matches nothing.`);
    this.document = document;
    this.schemas = new DocumentSchemas(document);
    this.operations = callable(document);
    this.#byId = new Map(this.operations.map((operation) => [operation.id, operation]));
    this.cases = casesOf(document, this.schemas);
    if (this.cases.length === 0) throw new Error("The document has no operation to test.");
  }

  /** Where the document contradicts itself. */
  get flaws(): Flaws {
    this.#flaws ??= new Flaws(this.document, this.schemas);
    return this.#flaws;
  }

  operation(id: string): OperationModel {
    const found = this.#byId.get(id);
    if (!found) throw new Error(`There is no operation ${id} in the document.`);
    return found;
  }

  /** The file and line of a fact; of the nearest thing around it where it has no line of its own. */
  source(pointer: string): Source | undefined {
    const own = this.vendored.find(({ document }) => at(document, pointer) !== undefined);
    if (own) {
      const find = this.#lines.get(own) ?? lineFinder(own.text);
      this.#lines.set(own, find);
      return { file: own.name, line: find(stepsOf(pointer)), vendored: true };
    }
    this.#layers ??= this.#overlays.map(({ name }, index) => ({
      name,
      document: effectiveDocument(this.vendored, this.#overlays.slice(0, index + 1)).document,
    }));
    const layer = this.#layers.find((each) => at(each.document, pointer) !== undefined);
    return layer && { file: layer.name, vendored: false };
  }

  /** Whether the provider's own document says it. */
  isVendored(pointer: string): boolean {
    return this.vendored.some(({ document }) => at(document, pointer) !== undefined);
  }
}

type LineFinder = (steps: readonly string[]) => number | undefined;

/** Finds the line of a key or an item; of the last one that is there. */
function lineFinder(text: string): LineFinder {
  const counter = new LineCounter();
  const parsed = parseDocument(text, { schema: "core", version: "1.2", lineCounter: counter });
  return (steps) => {
    let node: unknown = parsed.contents;
    let found: unknown;
    for (const step of steps) {
      // Keys such as 200 are numbers in YAML.
      const pair = isMap(node)
        ? node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === step)
        : undefined;
      const next = isSeq(node) ? node.items[Number(step)] : pair?.value;
      if (next === undefined || next === null) break;
      found = pair ? pair.key : next;
      node = next;
    }
    const offset = (found as Node | undefined)?.range?.[0];
    return offset === undefined ? undefined : counter.linePos(offset).line;
  };
}
