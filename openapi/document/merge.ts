import { meansTheSame } from "./prose.js";
import { type Json, type JsonObject, objectOf } from "./types.js";

/**
 * Merges documents of one provider into one. Paths and components are united; what two documents both define must mean
 * the same, since a `$ref` could otherwise mean either. Where only its words differ, the first document's stand.
 *
 * @throws {Error} naming both documents and the place where they differ.
 */
export function mergeDocuments(
  documents: readonly { readonly name: string; readonly document: JsonObject }[],
): JsonObject {
  const [first, ...rest] = documents;
  if (!first) throw new Error("There is no document in openapi/: vendor a page first.");
  const result = structuredClone(first.document);
  for (const { name, document } of rest) {
    const clash = (place: string): Error =>
      new Error(
        `${name} and a document before it (${first.name} or later) define ${place} differently: they cannot be one document. If the provider changed it, take the newer pages in together.`,
      );
    // 3.0.0 and 3.0.3 mean the same; 3.0 and 3.1 read schemas differently.
    if (minor(result.openapi) !== minor(document.openapi)) throw clash("openapi");
    for (const key of ["servers", "security"]) {
      if (!meansTheSame(result[key], document[key])) throw clash(key);
    }
    uniteTwoLevels(result, document, "paths", clash);
    uniteTwoLevels(result, document, "components", clash);
  }
  return result;
}

function minor(version: Json | undefined): string {
  return String(version).split(".").slice(0, 2).join(".");
}

/** `paths` (path, then method) and `components` (kind, then name) have the same shape. */
function uniteTwoLevels(into: JsonObject, from: JsonObject, section: string, clash: (place: string) => Error): void {
  const target = objectOf(into[section]);
  into[section] = target;
  for (const [outer, members] of Object.entries(objectOf(from[section]))) {
    const group = objectOf(target[outer]);
    target[outer] = group;
    for (const [inner, value] of Object.entries(objectOf(members))) {
      if (!Object.hasOwn(group, inner)) group[inner] = structuredClone(value);
      else if (!meansTheSame(group[inner], value)) throw clash(`${section} › ${outer} › ${inner}`);
    }
  }
}
