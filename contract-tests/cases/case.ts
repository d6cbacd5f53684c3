/** What a case is: plain data, derived from a document, that any target can play and the checks can judge. */
import type { Json } from "../../openapi/document/types.js";

export type CaseKind =
  | "response example"
  | "request example"
  | "positive"
  | "negative"
  | "security"
  | "routing"
  | "negotiation"
  | "undocumented"
  | "dynamic"
  | "flow";

/** Where a credential goes. Its value is filled in by whoever sends the request; cases hold none. */
export interface Credential {
  readonly scheme: string;
  readonly in: "header" | "query" | "cookie";
  readonly name: string;
  readonly form: "plain" | "bearer" | "basic" | "empty";
  /** What is sent in place of the right key: another one, the key without its end, the key in another case. */
  readonly key?: "wrong" | "cut" | "swapped";
}

export interface WireRequest {
  /** Upper case. */
  readonly method: string;
  /** Path template with `{name}` for what {@link pathValues} gives. */
  readonly template: string;
  /** By parameter name, already percent-encoded. */
  readonly pathValues: Readonly<Record<string, string>>;
  /** Without the `?`, already encoded; empty for none. */
  readonly query: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly credentials: readonly Credential[];
  readonly body?: string | undefined;
  /** Names of headers in upper case, as HTTP/1.1 allows. */
  readonly loud?: true;
  /** Why it is not what the case is about, so that it is not sent: {@link Base.unfit} */
  readonly unfit?: string;
}

/** What a mock is asked to respond with. Never sent to a provider. */
export interface Prefer {
  readonly code?: number;
  readonly example?: string;
  readonly dynamic?: boolean;
  readonly seed?: string;
}

/** A broken rule at a place of the request: `["body", "sharpen"]`, `maximum`. */
export interface Cause {
  readonly place: readonly string[];
  readonly rule: string;
}

export type Expectation =
  /** A declared response, exactly. */
  | {
      readonly is: "response";
      /** The response's key in the document. */
      readonly status: string;
      /** The status that is asked for: the key itself, or one that falls under `2XX` or `default`. */
      readonly code: number;
      readonly mediaType?: string | undefined;
      readonly equals?: Json | undefined;
      /** Every property that the schema declares must be there. */
      readonly populated?: boolean | undefined;
    }
  /** A declared success. */
  | { readonly is: "success" }
  /** Refused, for these causes at one place and no other. `within`: a branch of the schema may add causes below or above the place. */
  | { readonly is: "refused"; readonly causes: readonly Cause[]; readonly within: boolean }
  | {
      readonly is:
        | "malformed"
        | "wrong media type"
        | "unauthorized"
        | "no method"
        | "no path"
        | "undocumented"
        | "not acceptable"
        /** What holds across calls: flows/ plays it. */
        | "flow";
    };

export interface Case {
  /** Readable and unique, e.g. `postThing · body.size · negative · above the maximum, 11`. */
  readonly id: string;
  readonly kind: CaseKind;
  /** {@link Operation.id} */
  readonly operation: string;
  /** JSON pointer of what the case tests. */
  readonly pointer: string;
  /** JSON pointers of every fact of the document that the case tests. */
  readonly covers: readonly string[];
  /** Which part of the request differs from a plain valid one: `["body", "sharpen"]`, `["header", "accept"]`, `["credential"]`. */
  readonly place?: readonly string[] | undefined;
  /** The rule at that place that the case is about: a schema keyword, or what is wrong with a credential or a body. */
  readonly rule?: string | undefined;
  readonly request: WireRequest;
  readonly prefer?: Prefer | undefined;
  readonly expect: Expectation;
  /** Why this is for a mock only and is not sent to a provider. */
  readonly mockOnly?: string | undefined;
  /** Wrong by the document, in a way that a provider may repair: it may accept or refuse it. */
  readonly lenient?: boolean | undefined;
  /** Why a mock cannot be asked. */
  readonly providerOnly?: string | undefined;
  /** The request means something only to the provider (a made-up image, an unknown id): it may accept or refuse it, in declared form. */
  readonly opaque?: boolean | undefined;
  /** Could start something that costs, should the provider accept it in spite of all that is wrong with it. */
  readonly mayStart: boolean;
}
