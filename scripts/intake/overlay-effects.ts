/** What a changed document means for the overlays: actions that match nothing, and actions that are no longer needed. */
import { isDeepStrictEqual } from "node:util";
import { jsonpath } from "json-p3";
import { applyOverlays, type Overlay, type OverlayAction } from "../../openapi/document/overlay.js";
import { at, pointerOf } from "../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject } from "../../openapi/document/types.js";

export interface ActionEffect {
  readonly overlay: string;
  /** From 1. */
  readonly index: number;
  readonly target: string;
  readonly why: string;
}

export interface OverlayEffects {
  readonly unmatched: readonly ActionEffect[];
  readonly obsolete: readonly ActionEffect[];
}

/**
 * @param before the vendored document that the overlays were written for; `undefined` when there was none.
 * @param overlays those that extend this document, in order.
 */
export function overlayEffects(
  before: JsonObject | undefined,
  after: JsonObject,
  overlays: readonly Overlay[],
): OverlayEffects {
  const unmatched: ActionEffect[] = [];
  const obsolete: ActionEffect[] = [];
  let old = before;
  let now = after;
  for (const { action, one, effect } of actionsOf(overlays)) {
    const result = applyOverlays(now, [one]);
    const own = old === undefined ? [] : newlyPresent(action, old, now);
    if (result.unmatched.length > 0)
      unmatched.push(effect(action.remove ? "nothing is left to remove" : "matches nothing"));
    else if (isDeepStrictEqual(result.document, now)) obsolete.push(effect("applying it changes nothing"));
    else if (own.length > 0) obsolete.push(effect(`the page says itself now: ${own.join(", ")}`));
    now = result.document;
    if (old !== undefined) old = applyOverlays(old, [one]).document;
  }
  return { unmatched, obsolete };
}

/** Actions that add to one document what another one says itself: the page of that operation was taken in meanwhile. */
export function saidElsewhere(
  own: JsonObject,
  overlays: readonly Overlay[],
  other: { readonly name: string; readonly document: JsonObject },
): ActionEffect[] {
  return actionsOf(overlays).flatMap(({ action: { target, update }, effect }) => {
    const places = jsonpath.query(target, own).nodes.flatMap(({ location }) => {
      const keys = isObject(update) ? Object.keys(update) : [];
      const pointers = keys.map((key) => pointerOf([...location, key]));
      return pointers.filter((each) => at(own, each) === undefined && at(other.document, each) !== undefined);
    });
    const list = places.map((each) => `#${each}`).join(", ");
    return places.length > 0 ? [effect(`${other.name} says itself: ${list}`)] : [];
  });
}

function actionsOf(overlays: readonly Overlay[]) {
  return overlays.flatMap((overlay) =>
    overlay.actions.map((action, index) => ({
      action,
      /** The overlay with this action alone. */
      one: { ...overlay, actions: [action] },
      effect: (why: string): ActionEffect => ({ overlay: overlay.name, index: index + 1, target: action.target, why }),
    })),
  );
}

/** The topmost places that an update sets and that the new document has of its own, where the old one had none. */
function newlyPresent({ target, update }: OverlayAction, before: JsonObject, after: JsonObject): string[] {
  const placesIn = (set: Json | undefined, old: Json | undefined, now: Json, pointer: string): string[] => {
    if (!isObject(set) || !isObject(now)) return [];
    return Object.entries(set).flatMap(([key, value]) => {
      if (!Object.hasOwn(now, key)) return [];
      const inner = pointer + pointerOf([key]);
      const known = isObject(old) && Object.hasOwn(old, key);
      return known ? placesIn(value, old[key], now[key] as Json, inner) : [`#${inner}`];
    });
  };
  return jsonpath.query(target, after).nodes.flatMap((node) => {
    const pointer = pointerOf(node.location);
    return placesIn(update, at(before, pointer), node.value as Json, pointer);
  });
}
