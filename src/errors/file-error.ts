import { type ErrorFacts, MagnificError } from "./magnific-error.js";

/** A local file could not be read or written. `code: "file_failed"`. */
export class FileError extends MagnificError {
  override readonly name = "FileError";
  constructor(message: string, facts: ErrorFacts) {
    super("file_failed", message, facts);
  }
}
