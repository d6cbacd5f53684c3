/** What a check is, and what it looks at. */
import type { Case } from "../cases/case.js";
import type { OperationModel, ResponseModel } from "../cases/model.js";
import type { Contract } from "../contract.js";
import type { HttpResponse } from "../targets/exchange.js";

/** One response, and what the case and the document say about it. */
export interface Subject {
  readonly contract: Contract;
  readonly case: Case;
  readonly operation: OperationModel;
  readonly response: HttpResponse;
  /** A mock does what it is asked to, so everything is checked exactly; a provider has state and may refuse. */
  readonly mock: boolean;
  /** The path holds a value that the provider may not know. */
  readonly guessed: boolean;
  /** The declared response that this one is held against; none where the status is not declared or not the right one. */
  readonly declared?: ResponseModel | undefined;
}

export interface Check {
  readonly name: string;
  /** What holds where the check passes. Printed with its failures. */
  readonly holds: string;
  /** @returns each failure, or its message alone. */
  readonly run: (subject: Subject) => readonly (string | Failure)[];
}

export interface Failure {
  readonly message: string;
  /** Pointers of the facts of the document that were seen to be broken, where they are known: the others hold. */
  readonly about?: readonly string[] | undefined;
}

export interface Violation extends Failure {
  /** The name of the check that failed. */
  readonly check: string;
  /** The command that deals with it, where there is one. */
  readonly remedy?: string;
}

export type Outcome = "conforms" | "violates" | "untestable" | "known";
