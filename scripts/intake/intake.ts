/** From the bytes of a source to the document in it: a documentation page around it, or the document alone. */
import { documentOfPage } from "../../openapi/document/page.js";
import { keysIn } from "../../openapi/document/pointer.js";
import { type JsonObject, objectOf } from "../../openapi/document/types.js";
import { parseYaml } from "../../openapi/document/yaml.js";
import { shortened } from "./report.js";
import type { Source } from "./source.js";

export interface Intake {
  /** `page`: Markdown around an OpenAPI document. `document`: the document alone. */
  readonly form: "page" | "document";
  /** The document's text, byte for byte. */
  readonly text: string;
  readonly document: JsonObject;
  /** The operation that the fence's info string names, as `POST /v1/x`, where the document has it. */
  readonly named?: string;
  /** Pointers of empty `allOf`, `anyOf` and `oneOf`, which mean nothing: they are left out. */
  readonly repaired: readonly string[];
  /** Pointers of `nullable` without a `type`: null is allowed there. */
  readonly nullable: readonly string[];
  /** Words stand on the line of the page's fence. */
  readonly glued: boolean;
  /** What a reviewer must know about how the document was read. */
  readonly notes: readonly string[];
}

/** @throws {Error} saying why there is no document in it. */
export function intakeOf({ bytes, label }: Source): Intake {
  const page = textOf(bytes);
  const plain = isPlain(page, label);
  const { text, operation, glued = false } = plain ? { text: page, operation: "" } : documentOfPage(page);
  const document = parseYaml(text, label);
  const { notes, ...named } = namedIn(operation, document);
  const keys = [...keysIn(document)];
  const repaired = keys.flatMap(({ key, inner, pointer }) =>
    /^(?:allOf|anyOf|oneOf)$/.test(key) && Array.isArray(inner) && !inner.length ? [pointer] : [],
  );
  // In OpenAPI 3.1 it is not a keyword. Next to a $ref it counts for nothing.
  const nullable = keys.flatMap(({ key, inner, of, pointer }) => {
    const { type, $ref } = objectOf(of);
    const isTypeless = key === "nullable" && inner === true && type === undefined && $ref === undefined;
    return isTypeless && String(document.openapi).startsWith("3.0") ? [pointer] : [];
  });
  const repairs = [
    ...repaired.map((pointer) => `Repaired: #${pointer} is an empty list, which is left out.`),
    ...nullable.map((pointer) => `Repaired: #${pointer} has no type next to it: null is allowed there.`),
    ...(glued ? ["Repaired: words stand on the line of the page's fence; the fence is read as one."] : []),
  ];
  const form = plain ? "document" : "page";
  return { form, text, document, repaired, nullable, glued, ...named, notes: [...notes, ...shortened(repairs)] };
}

/** The name of the file that a source is; empty for standard input. */
export function fileOf(label: string): string {
  if (label === "stdin") return "";
  return label.includes("://") ? decodeURIComponent(new URL(label).pathname.split("/").at(-1) ?? "") : label;
}

function textOf(bytes: Uint8Array): string {
  if (bytes.length === 0) throw new Error("The source is empty.");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error("The source is not UTF-8 text.");
  }
}

function isPlain(page: string, label: string): boolean {
  if (/\.(?:ya?ml|json)$/i.test(fileOf(label))) return true;
  const text = page.replace(/^\uFEFF/, "");
  // Pages carry `openapi: post /v1/x` in their front matter: only a version makes a document.
  if (!/^\s*\{/.test(text) && !/^["']?(?:openapi|swagger)["']?[ \t]*:[ \t]*["']?\d/m.test(text)) return false;
  // A fence at the margin makes a page; inside a document, fences are indented in descriptions.
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
