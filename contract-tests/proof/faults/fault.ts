/** What a fault is, and the tools that faults are made with. */
import { isObject, type Json, type JsonObject, objectOf } from "../../../openapi/document/types.js";
import { nodesOf } from "../../cases/walk.js";
import type { Finding } from "../../requests/findings.js";
import type { Received } from "../../requests/read.js";
import type { Reply } from "../provider/behaviour.js";
import type { ProviderFault } from "../provider/provider.js";

export interface Fault extends ProviderFault {
  readonly group: string;
  /** Checks, at least one of which must fail. */
  readonly shows: readonly string[];
}

type Deviation = Pick<ProviderFault, "change" | "document" | "write">;
/** Its name, what the provider does, how, and the checks that must see it where they are not those of the group. */
export type Row = readonly [id: string, what: string, how: Deviation, ...shows: string[]];

export function faultsOf(group: string, check: string, rows: readonly Row[]): Fault[] {
  return rows.map(([id, what, how, ...shows]) => ({
    group,
    id,
    what,
    ...how,
    shows: shows.length > 0 ? shows : [check],
  }));
}

/** Several faults in one provider. */
export function combined(faults: readonly ProviderFault[]): ProviderFault {
  const written = faults.find(({ write }) => write)?.write;
  return {
    id: faults.map(({ id }) => id).join(" + "),
    what: faults.map(({ what }) => what).join(", and "),
    change: (correct, key) => {
      const behaviour = { ...correct };
      for (const { change } of faults) Object.assign(behaviour, change?.({ ...behaviour }, key));
      return behaviour;
    },
    document: (document) => {
      for (const fault of faults) fault.document?.(document);
    },
    ...(written ? { write: written } : {}),
  };
}

export const ok = ({ status }: Reply): boolean => status >= 200 && status < 300;
export const failed = ({ status }: Reply): boolean => status >= 400;
export const having =
  (wanted: number) =>
  ({ status }: Reply): boolean =>
    status === wanted;

/** Changes responses of one sort. */
export function replies(
  which: (reply: Reply) => boolean,
  change: Partial<Reply> | ((reply: Reply) => Partial<Reply>),
): Deviation {
  const changed = (reply: Reply): Reply => ({ ...reply, ...(typeof change === "function" ? change(reply) : change) });
  return { change: () => ({ finish: (reply) => (which(reply) ? changed(reply) : reply) }) };
}

/** Changes the JSON of responses, of successes where nothing else is said. */
export function value(change: (value: Json) => Json, which: (reply: Reply) => boolean = ok): Deviation {
  return replies(which, ({ body }) => (body === "" ? {} : { body: JSON.stringify(change(JSON.parse(body) as Json)) }));
}

/** Does not notice findings of one sort. */
export function blind(which: (finding: Finding) => boolean): Deviation {
  return {
    change: (behaviour) => ({
      findings: (call) => behaviour.findings(call).filter((finding) => !which(finding)),
    }),
  };
}

/** Takes what it would take if it were written otherwise. */
export function reading(rewrite: (received: Received) => Partial<Received>): Deviation {
  return {
    change: ({ findings }) => ({
      findings: (call) => {
        const found = findings(call);
        if (found.length === 0) return found;
        const again = findings({ ...call, received: { ...call.received, ...rewrite(call.received) } });
        return again.length === 0 ? again : found;
      },
    }),
  };
}

/** Takes each field as what it makes of it; `undefined` leaves it out. */
export function taking(make: (value: Json) => Json | undefined): Deviation {
  const made = (body: string) => Object.entries(parsed(body)).map(([name, value]) => [name, make(value)]);
  // JSON leaves out what is undefined.
  return reading(({ body }) => ({ body: JSON.stringify(Object.fromEntries(made(body))) }));
}

/** Refuses valid requests that say a certain thing. */
export function picky(
  which: (body: JsonObject, headers: Received["headers"], received: Received) => boolean,
): Deviation {
  return {
    change: (behaviour) => ({
      findings: (call) => {
        const found = behaviour.findings(call);
        const refused = found.length === 0 && which(parsed(call.received.body), call.received.headers, call.received);
        return refused ? [{ place: "body", rule: "picky" }] : found;
      },
    }),
  };
}

/** An empty object for what is none. */
export function parsed(body: string): JsonObject {
  try {
    return objectOf(JSON.parse(body));
  } catch {
    return {};
  }
}

/** Goes by other schemas. */
export function schemas(change: (schema: JsonObject) => void): Deviation {
  return {
    document: (document) => {
      for (const node of nodesOf(document)) if (node.kind === "schema") change(node.value);
    },
  };
}

/** Replaces the values of a key wherever it stands; `undefined` removes it. */
export function patched(key: string, change: (value: Json) => Json | undefined): (value: Json) => Json {
  const visit = (node: Json): Json => {
    if (Array.isArray(node)) return node.map(visit);
    if (!isObject(node)) return node;
    const entries = Object.entries(node).flatMap(([name, inner]): [string, Json][] => {
      const own = name === key ? change(inner) : visit(inner);
      return own === undefined ? [] : [[name, own]];
    });
    return Object.fromEntries(entries);
  };
  return visit;
}
