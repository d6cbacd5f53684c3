/** What a call is and what it is made with: the types that its loop, its attempts and its sending share. */
import type { Client } from "openapi-fetch";
import type { paths } from "../../generated/index.js";
import type { Body } from "../image/body.js";
import type { Settings } from "../options.js";
import type { CallFacts } from "./call-errors.js";
import type { CallOptions } from "./call-options.js";
import type { RateBudget } from "./rate-limiter.js";
import type { OperationKind } from "./retry-policy.js";

/** What an attempt is sent with; a call hands it on to the client of openapi-fetch. */
export interface Sending {
  readonly parseAs: "text";
  readonly Request: typeof Request;
  readonly fetch: (input: Request) => Promise<Response>;
}

export interface Call extends CallFacts {
  readonly kind: OperationKind;
  readonly options: CallOptions;
  /** Ends the call where nothing of it is under way. Default: the signal of the options, which ends it anywhere. */
  readonly idle?: AbortSignal | undefined;
  readonly body?: Body;
  /** Digest of the request, of its image's hash. */
  readonly digestOf?: (imageHash: string) => string;
  /** Waited for before each attempt, while nothing of it is sent. */
  readonly beforeSend?: ((attempt: number) => void | Promise<void>) | undefined;
  /** Sends one attempt. */
  send(api: Client<paths>, sending: Sending): Promise<unknown>;
}

/** The parts of a client that a call needs. */
export interface Exchanger {
  readonly settings: Settings;
  readonly budget: RateBudget;
  readonly api: () => Client<paths>;
}
