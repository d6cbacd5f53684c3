import { type ErrorFacts, MagnificError } from "../errors/magnific-error.js";

/**
 * Why a batch, or one file of it, cannot continue.
 *
 * - `journal_locked`: another process works with this journal.
 * - `journal_damaged`: a line other than the last cannot be read, or the file is not a journal.
 * - `journal_version`: the journal was written by a newer version.
 * - `journal_unwritable`: the journal's folder is read-only or cannot be made, or the journal was removed meanwhile.
 * - `disk_full`: the journal or a result could not be written for lack of space. The provider keeps what was sent.
 * - `source_changed`: the journal knows this file with other content, other settings or another server; or it changed while
 *   it was read.
 * - `output_exists`: the result's file already exists and does not belong to this batch.
 * - `output_taken`: two sources of the batch have the same output name.
 */
export type BatchFault =
  | "journal_locked"
  | "journal_damaged"
  | "journal_version"
  | "journal_unwritable"
  | "disk_full"
  | "source_changed"
  | "output_exists"
  | "output_taken";

/** A batch, or one file of it, cannot continue. `code: "batch_failed"`; `fault` says why. */
export class BatchError extends MagnificError {
  override readonly name = "BatchError";
  readonly code = "batch_failed";
  readonly fault: BatchFault;
  /** The file or folder concerned. */
  readonly path: string;

  constructor(fault: BatchFault, path: string, message: string, facts: ErrorFacts = {}) {
    super(message, facts);
    this.fault = fault;
    this.path = path;
  }
}
