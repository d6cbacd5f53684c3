/** Faults that no single exchange shows: each answer is right by itself, and wrong after the one before. */
import { randomUUID } from "node:crypto";
import { isObject, type Json } from "../../../openapi/document/types.js";
import type { Call } from "../../requests/findings.js";
import { mapText, type Reply } from "../provider/behaviour.js";
import type { ProviderFault } from "../provider/provider.js";
import { type Fault, faultsOf, ok } from "./fault.js";

type Deviation = Pick<ProviderFault, "change">;

const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;

/** Changes the JSON of successes of one sort of call. */
function answers(which: (call: Call) => boolean, change: (value: Json) => Json): Deviation {
  const changed = (reply: Reply): Reply => ({ ...reply, body: JSON.stringify(change(JSON.parse(reply.body) as Json)) });
  return {
    change: () => ({ finish: (reply, call) => (ok(reply) && reply.body && which(call) ? changed(reply) : reply) }),
  };
}

/** Changes the items of lists of things. */
export function lists(change: (items: readonly Json[]) => readonly Json[]): Deviation {
  const visit = (value: Json): Json => {
    if (Array.isArray(value)) return value.every(isObject) ? [...change(value)] : value;
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, visit(inner)]));
  };
  return answers((call) => call.operation.method === "get" && !isAbout(call), visit);
}

const isAbout = ({ path }: Call): boolean => Object.keys(path).length > 0;
const ids =
  (id: () => string) =>
  (value: Json): Json =>
    mapText(value, (text) => (UUID.test(text) ? id() : text));

export const FLOW_FAULTS: readonly Fault[] = faultsOf("across calls", "flow", [
  [
    "another's id",
    "answers with another id than it was asked for",
    answers((call) => call.operation.method === "get" && isAbout(call), ids(randomUUID)),
  ],
  ["any id is known", "answers ids that it never gave with a thing", { change: () => ({ exists: () => true }) }],
  [
    "one id for all",
    "gives everything that it makes one id",
    {
      change: ({ success }) => {
        const made = new Map<string, Reply>();
        return {
          success: (call) => {
            const reply = made.get(call.operation.id) ?? success(call);
            if (call.operation.method === "post") made.set(call.operation.id, reply);
            return reply;
          },
        };
      },
    },
  ],
  ["lost from the list", "leaves out of its list what it made", lists((items) => items.slice(items.length))],
  [
    "shown to any key",
    "shows a thing to whoever knows its id",
    {
      change: ({ authenticated }) => ({
        authenticated: (call) => authenticated(call) || (call.operation.method === "get" && isAbout(call)),
      }),
    },
  ],
]);
