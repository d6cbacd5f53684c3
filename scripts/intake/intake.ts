/** From the bytes of a source to the document in it, whatever form it comes in. */
import { fenceOfPage } from "../../openapi/document/page.js";
import { type JsonObject, objectOf } from "../../openapi/document/types.js";
import { parseYaml } from "../../openapi/document/yaml.js";
import { convertOldForm, writeConverted } from "./old-form.js";
import type { Source } from "./source.js";

/** `page`: Markdown around an OpenAPI document. `old`: Markdown around the older form. `document`: the document alone. */
export type Form = "page" | "old" | "document";

export interface Intake {
  readonly form: Form;
  /** The document's text: the source's own bytes, but for the older form, which is converted. */
  readonly text: string;
  readonly document: JsonObject;
  /** The fence's info string behind its language, e.g. `post /v1/x`; empty for a plain document. */
  readonly operation: string;
  /** The operation that it names, as `POST /v1/x`, where the document has it. */
  readonly named?: string;
  /** What a reviewer must know about how the document was read. */
  readonly notes: readonly string[];
}

/** @throws {Error} saying why there is no document in it. */
export function intakeOf(source: Pick<Source, "bytes" | "ending">, name: string): Intake {
  const page = textOf(source.bytes);
  if (isPlain(page, source.ending)) {
    return { form: "document", text: page, document: parseYaml(page, name), operation: "", notes: [] };
  }
  const { form, text, operation } = fenceOfPage(page);
  const value = parseYaml(text, name);
  if (form === "openapi") return { form: "page", text, document: value, operation, ...namedIn(operation, value) };
  const { document, lost } = convertOldForm(value, page);
  return { form: "old", text: writeConverted(document, lost), document, operation, notes: lost };
}

function textOf(bytes: Uint8Array): string {
  if (bytes.length === 0) throw new Error("The source is empty.");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error("The source is not UTF-8 text.");
  }
}

function isPlain(page: string, ending: string): boolean {
  if (/^\.(?:ya?ml|json)$/.test(ending)) return true;
  const text = page.replace(/^\uFEFF/, "");
  // Pages carry `openapi: post /v1/x` in their front matter: only a version makes a document.
  if (!/^\s*\{/.test(text) && !/^["']?(?:openapi|swagger)["']?[ \t]*:[ \t]*["']?\d/m.test(text)) return false;
  // A fence at the margin makes a page; inside a document, fences stand in indented descriptions.
  return !/^(?:`{3,}|~{3,})/m.test(text);
}

/** The info string names one operation; a page whose document lacks it is worth a look. */
function namedIn(operation: string, value: JsonObject): Pick<Intake, "named" | "notes"> {
  const found = /(?:^|\s)(get|put|post|delete|options|head|patch|trace)\s+(\/\S*)\s*$/i.exec(operation);
  if (!found) return { notes: [] };
  const [, method = "", path = ""] = found;
  const named = `${method.toUpperCase()} ${path}`;
  if (Object.hasOwn(objectOf(objectOf(value.paths)[path]), method.toLowerCase())) return { named, notes: [] };
  return { notes: [`The page's fence names ${named}, which its document does not have.`] };
}
