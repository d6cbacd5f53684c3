/** What a changed document means for the overlays: actions that match nothing, and actions that it made needless. */
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
  for (const overlay of overlays) {
    overlay.actions.forEach((action, index) => {
      const effect = (why: string): ActionEffect => ({
        overlay: overlay.name,
        index: index + 1,
        target: action.target,
        why,
      });
      const one: Overlay = { ...overlay, actions: [action] };
      const result = applyOverlays(now, [one]);
      if (result.unmatched.length > 0)
        unmatched.push(effect(action.remove ? "nothing is left to remove" : "matches nothing"));
      else if (isDeepStrictEqual(result.document, now)) obsolete.push(effect("applying it changes nothing"));
      else {
        const own = old === undefined ? [] : newlyPresent(action, old, now);
        if (own.length > 0)
          obsolete.push(effect(`the page says itself now: ${own.map((each) => `#${each}`).join(", ")}`));
      }
      now = result.document;
      if (old !== undefined) old = applyOverlays(old, [one]).document;
    });
  }
  return { unmatched, obsolete };
}

/** Actions that add to one document what another one says itself: the page of that operation was taken in meanwhile. */
export function saidElsewhere(
  own: JsonObject,
  overlays: readonly Overlay[],
  other: { readonly name: string; readonly document: JsonObject },
): ActionEffect[] {
  return overlays.flatMap((overlay) =>
    overlay.actions.flatMap((action, index): ActionEffect[] => {
      const { update } = action;
      if (!isObject(update)) return [];
      const places = jsonpath.query(action.target, own).nodes.flatMap((node) => {
        const pointer = pointerOf(node.location);
        return Object.keys(update)
          .map((key) => pointer + pointerOf([key]))
          .filter((inner) => at(own, inner) === undefined && at(other.document, inner) !== undefined);
      });
      const why = `${other.name} says itself: ${places.map((each) => `#${each}`).join(", ")}`;
      return places.length > 0 ? [{ overlay: overlay.name, index: index + 1, target: action.target, why }] : [];
    }),
  );
}

/** The topmost places that an update sets and that the new document has of its own, where the old one had none. */
function newlyPresent(action: OverlayAction, before: JsonObject, after: JsonObject): string[] {
  const { update } = action;
  if (!isObject(update)) return [];
  return jsonpath.query(action.target, after).nodes.flatMap((node) => {
    const pointer = pointerOf(node.location);
    const places: string[] = [];
    compare(update, at(before, pointer), node.value as Json, pointer, places);
    return places;
  });
}

function compare(update: JsonObject, old: Json | undefined, now: Json, pointer: string, places: string[]): void {
  if (!isObject(now)) return;
  for (const [key, value] of Object.entries(update)) {
    if (!Object.hasOwn(now, key)) continue;
    const inner = pointer + pointerOf([key]);
    if (!isObject(old) || !Object.hasOwn(old, key)) places.push(inner);
    else if (isObject(value)) compare(value, old[key], now[key] as Json, inner, places);
  }
}
