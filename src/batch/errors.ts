import { type ErrorFacts, MagnificError } from "../errors/magnific-error.js";

/** Why a batch, or one file of it, cannot continue. */
export type BatchFault =
  /** Another process works with this journal. */
  | "journal_locked"
  /** A line other than the last cannot be read, or the file is not a journal. */
  | "journal_damaged"
  /** The journal was written by a newer version. */
  | "journal_version"
  /** The journal's folder is read-only or cannot be made, or the journal was removed meanwhile. */
  | "journal_unwritable"
  /** The journal or a result could not be written for lack of space. The provider keeps what was sent. */
  | "disk_full"
  /** The journal knows this file with other content, other settings or another server; or it changed while it was read. */
  | "source_changed"
  /** The result's file already exists and does not belong to this batch. */
  | "output_exists"
  /** Two sources of the batch have the same output name. */
  | "output_taken";

/** A batch, or one file of it, cannot continue. `code: "batch_failed"`; `fault` says why. */
export class BatchError extends MagnificError {
  override readonly name = "BatchError";
  static override readonly code = "batch_failed";
  declare readonly code: "batch_failed";
  readonly fault: BatchFault;
  /** The file or folder concerned. */
  readonly path: string;

  constructor(fault: BatchFault, path: string, message: string, facts: ErrorFacts = {}) {
    super(message, facts);
    this.fault = fault;
    this.path = path;
  }
}
