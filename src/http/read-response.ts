/** Reads an answer: whole, within a bound, as UTF-8 unless it says otherwise. */

import { joined } from "../image/reader.js";
import type { RateFacts } from "../util/headers.js";
import { type HeaderReader, rateFactsOf, requestIdOf } from "../util/headers.js";

/** An answer as it came, before anyone says what it means. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: HeaderReader;
  readonly requestId: string | undefined;
  readonly rate: RateFacts | undefined;
  /** The declared type without parameters, in lower case; empty where there is none. */
  readonly type: string;
  readonly text: string;
  /** Bytes that were read. */
  readonly length: number;
  /** The body is longer than the bound; `text` is its beginning. */
  readonly cut: boolean;
  /** A declared charset other than UTF-8. */
  readonly charset: string | undefined;
}

/** Bytes of an error's body that are of interest. */
const ERROR_BYTES = 64 * 1024;
/** Bytes of any other answer. The list of tasks has no paging; an entry is some 80 bytes. */
const ANSWER_BYTES = 16 * 1024 * 1024;

/** @param secrets What an id of the exchange must not hold. */
export async function readAnswer(response: Response, secrets: readonly string[] = []): Promise<RawAnswer> {
  const { status } = response;
  const headers = headersOf(response);
  const [type = "", ...parameters] = (headers.get("content-type") ?? "").toLowerCase().split(";");
  const charset = parameters
    .map((one) => /^\s*charset\s*=\s*"?([^"\s]+)"?\s*$/.exec(one)?.[1])
    .find((one) => one !== undefined);
  const most = response.ok ? ANSWER_BYTES : ERROR_BYTES;
  const { bytes, cut } = isSmall(headers, most)
    ? { bytes: await bytesOf(response), cut: false }
    : await readBytes(response.body, most);
  const requestId = requestIdOf(headers);
  return {
    status,
    headers,
    requestId: secrets.some((secret) => requestId?.includes(secret)) ? undefined : requestId,
    rate: rateFactsOf(headers),
    type: type.trim(),
    text: decoder(charset).decode(bytes),
    length: bytes.byteLength,
    cut,
    charset: charset === undefined || /^utf-?8$/.test(charset) ? undefined : charset,
  };
}

/** A `Response` of ours has its headers at hand without making `Headers` of them. */
function headersOf(response: Response): HeaderReader {
  return (response as { readonly fields?: HeaderReader }).fields ?? response.headers;
}

const UTF8 = new TextDecoder();

/** JSON is UTF-8 by its standard; another declared charset is believed where the runtime knows it. */
function decoder(charset: string | undefined): TextDecoder {
  if (charset === undefined || charset === "utf-8") return UTF8;
  try {
    return new TextDecoder(charset);
  } catch {
    return UTF8;
  }
}

/** An answer that says to be small is read in one go: a stream of its own would cost more than all the rest. */
function isSmall(headers: HeaderReader, most: number): boolean {
  const length = headers.get("content-length");
  // Of a compressed body the header does not tell the length.
  return (
    length !== null && /^\d{1,9}$/.test(length) && Number(length) <= most && headers.get("content-encoding") === null
  );
}

/** `bytes()` is newer than `arrayBuffer()`, and without its copy. */
async function bytesOf(response: Response): Promise<Uint8Array> {
  return typeof response.bytes === "function" ? response.bytes() : new Uint8Array(await response.arrayBuffer());
}

async function readBytes(
  body: ReadableStream<Uint8Array> | null,
  most: number,
): Promise<{ bytes: Uint8Array; cut: boolean }> {
  if (body === null) return { bytes: new Uint8Array(), cut: false };
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { bytes: joined(chunks, length), cut: false };
    const part = value.subarray(0, most - length);
    chunks.push(part);
    length += part.byteLength;
    if (part.byteLength < value.byteLength) {
      // Not waited for: the connection is given up.
      reader.cancel().catch(() => undefined);
      return { bytes: joined(chunks, length), cut: true };
    }
  }
}
