/**
 * The mock as a target. Restarted once when it dies; the second time the run fails. A large document is mocked in slices, one
 * after the other: in one piece, its start and each request take time that grows with the operations, so a run takes their square.
 */
import { Agent } from "node:http";
import { operationsOf } from "../../openapi/document/operations.js";
import { slicesOf } from "../../openapi/document/slice.js";
import { type JsonObject, objectOf } from "../../openapi/document/types.js";
import type { Case } from "../cases/case.js";
import { exchange, LIMITS } from "./exchange.js";
import { messageOf } from "./message.js";
import { MockError, PrismProcess } from "./prism-process.js";
import type { Played, Target } from "./target.js";

/** Any key will do: the mock checks that there is one. */
export const MOCK_KEY = "contract-suite";
const PATHS_IN_A_SLICE = 16;
/** Cases at the end of a slice and at the beginning of the next are played at the same time. */
const SLICES_AT_ONCE = 2;
/** Milliseconds in which a dying process that dropped its connections is known to have ended. */
const ENDING = 300;

interface Slot {
  prism: Promise<PrismProcess>;
  /** How many cases are being played on it. */
  active: number;
  dead?: PrismProcess;
}

export interface MockOptions {
  /** How many paths a slice has. Default: all of a document of at most 32 paths, else 16. */
  readonly paths?: number;
}

export class MockTarget implements Target {
  readonly name = "mock";
  readonly ground = "mock";
  readonly notes: string[] = [];
  readonly slices: readonly JsonObject[];
  readonly #sliceOf: ReadonlyMap<string, number>;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });
  /** By slice, the longest unused first. */
  readonly #slots = new Map<number, Slot>();
  readonly #closing: Promise<unknown>[] = [];
  /** Of the mock that came up last. */
  #latest: PrismProcess | undefined;

  private constructor(document: JsonObject, { paths }: MockOptions) {
    const count = Object.keys(objectOf(document.paths)).length;
    this.slices =
      paths === undefined && count <= 2 * PATHS_IN_A_SLICE ? [document] : slicesOf(document, paths ?? PATHS_IN_A_SLICE);
    const byPath = new Map(
      this.slices.flatMap((slice, index) => Object.keys(objectOf(slice.paths)).map((path) => [path, index])),
    );
    this.#sliceOf = new Map(operationsOf(document).map(({ id, path }) => [id, byPath.get(path) ?? 0]));
  }

  /** @throws {MockError} when it does not come up. */
  static async start(document: JsonObject, options: MockOptions = {}): Promise<MockTarget> {
    const target = new MockTarget(document, options);
    await target.#slot(0).prism;
    return target;
  }

  get url(): string {
    return this.#latest?.url ?? "";
  }

  get pid(): number | undefined {
    return this.#latest?.pid;
  }

  async urlFor(one: Case): Promise<string> {
    return (await this.#slot(this.#sliceFor(one)).prism).url;
  }

  async play(one: Case): Promise<Played> {
    const slot = this.#slot(this.#sliceFor(one));
    slot.active++;
    try {
      const prism = await slot.prism;
      const played = await this.#send(prism, one);
      if (!("failure" in played.exchange) || !(await prism.endsWithin(ENDING))) return played;
      // Several cases meet a dead mock at once: the first restarts it, the others wait.
      if (slot.dead !== prism) this.#restart(slot, prism);
      return await this.#send(await slot.prism, one);
    } finally {
      slot.active--;
    }
  }

  async #send(prism: PrismProcess, one: Case): Promise<Exclude<Played, { skipped: string }>> {
    const sent = { base: prism.url, prefer: one.prefer, shellKey: MOCK_KEY };
    const message = messageOf(one.request, MOCK_KEY, sent);
    return { exchange: await exchange(message, LIMITS, this.#agent), guessed: false, sent };
  }

  #restart(slot: Slot, dead: PrismProcess): void {
    const again = slot.dead !== undefined;
    slot.dead = dead;
    slot.prism = dead.ended.then((why) => {
      if (again) throw new MockError(`The mock died again (${why}).`);
      this.notes.push(`The mock died during the run (${why}) and was restarted.`);
      return this.#start(dead.document);
    });
  }

  /** Slice by slice. */
  arranged(cases: readonly Case[]): readonly Case[] {
    return cases.toSorted((a, b) => this.#sliceFor(a) - this.#sliceFor(b));
  }

  async close(): Promise<void> {
    for (const index of [...this.#slots.keys()]) this.#end(index);
    await Promise.all(this.#closing);
    this.#agent.destroy();
  }

  #sliceFor(one: Case): number {
    return this.#sliceOf.get(one.operation) ?? 0;
  }

  #slot(index: number): Slot {
    const slot = this.#slots.get(index) ?? { prism: this.#start(this.slices[index] ?? {}), active: 0 };
    this.#slots.delete(index);
    this.#slots.set(index, slot);
    for (const [other, { active }] of this.#slots)
      if (this.#slots.size > SLICES_AT_ONCE && active === 0 && other !== index) this.#end(other);
    return slot;
  }

  async #start(document: JsonObject): Promise<PrismProcess> {
    this.#latest = await PrismProcess.start(document);
    return this.#latest;
  }

  #end(index: number): void {
    const slot = this.#slots.get(index);
    this.#slots.delete(index);
    // One that did not start has nothing to close; the cases that wait for it fail.
    if (slot) this.#closing.push(slot.prism.then((prism) => prism.close()).catch(() => {}));
  }
}
