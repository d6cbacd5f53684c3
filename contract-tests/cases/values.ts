/** Single changes to a valid value: those that must pass and those that must not, each with the rule it is about. */
import type { Json, JsonObject } from "../../openapi/document/types.js";
import { isObject } from "../../openapi/document/types.js";
import { badOf } from "./bad-values.js";
import type { Builder } from "./build.js";
import type { Draft } from "./draft.js";
import { choose, type Flat, itemsOf, mapOf, propertyOf } from "./flat.js";
import { goodOf } from "./good-values.js";
import { type Path, removeAt, replaceAt, valueAt } from "./path.js";

export interface Variant {
  readonly good: boolean;
  /** What was changed, in words: `below minimum`. */
  readonly name: string;
  /** The place that was changed. */
  readonly path: Path;
  /** The whole value with the change in it. */
  readonly value: Json;
  /** Keyword that a bad value breaks. */
  readonly rule?: string;
  /** Pointers of the keywords that the change is about. */
  readonly covers: readonly string[];
  /** Means something only to the provider. */
  readonly opaque?: boolean;
  /** Why a provider is not asked this. */
  readonly mockOnly?: string;
}

/** Every single change to `root` at `path` and below. */
export function* variantsOf(builder: Builder, flat: Flat, path: Path, root: Json): Generator<Variant> {
  const value = valueAt(root, path);
  const whole = (good: boolean, draft: Draft): Variant => ({
    good,
    name: draft.name,
    path,
    value: replaceAt(root, path, draft.value),
    covers: draft.covers.filter((pointer): pointer is string => pointer !== undefined),
    ...(draft.rule === undefined ? {} : { rule: draft.rule }),
    ...(draft.opaque ? { opaque: true } : {}),
    ...(draft.mockOnly === undefined ? {} : { mockOnly: draft.mockOnly }),
  });
  const [group] = flat.branches;
  if (group) {
    if (flat.nullable) yield whole(true, { name: "null", value: null, covers: [flat.said.nullable] });
    for (const [index, pointer] of group.pointers.entries()) {
      const branch = choose(builder.document, flat, index);
      const label = `${group.keyword} ${index + 1}`;
      for (const size of ["smallest", "full"] as const) {
        yield whole(true, { name: `${label}, ${size}`, value: builder.build(branch, size), covers: [pointer] });
      }
      const full = replaceAt(root, path, builder.build(branch, "full"));
      for (const inner of variantsOf(builder, branch, path, full)) yield { ...inner, name: `${inner.name} (${label})` };
    }
    return;
  }
  for (const draft of goodOf(builder, flat, value)) yield whole(true, draft);
  for (const draft of badOf(builder, flat, value)) yield whole(false, draft);
  if (isObject(value)) yield* membersOf(builder, flat, path, root, value);
  if (Array.isArray(value)) {
    const items = itemsOf(builder.document, flat);
    if (items && value.length > 0) yield* variantsOf(builder, items, [...path, 0], root);
  }
}

function* membersOf(builder: Builder, flat: Flat, path: Path, root: Json, value: JsonObject): Generator<Variant> {
  const map = mapOf(builder.document, flat);
  for (const name of Object.keys(value)) {
    const inner = propertyOf(builder.document, flat, name) ?? map;
    const here = [...path, name];
    const requirement = Object.hasOwn(flat.required, name) ? flat.required[name] : undefined;
    const without = removeAt(root, here);
    if (requirement !== undefined) {
      yield { good: false, name: "missing", path: here, value: without, rule: "required", covers: [requirement] };
    } else {
      yield { good: true, name: "left out", path: here, value: without, covers: [...(flat.properties[name] ?? [])] };
    }
    if (inner) yield* variantsOf(builder, inner, here, root);
  }
}
