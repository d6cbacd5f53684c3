/** The mock as a target: restarted once when it dies, given up when it dies again. */
import { Agent } from "node:http";
import type { JsonObject } from "../../openapi/document/types.js";
import type { Case } from "../cases/case.js";
import { type Exchange, exchange, LIMITS } from "./exchange.js";
import { addressed } from "./message.js";
import { MockError, PrismProcess } from "./prism-process.js";
import type { Target } from "./target.js";

/** Any key will do: the mock checks that there is one. */
export const MOCK_KEY = "contract-suite";
const RESTARTS = 1;

export class MockTarget implements Target {
  readonly name = "mock";
  readonly ground = "mock";
  readonly notes: string[] = [];
  readonly #document: JsonObject;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });
  #prism: PrismProcess;
  #restarts = 0;
  #restarting: Promise<void> | undefined;

  private constructor(document: JsonObject, prism: PrismProcess) {
    this.#document = document;
    this.#prism = prism;
  }

  static async start(document: JsonObject): Promise<MockTarget> {
    return new MockTarget(document, await PrismProcess.start(document));
  }

  get url(): string {
    return this.#prism.url;
  }

  get pid(): number | undefined {
    return this.#prism.pid;
  }

  async play(one: Case): Promise<{ readonly exchange: Exchange; readonly guessed: boolean }> {
    await this.#restarting;
    const played = this.#prism;
    const result = await this.#send(one);
    if (result.answered || !(await endedSoon(played))) return { exchange: result, guessed: false };
    await this.#restart(played);
    return { exchange: await this.#send(one), guessed: false };
  }

  arranged(cases: readonly Case[]): readonly Case[] {
    return cases;
  }

  async #send(one: Case): Promise<Exchange> {
    const { url, ...message } = addressed(this.url, one.request, MOCK_KEY, one.prefer ? { prefer: one.prefer } : {});
    return exchange(url, message, LIMITS, this.#agent);
  }

  /** Several cases meet a dead mock at once: the first restarts it, the others wait. */
  async #restart(dead: PrismProcess): Promise<void> {
    if (this.#prism !== dead) return;
    this.#restarting ??= (async () => {
      const why = await dead.ended;
      if (this.#restarts >= RESTARTS) throw new MockError(`The mock died again (${why}).`);
      this.#restarts++;
      this.notes.push(`The mock died in the middle of the run (${why}) and was started again.`);
      this.#prism = await PrismProcess.start(this.#document);
    })();
    try {
      await this.#restarting;
    } finally {
      this.#restarting = undefined;
    }
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    await this.#prism.close();
  }
}

/** A dying process drops its connections a moment before it is known to have ended. */
async function endedSoon(prism: PrismProcess): Promise<boolean> {
  if (!prism.alive) return true;
  let timer: NodeJS.Timeout | undefined;
  const wait = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), 300);
  });
  const result = await Promise.race([prism.ended.then(() => true), wait]);
  clearTimeout(timer);
  return result;
}
