/**
 * What `nodeFetch` rejects with when the network fails. `code` is the platform's where it has one; `connected` tells
 * whether a connection was ready to take the request: where it is `false`, not a byte of the request went out.
 */
export class TransportError extends TypeError {
  override readonly name = "TransportError";
  readonly code: string;
  readonly connected: boolean;

  constructor(code: string, connected: boolean, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.connected = connected;
  }
}

/** Wraps what the platform reports, so that every failure has a code and says how far the connection came. */
export function asTransportError(error: unknown, connected: boolean): TransportError {
  if (error instanceof TransportError) return error;
  const code = (error as { code?: unknown } | null)?.code;
  const message = error instanceof Error ? error.message : String(error);
  return new TransportError(typeof code === "string" ? code : "ERR_TRANSPORT", connected, message, error);
}
