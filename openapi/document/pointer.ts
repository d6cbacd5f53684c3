/** JSON pointers (RFC 6901) into a document, and local `$ref`s, which are pointers with a `#` before them. */
import { isObject, type Json, type JsonObject } from "./types.js";

export function pointerOf(steps: readonly (string | number)[]): string {
  return steps.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

export function stepsOf(pointer: string): string[] {
  if (pointer === "") return [];
  return pointer
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Whether a pointer is what a pattern means, in which a step `*` stands for any step. */
export function matching(pattern: string): (pointer: string) => boolean {
  const steps = pattern.split("/");
  return (pointer) => {
    const own = pointer.split("/");
    return own.length === steps.length && steps.every((step, index) => step === "*" || step === own[index]);
  };
}

/** Every key below a value, with its place and the place of its holder; examples and other data have none. */
export function* keysIn(
  value: Json,
  holder = "",
): Generator<{ key: string; inner: Json; of: Json; pointer: string; holder: string }> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value) as [string, Json][]) {
    const pointer = holder + pointerOf([key]);
    yield { key, inner, of: value, pointer, holder };
    if (!/^(?:examples?|default|enum|const|value|x-.*)$/.test(key)) yield* keysIn(inner, pointer);
  }
}

/** What is at a pointer; `undefined` when nothing is. */
export function at(document: Json, pointer: string): Json | undefined {
  let node: Json | undefined = document;
  for (const step of stepsOf(pointer)) {
    if (Array.isArray(node)) node = node[Number(step)];
    else if (isObject(node) && Object.hasOwn(node, step)) node = node[step];
    else return undefined;
  }
  return node;
}

/**
 * Follows `$ref` until something else is found. Returns it with the pointer of the place where it really is.
 *
 * @throws {Error} for a reference to nothing, to another file, or in a circle.
 */
export function resolve(document: JsonObject, pointer: string): { readonly value: Json; readonly pointer: string } {
  const seen = new Set<string>();
  for (let current = pointer; ; ) {
    const value = at(document, current);
    if (value === undefined) throw new Error(`$ref to nothing: #${current}`);
    const ref = isObject(value) ? value.$ref : undefined;
    if (typeof ref !== "string") return { value, pointer: current };
    if (!ref.startsWith("#")) throw new Error(`$ref to another file is not supported: ${ref} (at #${current})`);
    if (seen.has(ref)) throw new Error(`$ref in a circle: ${ref}`);
    seen.add(ref);
    current = decodeURIComponent(ref.slice(1));
  }
}
