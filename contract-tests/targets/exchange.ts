/** One HTTP exchange with a server that may be hostile: bounded in time and size, redirects not followed, never a throw. */
import { once } from "node:events";
import { type Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names; several of one name are joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Why the body could not be read as its Content-Encoding says; it is then as it came. */
  readonly undecoded?: string;
}

export type Exchange = HttpResponse | NoResponse;

export interface NoResponse {
  readonly failure: Failure;
  readonly detail: string;
  /** The connection had been used before, and was closed in place of a response. */
  readonly stale?: true;
}

export type Failure = "refused" | "reset" | "timeout" | "too large" | "not HTTP";

export interface Limits {
  /** Milliseconds for the whole exchange, its body included. */
  readonly deadline: number;
  /** Largest response in bytes. */
  readonly bytes: number;
}

export const LIMITS: Limits = { deadline: 10_000, bytes: 4_000_000 };

export interface Message {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** Nobody there, or nobody that can be trusted: a TLS handshake that fails sends nothing. */
const NO_CONNECTION =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EPROTO|E?CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_(?:TLS|SSL)_)/;

export async function exchange(message: Message, limits: Limits = LIMITS, agent?: Agent): Promise<Exchange> {
  const { url, method } = message;
  const body = message.body === undefined ? undefined : Buffer.from(message.body);
  const headers = { ...message.headers, ...(body ? { "content-length": String(body.length) } : {}) };
  // `AbortSignal.timeout` would keep the whole exchange until the deadline.
  const patience = new AbortController();
  const { signal } = patience;
  const timer = setTimeout(() => patience.abort(), limits.deadline);
  let begun = false;
  let reused = false;
  try {
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const request = send(url, { method, headers, signal, ...(agent ? { agent } : {}) });
    // Once a response has begun, its own stream reports errors.
    request.on("error", () => {
      reused = request.reusedSocket;
    });
    request.end(body);
    // An interim response (100, 103) is not the response; a flood of them ends at the deadline.
    const [response] = (await once(request, "response")) as [IncomingMessage];
    begun = true;
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limits.bytes) return { failure: "too large", detail: `more than ${limits.bytes} bytes` };
      chunks.push(chunk);
    }
    const joined = Object.entries(response.headers).map(([name, value]) => [name, [value ?? ""].flat().join(", ")]);
    const own = Object.fromEntries(joined);
    return { status: response.statusCode ?? 0, headers: own, ...decoded(Buffer.concat(chunks), own, limits.bytes) };
  } catch (error) {
    if (signal.aborted) return { failure: "timeout", detail: `no complete response within ${limits.deadline} ms` };
    const { code = "", message: detail } = error as NodeJS.ErrnoException;
    if (NO_CONNECTION.test(code)) return { failure: "refused", detail };
    if (code.startsWith("HPE_")) return { failure: "not HTTP", detail };
    return { failure: "reset", detail, ...(reused && !begun ? { stale: true } : {}) };
  } finally {
    clearTimeout(timer);
  }
}

/** Content-Encoding → how it is read. */
const DECODERS: Readonly<Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Buffer>> = {
  gzip: gunzipSync,
  "x-gzip": gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
  identity: (bytes) => bytes,
};

function decoded(
  bytes: Buffer,
  { "content-encoding": encoding = "" }: HttpResponse["headers"],
  maxOutputLength: number,
): Pick<HttpResponse, "body" | "undecoded"> {
  const codings = encoding
    .toLowerCase()
    .split(",")
    .map((each) => each.trim())
    .filter(Boolean);
  try {
    let read = bytes;
    // The last coding was applied last. An empty body has none.
    for (const coding of bytes.length === 0 ? [] : codings.toReversed()) {
      const decode = Object.hasOwn(DECODERS, coding) ? DECODERS[coding] : undefined;
      if (!decode) return { body: read.toString("utf8"), undecoded: `${coding} is not a coding that was asked for` };
      read = decode(read, { maxOutputLength });
    }
    return { body: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(read) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const large = code === "ERR_BUFFER_TOO_LARGE" ? `the body is more than ${maxOutputLength} bytes` : undefined;
    const text = code === "ERR_ENCODING_INVALID_ENCODED_DATA" ? "the body is not valid UTF-8" : undefined;
    const what = large ?? text ?? `the body is not ${encoding}`;
    return { body: bytes.toString("utf8"), undecoded: what };
  }
}
