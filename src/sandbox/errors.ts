/** Why the sandbox could not do what was asked of it; stable, to be compared against. */
export type SandboxErrorCode =
  /** The library `sharp` is not installed and no upscaler of your own was passed. */
  | "sharp_missing"
  /** The value of an option is not valid. */
  | "invalid_option"
  /** The state folder cannot be used. */
  | "state_folder"
  /** The sandbox is closed. */
  | "closed";

/** An error of the sandbox itself. An error response over HTTP is never thrown. */
export class SandboxError extends Error {
  override readonly name = "SandboxError";
  readonly code: SandboxErrorCode;

  constructor(code: SandboxErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export function invalidOption(message: string, options?: ErrorOptions): SandboxError {
  return new SandboxError("invalid_option", message, options);
}
