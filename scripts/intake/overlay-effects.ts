/** What a changed document means for the overlays: actions that match nothing, and actions that are no longer needed. */
import { isDeepStrictEqual } from "node:util";
import { jsonpath } from "json-p3";
import type { NamedDocument } from "../../openapi/document/merge.js";
import {
  applyOverlays,
  type Overlay,
  type OverlayAction,
  type UnmatchedAction,
} from "../../openapi/document/overlay.js";
import { at, pointerOf } from "../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject } from "../../openapi/document/types.js";

export interface ActionEffect extends UnmatchedAction {
  readonly why: string;
}

export interface OverlayEffects {
  readonly unmatched: ActionEffect[];
  readonly obsolete: ActionEffect[];
}

/**
 * @param before the vendored document that the overlays were written for; `undefined` when there was none.
 * @param overlays those that extend this document, in order.
 * @param others documents that are taken in now, and may hold what an overlay adds to this one.
 */
export function overlayEffects(
  before: JsonObject | undefined,
  after: JsonObject,
  overlays: readonly Overlay[],
  others: readonly NamedDocument[],
): OverlayEffects {
  const effects: OverlayEffects = { unmatched: [], obsolete: [] };
  let old = before;
  let now = after;
  for (const overlay of overlays)
    for (const [index, action] of overlay.actions.entries()) {
      const add = (list: ActionEffect[], why: string) =>
        list.push({ overlay: overlay.name, index: index + 1, target: action.target, why });
      const one = [{ ...overlay, actions: [action] }];
      const { document, unmatched } = applyOverlays(now, one);
      // An overlay of the provider is written for pages that nobody has seen: it is never obsolete for one of them.
      if (overlay.extends === undefined) {
        now = document;
        continue;
      }
      const own = old === undefined ? [] : newPlaces(action, old, now);
      if (unmatched.length > 0) add(effects.unmatched, action.remove ? "nothing is left to remove" : "matches nothing");
      else if (isDeepStrictEqual(document, now)) add(effects.obsolete, "applying it changes nothing");
      else if (own.length > 0) add(effects.obsolete, `the page says itself now: ${own.join(", ")}`);
      for (const other of others) {
        // Documents are apart: only an operation means the same in two of them.
        const places = newPlaces(action, now, other.document).filter((place) => place.startsWith("#/paths/"));
        if (places.length > 0) add(effects.obsolete, `${other.name} says itself: ${places.join(", ")}`);
      }
      now = document;
      if (old !== undefined) old = applyOverlays(old, one).document;
    }
  return effects;
}

/** The topmost places that an update sets and that one document has of its own, where the other has none. */
function newPlaces({ target, update }: OverlayAction, lacking: JsonObject, having: JsonObject): string[] {
  const placesIn = (set: Json | undefined, old: Json | undefined, now: Json | undefined, pointer: string): string[] => {
    if (!isObject(set) || !isObject(now)) return [];
    return Object.entries(set).flatMap(([key, value]) => {
      if (!Object.hasOwn(now, key)) return [];
      const inner = pointer + pointerOf([key]);
      const known = isObject(old) && Object.hasOwn(old, key);
      return known ? placesIn(value, old[key], now[key], inner) : [`#${inner}`];
    });
  };
  return jsonpath.query(target, lacking).nodes.flatMap(({ location, value }) => {
    const pointer = pointerOf(location);
    return placesIn(update, value as Json, at(having, pointer), pointer);
  });
}
