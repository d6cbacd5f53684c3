/** What a changed document means for the overlays: actions that match nothing, and actions that are no longer needed. */
import { isDeepStrictEqual } from "node:util";
import { jsonpath } from "json-p3";
import { meansTheSame } from "../../openapi/document/compare.js";
import type { NamedDocument } from "../../openapi/document/merge.js";
import { applyOverlays, type Overlay, type UnmatchedAction } from "../../openapi/document/overlay.js";
import { at, pointerOf } from "../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject, objectOf } from "../../openapi/document/types.js";
import { isPrinted } from "./task-template.js";

export interface ActionEffect extends UnmatchedAction {
  /** The document that the overlay extends. */
  readonly document: string;
  readonly why: string;
}

export interface OverlayEffects {
  readonly unmatched: ActionEffect[];
  /** Not needed for any of their targets: they can be deleted. */
  readonly obsolete: ActionEffect[];
  /** Needed for some of what they set only. */
  readonly partly: ActionEffect[];
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
  const effects: OverlayEffects = { unmatched: [], obsolete: [], partly: [] };
  let old = before ?? after;
  let now = after;
  for (const overlay of overlays)
    for (const [index, action] of overlay.actions.entries()) {
      const { target, update } = action;
      const place = { document: overlay.extends ?? "", overlay: overlay.name, index: index + 1, target };
      const add = (list: ActionEffect[], ...why: string[]) => list.push({ ...place, why: why.join("; ") });
      const one = [{ ...overlay, actions: [action] }];
      const { document, unmatched } = applyOverlays(now, one);
      // One of the provider is written for pages that nobody has seen; a printed one is printed anew each time.
      const advised = overlay.extends !== undefined && !isPrinted(overlay);
      const unmet = action.remove ? "nothing is left to remove" : "matches nothing";
      if (unmatched.length > 0) add(effects.unmatched, unmet, ...renamed(target, old, now));
      else if (advised && isDeepStrictEqual(document, now)) add(effects.obsolete, "applying it changes nothing");
      else if (advised && update !== undefined) {
        const places = jsonpath.query(target, now).nodes.map(({ location }) => pointerOf(location));
        const shares = places.map((place) => shareOf(update, at(old, place) ?? at(now, place), at(now, place), place));
        const said = shares.flatMap((share) => share.said);
        let needed = shares.flatMap((share) => share.needed);
        const why = said.length > 0 ? [`the page says itself now: ${listed(said)}`] : [];
        for (const other of others) {
          // Documents are apart: only an operation means the same in two of them.
          const isThere = (place: string) => place.startsWith("/paths/") && at(other.document, place) !== undefined;
          const found = needed.filter(isThere);
          needed = needed.filter((place) => !isThere(place));
          if (found.length > 0) why.push(`${other.name} says itself: ${listed(found)}`);
        }
        if (why.length > 0 && needed.length === 0) add(effects.obsolete, ...why);
        else if (why.length > 0) add(effects.partly, ...why, `still needed: ${listed(needed)}`);
      }
      now = document;
      old = applyOverlays(old, one).document;
    }
  return effects;
}

const listed = (pointers: readonly string[]): string => pointers.map((pointer) => `#${pointer}`).join(", ");

/** The topmost places that an update sets at a pointer: those that the document says itself by now, and the others. */
function shareOf(
  set: Json,
  old: Json | undefined,
  now: Json | undefined,
  pointer: string,
): { readonly said: readonly string[]; readonly needed: readonly string[] } {
  if (isObject(set) && isObject(old)) {
    const keys = Object.entries(set).map(([key, value]) => {
      const own = (holder: Json | undefined) =>
        isObject(holder) && Object.hasOwn(holder, key) ? holder[key] : undefined;
      return shareOf(value, own(old), own(now), pointer + pointerOf([key]));
    });
    return { said: keys.flatMap(({ said }) => said), needed: keys.flatMap(({ needed }) => needed) };
  }
  const said = old === undefined && now !== undefined;
  const same = isDeepStrictEqual(set, now);
  return { said: said ? [pointer] : [], needed: said || same ? [] : [pointer] };
}

/** What a target that is gone is called now: the one new name next to it that means the same, or the only one there is. */
function renamed(target: string, old: JsonObject, now: JsonObject): string[] {
  const found = jsonpath.query(target, old).nodes.flatMap(({ location }) => {
    const length = location.findIndex((_, index) => at(now, pointerOf(location.slice(0, index + 1))) === undefined);
    const [holder, gone] = [pointerOf(location.slice(0, length)), pointerOf(location.slice(0, length + 1))];
    const [was, is] = [objectOf(at(old, holder)), objectOf(at(now, holder))];
    const fresh = Object.keys(is).filter((key) => !Object.hasOwn(was, key));
    const alike = fresh.filter((key) => meansTheSame(at(old, gone), is[key], gone));
    const lost = Object.keys(was).filter((key) => !Object.hasOwn(is, key));
    const [name, ...more] = alike.length > 0 || lost.length > 1 ? alike : fresh;
    return length < 0 || name === undefined || more.length > 0
      ? []
      : [`#${gone} is called #${holder}${pointerOf([name])} now, it seems`];
  });
  return [...new Set(found)];
}
