/** One operation in both versions of a document, and the content of its bodies. */
import { pointerOf, resolve } from "../../../openapi/document/pointer.js";
import { type JsonObject, objectOf } from "../../../openapi/document/types.js";
import type { Direction, Party, Subject } from "./change.js";
import type { SchemaWalk } from "./schema-walk.js";

export interface Place {
  readonly before: JsonObject;
  readonly after: JsonObject;
  readonly name: string;
  /** Of what the caller of the operation sends; in a callback the provider is the caller. */
  readonly sent: Direction;
  readonly received: Direction;
  readonly walk: SchemaWalk;
  readonly add: (pointer: string, what: string, breaks: readonly Party[], subject?: Subject) => void;
}

export function contentChanges(place: Place, before: string, after: string, direction: Direction, what: string): void {
  const old = objectOf(objectOf(resolve(place.before, before).value).content);
  const now = objectOf(objectOf(resolve(place.after, after).value).content);
  const party: Party = direction === "request" ? "senders" : "readers";
  for (const mediaType of Object.keys(now)) {
    const pointer = after + pointerOf(["content", mediaType]);
    if (!Object.hasOwn(old, mediaType)) {
      // The first content of a response that had none is an answer nobody reads yet.
      place.add(pointer, `${what}: ${mediaType} added`, []);
      continue;
    }
    const was = objectOf(old[mediaType]).schema;
    const is = objectOf(now[mediaType]).schema;
    const schema = pointerOf(["content", mediaType, "schema"]);
    if (was !== undefined && is !== undefined) place.walk.meet(before + schema, after + schema, direction, place.name);
    else if (is !== undefined)
      place.add(after + schema, `${what}: ${mediaType} has a schema now`, direction === "request" ? [party] : []);
    else if (was !== undefined)
      place.add(
        before + schema,
        `${what}: ${mediaType} has no schema any more`,
        direction === "response" ? [party] : [],
      );
  }
  for (const mediaType of Object.keys(old))
    if (!Object.hasOwn(now, mediaType))
      place.add(before + pointerOf(["content", mediaType]), `${what}: ${mediaType} removed`, [party]);
}
