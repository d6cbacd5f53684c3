/** What a verdict is made of. */

/** The rules that an exchange is held against. One name a rule, used in reports and in the lists of what is known. */
export type Check =
  | "transport"
  | "status"
  | "media type"
  | "body"
  | "equality"
  | "schema"
  | "undeclared field"
  | "unpopulated field"
  | "response header"
  | "cause"
  | "mock's own violation"
  | "accepted"
  | "routing"
  | "sent"
  | "typed result"
  | "example"
  | "lock"
  | "document";

export interface Violation {
  readonly check: Check;
  readonly message: string;
}

export type Outcome = "conforms" | "violates" | "untestable" | "known";

export interface Judgement {
  readonly violations: readonly Violation[];
  /** Why the exchange says nothing about the case. */
  readonly untestable?: string;
}
