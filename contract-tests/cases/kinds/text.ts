import { at } from "../../../openapi/document/pointer.js";
import type { Json } from "../../../openapi/document/types.js";
import type { Bases } from "../base.js";
import { type Flat, itemsOf, propertyOf } from "../flat.js";
import type { Path } from "../path.js";
import type { Variant } from "../values.js";

/**
 * A variant as text can say it. On the wire every parameter and form field is text: a number as string is the number,
 * a text is never of the wrong type, and emptiness is absence. Wrong types are said by a word instead.
 */
export function inText(bases: Bases, flat: Flat, variant: Variant, path: boolean): Variant | undefined {
  const value = variant.path.length === 0 ? variant.value : leafOf(variant.value, variant.path);
  if (variant.rule === "required" || variant.name.startsWith("left out")) return path ? undefined : variant;
  if (value === null || value === "") return undefined;
  if (path && typeof value === "string" && /[/\\]|^\.+$/.test(value)) return undefined;
  if (Array.isArray(value) && value.length === 0) return undefined;
  if (variant.rule === "type") {
    if (variant.name === "fraction") return variant;
    // "contract" for a number or a boolean is the one wrong type that text can have.
    return typeof value === "string" && value === "contract" && isTextual(bases, flat, variant.path)
      ? variant
      : undefined;
  }
  return variant;
}

/**
 * Everything here is text on the wire, so whatever is accepted puts these types to the test; and octets are whatever comes.
 */
export function textTypes(bases: Bases, flat: Flat, inside: readonly string[] = []): string[] {
  const around = [...inside, ...flat.sources];
  const own = flat.types.some((type) => /string|array|object/.test(type)) ? flat.said.type : undefined;
  const octets = flat.schema.format === "binary" ? flat.said.format : undefined;
  const below = [
    itemsOf(bases.document, flat),
    ...Object.keys(flat.properties).map((name) => propertyOf(bases.document, flat, name)),
  ];
  return [
    ...[own, octets].filter((pointer) => pointer !== undefined),
    // A schema inside itself: no text says it.
    ...below.flatMap((one) =>
      one && !one.sources.some((source) => around.includes(source)) ? textTypes(bases, one, around) : [],
    ),
  ];
}

/** Whether the place is a text on the wire: a leaf, however deep. */
function isTextual(bases: Bases, flat: Flat, path: Path): boolean {
  let here: Flat | undefined = flat;
  for (const step of path) {
    if (!here) return true;
    here = typeof step === "number" ? itemsOf(bases.document, here) : propertyOf(bases.document, here, step);
  }
  return !here || !(here.types.includes("array") || here.types.includes("object"));
}

function leafOf(value: Json, path: Path): Json {
  let node: Json | undefined = value;
  for (const step of path)
    node = at({ here: node ?? null }, `/here/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`);
  return node ?? null;
}
