import type { Time } from "../util/time.js";

/** Where results may come from and how large they may be: the client's `results`. */
export interface ResultSettings {
  readonly hosts: readonly string[];
  /** The base URL's origin, always allowed. */
  readonly origin: string;
  readonly maxBytes: number;
}

/** What a result needs of its client. */
export interface ResultContext {
  readonly time: Time;
  readonly results: ResultSettings;
  /** The `fetch` in use, looked up at each call so that a replaced global counts. */
  readonly fetch: () => typeof globalThis.fetch;
}
