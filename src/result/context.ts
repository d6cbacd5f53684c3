import type { Time } from "../util/time.js";

/** Where results may come from and how they are read. */
export interface ResultSettings {
  /**
   * Hosts whose URLs are fetched; a name allows its subdomains too. Default: `magnific.com`, `freepik.com`, and the base
   * URL's own host. `https` only, loopback excepted.
   */
  readonly hosts: readonly string[];
  /** The base URL's origin, always allowed. */
  readonly origin: string;
  /** Largest result in bytes. Default: 1 GiB. */
  readonly maxBytes: number;
}

/** What a result needs of its client. */
export interface ResultContext {
  readonly time: Time;
  readonly results: ResultSettings;
  /** The `fetch` in use, looked up at each call so that a replaced global counts. */
  readonly fetch: () => typeof globalThis.fetch;
}
