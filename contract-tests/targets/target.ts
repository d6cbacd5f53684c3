/** Where cases are played. */
import type { Case } from "../cases/case.js";
import type { Exchange } from "./exchange.js";

export type Played =
  /** `guessed`: the path names something that may not exist. */
  | { readonly exchange: Exchange; readonly guessed: boolean }
  /** Why it was not played. */
  | { readonly skipped: string };

export interface Target {
  readonly name: string;
  /** A mock does as it is told; a provider has a life of its own. */
  readonly ground: "mock" | "provider";
  readonly url: string;
  /** Where a case is played, when that is not everywhere the same. */
  urlFor?(one: Case): Promise<string>;
  /** Plays a case. @throws {MockError} when there is nothing left to play on. */
  play(one: Case): Promise<Played>;
  /** What happened on the way that the reader should know. */
  readonly notes: readonly string[];
  /** The order to play in, where it matters. */
  arranged(cases: readonly Case[]): readonly Case[];
  close(): Promise<void>;
}
