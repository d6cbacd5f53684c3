/** How many requests may start something that costs. Reserved before one is sent, so that it is never exceeded. */
export class Budget {
  readonly allowed: number;
  #spent = 0;
  #reserved = 0;

  /** @param allowed a whole number from 0. */
  constructor(allowed: number) {
    this.allowed = allowed;
  }

  get spent(): number {
    return this.#spent;
  }

  /** @returns whether one may be sent; it must then be settled. */
  reserve(): boolean {
    if (this.#spent + this.#reserved >= this.allowed) return false;
    this.#reserved++;
    return true;
  }

  /** @param spent whether it may have cost something: unknown counts as spent. */
  settle(spent: boolean): void {
    this.#reserved--;
    if (spent) this.#spent++;
  }
}
