/** Where cases are played. */
import type { Case } from "../cases/case.js";
import type { Exchange } from "./exchange.js";
import type { Address } from "./message.js";

/** What is needed to replay a request by hand. */
export interface Sent extends Address {
  /** The key as a shell says it: itself, or `$NAME` of an environment variable. */
  readonly shellKey: string;
}

export type Played =
  /** `guessed`: the path holds a value that the provider may not know. */
  | { readonly exchange: Exchange; readonly guessed: boolean; readonly sent: Sent }
  /** Why it was not played. */
  | { readonly skipped: string };

export interface Target {
  readonly name: string;
  /** A mock does what it is asked to; a provider has state and may refuse. */
  readonly ground: "mock" | "provider";
  readonly url: string;
  /** Where a case is played. */
  urlFor(one: Case): Promise<string>;
  /** Plays a case. @throws {MockError} when there is nothing left to play on. */
  play(one: Case): Promise<Played>;
  /** What the reader should know about the run. */
  readonly notes: readonly string[];
  /** The cases in the order to play them in. */
  arranged(cases: readonly Case[]): readonly Case[];
  close(): Promise<void>;
}
