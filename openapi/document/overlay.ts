/**
 * OpenAPI Overlay 1.0 (https://spec.openapis.org/overlay/v1.0.0.html): `update` merges, `remove` deletes.
 *
 * Our own, because the published appliers mishandle an update of an array target. Stricter than the standard in two
 * points: an action that matches nothing is an error, and every action gives its reason and its source.
 *
 * An overlay of the provider, `provider.*.overlay.yaml`, is for every document. Its actions may match nothing, and add to
 * their targets only the keys that these lack: what a page says itself stays as the page says it.
 */
import { jsonpath } from "json-p3";
import { at, pointerOf } from "./pointer.js";
import { propertiesOf } from "./properties.js";
import { isObject, type Json, type JsonObject } from "./types.js";

export interface OverlayAction {
  readonly target: string;
  readonly description?: string;
  readonly update?: Json;
  readonly remove?: boolean;
  /** Why the vendored document needs this. */
  readonly "x-reason": string;
  /** Where the fact comes from. */
  readonly "x-source": string;
  /** What makes the action obsolete, for actions that correct the provider's own word. */
  readonly "x-obsolete-when"?: string;
  /** For overlays of the provider: skips targets for which the `schema` next to them lacks this property. JSONPath follows no `$ref`. */
  readonly "x-where-property"?: string;
}

export interface Overlay {
  /** File name, for messages. */
  readonly name: string;
  /** The vendored document's file name, relative to `openapi/`; `undefined` for an overlay of the provider. */
  readonly extends: string | undefined;
  readonly title: string;
  readonly actions: readonly OverlayAction[];
}

/** Checks an overlay's own shape. @throws {Error} naming the file and the action. */
export function readOverlay(value: JsonObject, name: string): Overlay {
  if (typeof value.overlay !== "string" || !/^1\.0\./.test(value.overlay)) {
    throw new Error(`${name}: expected "overlay: 1.0.x", found ${JSON.stringify(value.overlay)}.`);
  }
  const info = isObject(value.info) ? value.info : {};
  if (typeof info.title !== "string" || typeof info.version !== "string")
    throw new Error(`${name}: info.title and info.version are required.`);
  const general = isGeneral(name);
  if (general ? value.extends !== undefined : typeof value.extends !== "string")
    throw new Error(
      `${name}: "extends" ${general ? "is for overlays of one document" : "must name the vendored document"}.`,
    );
  if (!Array.isArray(value.actions) || value.actions.length === 0)
    throw new Error(`${name}: "actions" must be a non-empty list.`);
  for (const [index, action] of value.actions.entries()) {
    const place = `${name}: action ${index + 1}`;
    if (!isObject(action) || typeof action.target !== "string") throw new Error(`${place} has no target.`);
    if (action.update === undefined && action.remove !== true)
      throw new Error(`${place} (${action.target}) neither updates nor removes.`);
    if (general && !isObject(action.update))
      throw new Error(`${place} (${action.target}) must add keys: an overlay of the provider does nothing else.`);
    const missing = ["x-reason", "x-source"].find((key) => typeof action[key] !== "string" || action[key] === "");
    if (missing !== undefined) throw new Error(`${place} (${action.target}) gives no ${missing}.`);
  }
  return {
    name,
    extends: typeof value.extends === "string" ? value.extends.replace(/^(\.\.?\/)+/, "") : undefined,
    title: info.title,
    actions: value.actions as unknown as OverlayAction[],
  };
}

/** Whether a file's name makes it an overlay of the provider. */
export function isGeneral(name: string): boolean {
  return name.startsWith("provider.");
}

/** The order of file names, those of the provider last. */
export function inFileOrder(a: { readonly name: string }, b: { readonly name: string }): number {
  return Number(isGeneral(a.name)) - Number(isGeneral(b.name)) || (a.name < b.name ? -1 : 1);
}

/** The overlays of one document in the order they are applied in: its own, then those of the provider. */
export function overlaysOf(document: string, overlays: readonly Overlay[]): Overlay[] {
  return [
    ...overlays.filter((overlay) => overlay.extends === document),
    ...overlays.filter((overlay) => overlay.extends === undefined),
  ];
}

export interface UnmatchedAction {
  readonly overlay: string;
  readonly index: number;
  readonly target: string;
}

export interface OverlayResult {
  readonly document: JsonObject;
  readonly unmatched: readonly UnmatchedAction[];
}

/** Applies overlays in order to a copy of the document and lists the actions that matched nothing. */
export function applyOverlays(document: JsonObject, overlays: readonly Overlay[]): OverlayResult {
  let current: Json = structuredClone(document);
  const unmatched: UnmatchedAction[] = [];
  for (const overlay of overlays) {
    const general = overlay.extends === undefined;
    overlay.actions.forEach((action, index) => {
      const locations = jsonpath.query(action.target, current).nodes.map((node) => node.location);
      if (general) {
        for (const location of locations) complete(current as JsonObject, pointerOf(location), action);
        return;
      }
      if (locations.length === 0) unmatched.push({ overlay: overlay.name, index: index + 1, target: action.target });
      // Backwards, so that removing an array's item does not shift the ones still to be removed.
      for (const location of locations.reverse()) {
        const key = location.at(-1);
        if (key === undefined) {
          if (!action.remove) current = merged(current, action.update as Json);
          continue;
        }
        const parent = at(current, pointerOf(location.slice(0, -1))) as Record<string | number, Json>;
        if (!action.remove) parent[key] = merged(parent[key] as Json, action.update as Json);
        else if (Array.isArray(parent)) parent.splice(Number(key), 1);
        else delete parent[key];
      }
    });
  }
  return { document: current as JsonObject, unmatched };
}

/** Adds the keys that the object at a pointer lacks. */
function complete(document: JsonObject, pointer: string, { update, ...action }: OverlayAction): void {
  const target = at(document, pointer);
  const property = action["x-where-property"];
  if (!isObject(target) || !isObject(update)) return;
  const schema = `${pointer.slice(0, pointer.lastIndexOf("/"))}/schema`;
  if (property !== undefined && !(at(document, schema) && propertiesOf(document, schema).has(property))) return;
  for (const [key, value] of Object.entries(update))
    if (!Object.hasOwn(target, key)) target[key] = structuredClone(value);
}

/** Objects merge key by key, an array target takes the update in as an item, arrays inside objects concatenate, the rest is replaced. */
function merged(target: Json, update: Json): Json {
  if (Array.isArray(target)) return [...target, structuredClone(update)];
  if (!isObject(target) || !isObject(update)) return structuredClone(update);
  const result: JsonObject = { ...target };
  for (const [key, value] of Object.entries(update)) {
    const own = Object.hasOwn(result, key) ? result[key] : undefined;
    if (Array.isArray(own) && Array.isArray(value)) result[key] = [...own, ...structuredClone(value)];
    else if (isObject(own) && isObject(value)) result[key] = merged(own, value);
    else result[key] = structuredClone(value);
  }
  return result;
}
