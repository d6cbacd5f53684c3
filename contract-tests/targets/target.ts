/** Where cases are played. */
import type { Case } from "../cases/case.js";
import type { Exchange } from "./exchange.js";

export interface Target {
  readonly name: string;
  /** A mock does as it is told; a provider has a life of its own. */
  readonly ground: "mock" | "provider";
  readonly url: string;
  /** Plays a case. `skipped`: why it was not. @throws {MockError} when there is nothing left to play on. */
  play(one: Case): Promise<Exchange | { readonly skipped: string }>;
  /** What happened on the way that the reader should know. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}
