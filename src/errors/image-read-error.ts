import { type ErrorFacts, MagnificError } from "./magnific-error.js";

/**
 * The image's source failed: it could not be opened or read, gave another number of bytes than it stated, or turned out
 * truncated while it was sent. The provider never got a complete request. `code: "image_unreadable"`.
 */
export class ImageReadError extends MagnificError {
  override readonly name = "ImageReadError";
  constructor(message: string, facts: ErrorFacts) {
    super("image_unreadable", message, facts);
  }
}
