import { type ErrorFacts, MagnificError } from "./magnific-error.js";

/**
 * The image's source failed: it could not be opened or read, or gave another number of bytes than it said. The provider
 * never got a whole request. `code: "image_unreadable"`.
 */
export class ImageReadError extends MagnificError {
  override readonly name = "ImageReadError";
  constructor(message: string, facts: ErrorFacts) {
    super("image_unreadable", message, facts);
  }
}
