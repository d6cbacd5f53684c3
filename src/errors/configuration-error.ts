import { type ErrorFacts, MagnificError } from "./magnific-error.js";

/** A client was created, or a method called, with options that cannot work. Nothing was sent. `code: "configuration"`. */
export class ConfigurationError extends MagnificError {
  override readonly name = "ConfigurationError";
  constructor(message: string, facts: ErrorFacts = {}) {
    super("configuration", message, facts);
  }
}
