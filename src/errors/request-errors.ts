/** Errors of a request before it is sent: of its options, its image, and the store that remembers it. */
import { type ErrorFacts, MagnificError } from "./magnific-error.js";

/** A client was created, or a method called, with options that cannot work. Nothing was sent. `code: "configuration"`. */
export class ConfigurationError extends MagnificError {
  override readonly name = "ConfigurationError";
  static override readonly code = "configuration";
  declare readonly code: "configuration";
}

/** One broken rule of a request. */
export interface Fault {
  /** The field's wire name, e.g. `sharpen`; empty for the request as a whole. */
  readonly field: string;
  /** The rule's name: a JSON Schema keyword (`maximum`, `type`, `required`, …) or one of the image checks (`empty`, `not_an_image`, …). */
  readonly rule: string;
  /** What is wrong and what would be right. */
  readonly message: string;
}

/** The request breaks rules of the contract; nothing was sent. Lists every fault. `code: "invalid_request"`. */
export class InvalidRequestError extends MagnificError {
  override readonly name = "InvalidRequestError";
  static override readonly code = "invalid_request";
  declare readonly code: "invalid_request";
  readonly faults: readonly Fault[];

  constructor(operation: string, faults: readonly Fault[], facts: Omit<ErrorFacts, "operation" | "submission"> = {}) {
    const list = faults.map(({ field, message }) => (field === "" ? message : `${field}: ${message}`));
    super(`${operation} was not sent: ${list.join("; ")}.`, { ...facts, operation, submission: "not_sent" });
    this.faults = faults;
  }
}

/**
 * The image could not be read, had another size than stated, or turned out truncated while it was sent. The provider never
 * got a complete request. `code: "image_unreadable"`.
 */
export class ImageReadError extends MagnificError {
  override readonly name = "ImageReadError";
  static override readonly code = "image_unreadable";
  declare readonly code: "image_unreadable";
}

/** A local file could not be read or written. `code: "file_failed"`. */
export class FileError extends MagnificError {
  override readonly name = "FileError";
  static override readonly code = "file_failed";
  declare readonly code: "file_failed";
}

/** The task store could not be read or written. `submission` says whether the request had been sent by then. `code: "store_failed"`. */
export class StoreError extends MagnificError {
  override readonly name = "StoreError";
  static override readonly code = "store_failed";
  declare readonly code: "store_failed";
}

/**
 * An earlier submit of the same image and parameters, by the task store, may have made a paid task: it is not retried.
 * Check `magnific.tasks()`, then forget the entry. `code: "submission_unknown"`.
 */
export class SubmissionUnknownError extends MagnificError {
  override readonly name = "SubmissionUnknownError";
  static override readonly code = "submission_unknown";
  declare readonly code: "submission_unknown";
  constructor(message: string, facts: ErrorFacts) {
    super(message, { ...facts, submission: "unknown" });
  }
}

/** `maxSubmits` submits are counted already: this one was not sent. `code: "submit_limit_reached"`. */
export class SubmitLimitError extends MagnificError {
  override readonly name = "SubmitLimitError";
  static override readonly code = "submit_limit_reached";
  declare readonly code: "submit_limit_reached";
  /** The limit. */
  readonly maxSubmits: number;
  /** How many submits are counted, those with an unknown outcome among them. */
  readonly used: number;
  /** @param where They are counted. */
  constructor(maxSubmits: number, used: number, where: string, facts: ErrorFacts) {
    const counted = `${used} ${used === 1 ? "is" : "are"} counted ${where}, those with an unknown outcome included`;
    const message = `${facts.operation} was not sent: at most ${maxSubmits} submits are allowed (\`maxSubmits\`), and ${counted}. A higher limit lets it be sent.`;
    super(message, { ...facts, submission: "not_sent" });
    this.maxSubmits = maxSubmits;
    this.used = used;
  }
}
