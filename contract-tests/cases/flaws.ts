/** Where a document contradicts itself: an example, a default or a value of an enum that its own schema does not accept. */
import { stepsOf } from "../../openapi/document/pointer.js";
import type { Json, JsonObject } from "../../openapi/document/types.js";
import type { Direction, DocumentSchemas } from "../../openapi/document/validation.js";
import { type DocumentExample, examplesOf, statedOf } from "./examples.js";
import { type SchemaFault, schemaFaults } from "./schema-faults.js";
import { valueAt } from "./variants.js";

export interface Flaw extends DocumentExample {
  readonly faults: readonly SchemaFault[];
}

const DIRECTIONS: Partial<Record<DocumentExample["of"], Direction>> = {
  request: "request",
  parameter: "request",
  response: "response",
  header: "response",
};

export class Flaws {
  readonly all: readonly Flaw[];
  readonly #values: ReadonlySet<string>;

  constructor(document: JsonObject, schemas: DocumentSchemas) {
    this.all = [...examplesOf(document), ...statedOf(document)].flatMap((example) => {
      const { schema, value, of } = example;
      const faults = schema === undefined ? [] : schemaFaults(schemas, schema, value, DIRECTIONS[of] ?? "any");
      return faults.length === 0 ? [] : [{ ...example, faults }];
    });
    this.#values = new Set(this.all.map(({ value }) => JSON.stringify(value)));
  }

  at(pointer: string): Flaw | undefined {
    return this.all.find((flaw) => flaw.pointer === pointer);
  }

  /** Whether what is wrong at a place of a mock's response is what the document itself says wrongly there or around it. */
  explain(value: Json, path: string): boolean {
    const steps = stepsOf(path);
    return [...steps, ""].some((_, depth) => this.#values.has(JSON.stringify(valueAt(value, steps.slice(0, depth)))));
  }
}
