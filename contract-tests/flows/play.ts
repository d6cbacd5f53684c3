/** Plays flows: what one call answered must hold for the next one. */
import { randomUUID } from "node:crypto";
import type { Json } from "../../openapi/document/types.js";
import type { Case, WireRequest } from "../cases/case.js";
import { valueIn } from "../checks/value.js";
import type { Contract } from "../contract.js";
import type { Result } from "../run/run.js";
import type { Played, Target } from "../targets/target.js";
import { type Flow, flowsOf, idsIn, type Step } from "./derive.js";

/** What a step came to: why it could not be tested, what is wrong, or neither; and the exchange that says so. */
interface Seen {
  readonly untestable?: string | undefined;
  readonly wrong?: string | undefined;
  readonly last?: { readonly played: Played; readonly request: WireRequest };
}

/** Makes at most two things for each flow, within the target's budget. */
export async function playFlows(
  contract: Contract,
  target: Target,
  only: (id: string) => boolean = () => true,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const flow of flowsOf(contract)) {
    const made = new Made(flow, target);
    for (const [name, one] of Object.entries(flow.steps) as [Step, Case][]) {
      if (!only(one.id)) continue;
      const [started, begun] = [Date.now(), performance.now()];
      const seen: Seen =
        target.ground === "mock"
          ? { untestable: "the mock keeps nothing between calls: it answers with examples" }
          : await PLAY[name](flow, target, made, contract);
      const milliseconds = Math.round(performance.now() - begun);
      results.push({ ...resultOf(one, target, seen), started, milliseconds });
    }
  }
  return results;
}

function resultOf(one: Case, target: Target, { untestable, wrong, last }: Seen): Result {
  const base = { case: last ? { ...one, request: last.request } : one, column: target.name };
  if (untestable !== undefined) return { ...base, outcome: "untestable", violations: [], reason: untestable };
  const violations = wrong === undefined ? [] : [{ check: "flow", message: wrong }];
  const outcome = wrong === undefined ? "conforms" : "violates";
  if (!last || "skipped" in last.played) return { ...base, outcome, violations };
  const { exchange, sent } = last.played;
  return {
    ...base,
    outcome,
    violations,
    exchange,
    sent,
    ...("failure" in exchange ? {} : { status: exchange.status }),
  };
}

interface Answer {
  readonly status?: number;
  readonly value: Json;
  /** Why there is no answer. */
  readonly none?: string;
  readonly last: NonNullable<Seen["last"]>;
}

async function ask(target: Target, one: Case): Promise<Answer> {
  const played = await target.play(one);
  const last = { played, request: one.request };
  if ("skipped" in played) return { none: played.skipped, value: null, last };
  const { exchange } = played;
  if ("failure" in exchange) return { none: `no response: ${exchange.detail}`, value: null, last };
  return { status: exchange.status, value: valueIn(exchange) ?? null, last };
}

/** What the flow made, once for all of its steps. */
class Made {
  readonly #flow: Flow;
  readonly #target: Target;
  readonly #all: Promise<Answer>[] = [];

  constructor(flow: Flow, target: Target) {
    this.#flow = flow;
    this.#target = target;
  }

  /** The id of the newest thing, which every page order but the oldest first shows at once. */
  newest(): ReturnType<Made["at"]> {
    return this.at(this.#all.length > 1 ? 1 : 0);
  }

  /** The id of the first or second thing, or why there is none. */
  async at(index: 0 | 1): Promise<{ readonly id: string } | { readonly untestable: string }> {
    this.#all[index] ??= ask(this.#target, this.#flow.make);
    const { none, status = 0, value } = await this.#all[index];
    if (none !== undefined) return { untestable: `nothing could be made: ${none}` };
    if (!isSuccess(status)) return { untestable: `nothing could be made: ${status} for the valid request` };
    const [id] = idsIn(value, this.#flow.id);
    return id === undefined ? { untestable: "the answer to what was made has no id" } : { id };
  }
}

type Play = (flow: Flow, target: Target, made: Made, contract: Contract) => Promise<Seen>;

const PLAY: Readonly<Record<Step, Play>> = {
  async own(flow, target, made) {
    const first = await made.at(0);
    if ("untestable" in first) return first;
    const { none, status = 0, value, last } = await ask(target, readingOf(flow, first.id));
    if (none !== undefined) return { untestable: none };
    if (!isSuccess(status)) return { wrong: `${status} for an id that was just made`, last };
    const [id = first.id] = idsIn(value, flow.id);
    return { wrong: id === first.id ? undefined : `answers with the id ${id}, was asked for ${first.id}`, last };
  },
  async unknown(flow, target, _, { schemas }) {
    const fits = schemas.validator(flow.id.schema, "open", "request");
    const id = [randomUUID(), 987_654_321].find((value) => fits(value));
    if (id === undefined) return { untestable: "no id was found that its schema accepts and nobody made" };
    const { none, status = 0, last } = await ask(target, readingOf(flow, String(id)));
    if (none !== undefined) return { untestable: none };
    return { wrong: isRefusal(status) ? undefined : `${status} for an id that nobody made, should be 4xx`, last };
  },
  async two(_, __, made) {
    const [first, second] = [await made.at(0), await made.at(1)];
    if ("untestable" in first) return first;
    if ("untestable" in second) return second;
    return { wrong: first.id === second.id ? `two calls were answered with one id, ${first.id}` : undefined };
  },
  async list(flow, target, made) {
    if (!flow.list) return { untestable: "the document has no list of them" };
    let newest = await made.newest();
    // With a budget of one there is no second.
    if ("untestable" in newest) newest = await made.at(0);
    if ("untestable" in newest) return newest;
    const { id } = newest;
    const { none, status = 0, value, last } = await ask(target, flow.list);
    if (none !== undefined) return { untestable: none };
    if (!isSuccess(status)) return { untestable: `the list is answered with ${status}` };
    const ids = idsIn(value, flow.id);
    const missing = ids.includes(id) ? undefined : `the list of ${ids.length} lacks ${id}`;
    if (missing && flow.paged) return { untestable: `${missing}, which may be on another page` };
    return { wrong: missing, last };
  },
  async key(flow, target, made) {
    const first = await made.at(0);
    if ("untestable" in first) return first;
    const one = readingOf(flow, first.id);
    const credentials = one.request.credentials.map((each) => ({ ...each, key: "wrong" as const }));
    if (credentials.length === 0) return { untestable: "it is read without a key" };
    const { none, status = 0, last } = await ask(target, { ...one, request: { ...one.request, credentials } });
    if (none !== undefined) return { untestable: none };
    return { wrong: isRefusal(status) ? undefined : `${status} for a wrong key, should be 4xx`, last };
  },
};

/** The valid request to read, for one id. */
function readingOf({ read, id }: Flow, value: string): Case {
  const pathValues = { ...read.request.pathValues, [id.name]: encodeURIComponent(value) };
  // Its place says that the target must leave the value alone.
  return { ...read, place: ["path", id.name], request: { ...read.request, pathValues } };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function isRefusal(status: number): boolean {
  return status >= 400 && status < 500;
}
