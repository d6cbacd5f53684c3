/**
 * The mock for a large document: slices of it, one after the other, each in a mock of its own. With the whole in one piece
 * the start and each request take time that grows with the operations, so a run would take the square of them.
 */
import { operationsOf } from "../../openapi/document/operations.js";
import { slicesOf } from "../../openapi/document/slice.js";
import { type JsonObject, objectOf } from "../../openapi/document/types.js";
import type { Case } from "../cases/case.js";
import { MockTarget } from "./mock.js";
import type { Played, Target } from "./target.js";

const PATHS_IN_A_SLICE = 16;
/** Cases at the end of a slice and at the beginning of the next are played at once. */
const AT_ONCE = 2;

interface Slot {
  readonly mock: Promise<MockTarget>;
  /** How many cases are being played on it. */
  active: number;
}

/** The mock on a document, whole or in slices. @throws {MockError} when it does not come up. */
export async function startMock(document: JsonObject): Promise<Target> {
  const paths = Object.keys(objectOf(document.paths)).length;
  return paths <= 2 * PATHS_IN_A_SLICE ? await MockTarget.start(document) : await SlicedMock.start(document);
}

export class SlicedMock implements Target {
  readonly name = "mock";
  readonly ground = "mock";
  readonly slices: number;
  readonly #documents: readonly JsonObject[];
  readonly #sliceOf: ReadonlyMap<string, number>;
  /** By slice, the longest unused first. */
  readonly #slots = new Map<number, Slot>();
  readonly #closing = new Set<Promise<void>>();
  readonly #notes = new Set<string>();
  #url = "";

  private constructor(document: JsonObject, size: number) {
    this.#documents = slicesOf(document, size);
    this.slices = this.#documents.length;
    const index = new Map(
      this.#documents.flatMap((slice, number) => Object.keys(objectOf(slice.paths)).map((path) => [path, number])),
    );
    this.#sliceOf = new Map(operationsOf(document).map(({ id, path }) => [id, index.get(path) ?? 0]));
  }

  /** @param size how many paths a slice has. */
  static async start(document: JsonObject, size: number = PATHS_IN_A_SLICE): Promise<SlicedMock> {
    const sliced = new SlicedMock(document, size);
    await sliced.#slot(0).mock;
    return sliced;
  }

  /** Of the slice that was used last. */
  get url(): string {
    return this.#url;
  }

  get notes(): readonly string[] {
    return [...this.#notes];
  }

  async urlFor(one: Case): Promise<string> {
    return (await this.#slot(this.#sliceFor(one)).mock).url;
  }

  async play(one: Case): Promise<Played> {
    const slot = this.#slot(this.#sliceFor(one));
    slot.active++;
    try {
      const mock = await slot.mock;
      const played = await mock.play(one);
      for (const note of mock.notes) this.#notes.add(note);
      return played;
    } finally {
      slot.active--;
    }
  }

  /** Slice by slice. */
  arranged(cases: readonly Case[]): readonly Case[] {
    return cases.toSorted((a, b) => this.#sliceFor(a) - this.#sliceFor(b));
  }

  async close(): Promise<void> {
    for (const index of [...this.#slots.keys()]) this.#end(index);
    await Promise.all(this.#closing);
  }

  #sliceFor(one: Case): number {
    return this.#sliceOf.get(one.operation) ?? 0;
  }

  #slot(index: number): Slot {
    const known = this.#slots.get(index);
    const slot = known ?? { mock: this.#start(index), active: 0 };
    this.#slots.delete(index);
    this.#slots.set(index, slot);
    for (const [other, { active }] of this.#slots)
      if (this.#slots.size > AT_ONCE && active === 0 && other !== index) this.#end(other);
    return slot;
  }

  async #start(index: number): Promise<MockTarget> {
    const mock = await MockTarget.start(this.#documents[index] ?? {});
    this.#url = mock.url;
    return mock;
  }

  #end(index: number): void {
    const slot = this.#slots.get(index);
    this.#slots.delete(index);
    // One that did not come up has nothing to close; whoever plays on it is told.
    const ended = slot?.mock.then((mock) => mock.close()).catch(() => {}) ?? Promise.resolve();
    this.#closing.add(ended);
    ended.then(() => this.#closing.delete(ended));
  }
}
