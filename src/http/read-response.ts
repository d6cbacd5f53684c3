/** Reads a response: its body within a bound, and what its headers say. */
import { concatBytes } from "../util/bytes.js";
import { type HeaderReader, type RateFacts, rateFactsOf, requestIdOf } from "../util/headers.js";

/** A response as it came, before anyone says what it means. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly requestId: string | undefined;
  readonly rate: RateFacts | undefined;
  /** The declared type without parameters, in lower case; empty where there is none. */
  readonly type: string;
  /** A declared charset other than UTF-8. */
  readonly charset: string | undefined;
  /** The body: as JSON where it is JSON, as text where not. */
  readonly body: unknown;
  /** Bytes that were read of it. */
  readonly length: number;
  /** It is longer than the bound. */
  readonly truncated: boolean;
}

/** @param secrets What an id of the exchange must not hold. */
export function readResponse(
  { status, headers }: Response,
  read: Pick<HttpResponse, "body" | "length" | "truncated">,
  secrets: readonly string[],
): HttpResponse {
  const requestId = requestIdOf(headers);
  return {
    ...read,
    status,
    headers,
    requestId: secrets.some((secret) => requestId?.includes(secret)) ? undefined : requestId,
    rate: rateFactsOf(headers),
    type: (headers.get("content-type") ?? "").toLowerCase().split(";")[0]?.trim() ?? "",
    charset: charsetOf(headers),
  };
}

function charsetOf(headers: HeaderReader): string | undefined {
  const parameters = (headers.get("content-type") ?? "").toLowerCase().split(";").slice(1);
  const all = parameters.map((one) => /^\s*charset\s*=\s*"?([^"\s]+)"?\s*$/.exec(one)?.[1]);
  const charset = all.find((one) => one !== undefined);
  return charset === undefined || /^utf-?8$/.test(charset) ? undefined : charset;
}

interface ReadBody extends Pick<HttpResponse, "length" | "truncated"> {
  readonly body: Uint8Array<ArrayBuffer> | string;
}

/** The body as UTF-8, at most so many bytes of it. Another declared charset is believed where the runtime knows it. */
export async function readBody(response: Response, limit: number): Promise<ReadBody> {
  const { headers } = response;
  const announced = headers.get("content-encoding") === null ? headers.get("content-length") : null;
  // In one go where the length is known: a stream costs more than all the rest of a small call.
  const small = announced !== null && /^\d{1,9}$/.test(announced) && Number(announced) <= limit;
  const { bytes, truncated } = small
    ? { bytes: new Uint8Array(await response.arrayBuffer()), truncated: false }
    : await readBytes(response.body, limit);
  const charset = charsetOf(headers);
  const length = bytes.byteLength;
  try {
    return { body: charset === undefined ? bytes : new TextDecoder(charset).decode(bytes), length, truncated };
  } catch {
    return { body: bytes, length, truncated };
  }
}

async function readBytes(body: ReadableStream<Uint8Array> | null, limit: number) {
  const reader = body?.getReader();
  const chunks: Uint8Array[] = [];
  let left = limit;
  let truncated = false;
  while (reader !== undefined && !truncated) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value.subarray(0, left));
    truncated = value.byteLength > left;
    left -= value.byteLength;
  }
  // Not waited for: the connection is given up.
  if (truncated) reader?.cancel().catch(() => undefined);
  return { bytes: concatBytes(chunks), truncated };
}
