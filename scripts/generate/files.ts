import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  effectiveDocuments,
  loadOverlays,
  loadVendored,
  ownersOf,
  requireMatches,
} from "../../openapi/document/load.js";
import type { NamedDocument } from "../../openapi/document/merge.js";
import { folderOf } from "../../openapi/document/names.js";
import type { JsonObject } from "../../openapi/document/types.js";
import { constantsOf } from "./constants.js";
import { contractModule, fieldsModule, taskOperationsOf } from "./contracts.js";
import { defaultOperation, joinedPaths } from "./joined-paths.js";
import { typesOf } from "./types.js";
import { validatorsOf } from "./validators.js";
import { differing, type Files } from "./write.js";

/** What `generated/` must hold, by path in it: a pure function of `openapi/`. */
export async function generatedFiles(openapiDir?: string): Promise<ReadonlyMap<string, string>> {
  const vendored = loadVendored(openapiDir);
  const { documents, unmatched } = effectiveDocuments(vendored, loadOverlays(openapiDir));
  requireMatches(unmatched);
  return await allFiles(documents, ownersOf(vendored));
}

/** A folder for each document, an index that joins their paths, and the default operation. @param owners who has an operation in its own words. */
export async function allFiles(
  documents: readonly NamedDocument[],
  owners: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  if (documents.length === 0) throw new Error("There is no document in openapi/: vendor a page first.");
  const files = new Map([["index.ts", joinedPaths(documents, owners)]]);
  const standard = defaultOperation(documents, owners);
  if (standard !== undefined) files.set("default.ts", standard);
  for (const { name, document } of documents) {
    try {
      for (const [file, text] of await filesOf(document)) files.set(`${folderOf(name)}/${file}`, text);
    } catch (error) {
      throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return files;
}

export async function filesOf(document: JsonObject): Promise<ReadonlyMap<string, string>> {
  const [types, validators] = await Promise.all([typesOf(document), validatorsOf(document)]);
  const contracts = taskOperationsOf(document).flatMap((task) => [
    [`operations/${task.id}.ts`, contractModule(task, validators.names)] as const,
    [`operations/${task.id}.fields.ts`, fieldsModule(document, task, validators.names)] as const,
  ]);
  return new Map([
    ...contracts,
    ["constants.ts", constantsOf(document)],
    ["openapi.json", `${JSON.stringify(document, null, 2)}\n`],
    ["schema.ts", types],
    ...Object.entries(validators.files),
  ]);
}

/** What a `generated/` folder lacks: new content by path in it, `null` for a file that is not wanted. */
export function staleFiles(dir: string, wanted: ReadonlyMap<string, string>): Files {
  const present = existsSync(dir) ? readdirSync(dir, { recursive: true, encoding: "utf8" }) : [];
  const files = present.filter((name) => statSync(join(dir, name)).isFile());
  return differing(dir, new Map([...files.map((name) => [name, null] as const), ...wanted]));
}
