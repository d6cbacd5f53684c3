/** What of a value can be said where everything is text: in parameters and in fields of forms. */
import type { JsonObject } from "../../../openapi/document/types.js";
import { type Flat, itemsOf, propertyOf } from "../flat.js";
import { type Path, type Variant, valueAt } from "../variants.js";

/**
 * Whether text can say a variant: a number as string is the number, a text is never of the wrong type, and emptiness is
 * absence. Wrong types are said by a word instead.
 */
export function saysInText(document: JsonObject, flat: Flat, variant: Variant, inPath: boolean): boolean {
  const value = valueAt(variant.value, variant.path);
  if (variant.rule === "required") return !inPath;
  if (value === null || value === "" || (Array.isArray(value) && value.length === 0)) return false;
  if (inPath && typeof value === "string" && /[/\\]|^\.+$/.test(value)) return false;
  if (variant.rule !== "type" || variant.good || variant.name === "fraction") return true;
  // "contract" for a number or a boolean is the one wrong type that text can have.
  return value === "contract" && isLeaf(document, flat, variant.path);
}

/** The types that are text anyway, so that any accepted value tests them; octets are any text, too. */
export function textTypes(document: JsonObject, flat: Flat, inside: readonly string[] = []): string[] {
  const around = [...inside, ...flat.sources];
  const own = flat.types.some((type) => /string|array|object/.test(type)) ? flat.said.type : undefined;
  const octets = flat.schema.format === "binary" ? flat.said.format : undefined;
  const below = [
    itemsOf(document, flat),
    ...Object.keys(flat.properties).map((name) => propertyOf(document, flat, name)),
  ];
  return [
    ...[own, octets].filter((pointer) => pointer !== undefined),
    // A schema inside itself: no text says it.
    ...below.flatMap((one) =>
      one && !one.sources.some((source) => around.includes(source)) ? textTypes(document, one, around) : [],
    ),
  ];
}

/** Whether the place, however deep, is a single text on the wire. */
function isLeaf(document: JsonObject, flat: Flat, path: Path): boolean {
  let here: Flat | undefined = flat;
  for (const step of path)
    here = here && (typeof step === "number" ? itemsOf(document, here) : propertyOf(document, here, step));
  return !here?.types.some((type) => type === "array" || type === "object");
}
