/** Reads a response: its body within a bound, and what its headers say. */
import { concatBytes } from "../util/bytes.js";
import { type HeaderReader, type RateFacts, rateFactsOf, requestIdOf } from "../util/headers.js";

/** A response as it came, before anyone says what it means. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: HeaderReader;
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
  const charset = charsetOf(headers);
  return {
    ...read,
    status,
    headers,
    requestId: secrets.some((secret) => requestId?.includes(secret)) ? undefined : requestId,
    rate: rateFactsOf(headers),
    type: (headers.get("content-type") ?? "").toLowerCase().split(";")[0]?.trim() ?? "",
    charset: charset === undefined || /^utf-?8$/.test(charset) ? undefined : charset,
  };
}

function charsetOf(headers: HeaderReader): string | undefined {
  const parameters = (headers.get("content-type") ?? "").toLowerCase().split(";").slice(1);
  return parameters.map((one) => /^\s*charset\s*=\s*"?([^"\s]+)"?\s*$/.exec(one)?.[1]).find((one) => one !== undefined);
}

/** The body as UTF-8, at most so many bytes of it. JSON is UTF-8 by its standard; another declared charset is believed where the runtime knows it. */
export async function readBody(
  response: Response,
  limit: number,
): Promise<{ readonly body: Uint8Array<ArrayBuffer> | string; readonly length: number; readonly truncated: boolean }> {
  const { headers } = response;
  const announced = headers.get("content-encoding") === null ? headers.get("content-length") : null;
  // In one go where the length is known: a stream costs more than all the rest of a small call.
  const small = announced !== null && /^\d{1,9}$/.test(announced) && Number(announced) <= limit;
  const { bytes, truncated } = small
    ? { bytes: new Uint8Array(await response.arrayBuffer()), truncated: false }
    : await readBytes(response.body, limit);
  const charset = charsetOf(headers);
  const body = charset === undefined || /^utf-?8$/.test(charset) ? bytes : decoded(bytes, charset);
  return { body, length: bytes.byteLength, truncated };
}

function decoded(bytes: Uint8Array<ArrayBuffer>, charset: string): Uint8Array<ArrayBuffer> | string {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return bytes;
  }
}

async function readBytes(
  body: ReadableStream<Uint8Array> | null,
  limit: number,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; truncated: boolean }> {
  const reader = body?.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (reader !== undefined) {
    const { done, value } = await reader.read();
    if (done) break;
    const part = value.subarray(0, limit - length);
    chunks.push(part);
    length += part.byteLength;
    if (part.byteLength < value.byteLength) {
      // Not waited for: the connection is given up.
      reader.cancel().catch(() => undefined);
      return { bytes: concatBytes(chunks), truncated: true };
    }
  }
  return { bytes: concatBytes(chunks), truncated: false };
}
