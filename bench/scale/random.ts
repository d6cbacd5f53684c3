/** A seeded source of numbers (mulberry32): the same seed gives the same document on every machine. */
export class Random {
  #state: number;
  #serial = 0;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** At least 0, less than 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** Another number each time. */
  serial(): number {
    return this.#serial++;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(list: readonly [T, ...T[]] | readonly T[]): T {
    return list[this.whole(0, list.length - 1)] as T;
  }

  words(count: number): string {
    return Array.from({ length: count }, () => this.pick(WORDS)).join(" ");
  }
}

const WORDS =
  "image upscale prompt style task status result detail sharpen grain light shadow colour texture frame video audio voice model seed scale strength mask reference character scene camera motion aspect ratio resolution webhook generated identifier optional required default value between natural cinematic portrait landscape creative precise".split(
    " ",
  );
