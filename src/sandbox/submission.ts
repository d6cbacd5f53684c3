/**
 * The body of a submit, read as it arrives. The image's text never becomes one string: it is cut out of the JSON while
 * it streams and decoded on the way, so that a large image needs little more memory than its bytes.
 */
import { ExactBase64 } from "./base64.js";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** What a submit's body holds. */
export interface Submission {
  /** The parsed JSON; an image given as text is replaced by a stand-in that is valid, or invalid, as the text was. */
  readonly body: unknown;
  /** The image's bytes; `undefined` when there was none or its text is not base64. */
  readonly image: Buffer | undefined;
}

type Mode = "structure" | "string" | "image";

export class SubmissionReader {
  readonly #expected: number;
  readonly #json: Buffer[] = [];
  #mode: Mode = "structure";
  #depth = 0;
  /** Of the outermost object: what is nested in it is over when a comma comes. */
  #keyNext = true;
  /** Pieces of the string being read, where it may turn out to be a key of the outermost object. */
  #key: Buffer[] | undefined;
  #field: string | undefined;
  /** An escape begun in an earlier chunk: from its backslash on. */
  #escape = "";
  #base64 = new ExactBase64();

  /** @param expected The body's size in bytes where it is known, so that the image's memory is taken once. */
  constructor(expected = 0) {
    this.#expected = expected;
  }

  write(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#mode === "structure") at = this.#structure(chunk, at);
      else if (this.#mode === "string") at = this.#string(chunk, at);
      else at = this.#image(chunk, at);
    }
  }

  /** Throws a SyntaxError or TypeError when the body is not JSON in UTF-8. */
  end(): Submission {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(this.#json));
    const body: unknown = JSON.parse(text);
    if (!hasImageText(body)) return { body, image: undefined };
    const image = this.#base64.end();
    const standIn = image === undefined ? "!" : image.length === 0 ? "" : "AAAA";
    return { body: { ...body, image: standIn }, image };
  }

  /** Braces, brackets, commas, colons, and whatever stands between them. */
  #structure(chunk: Buffer, start: number): number {
    for (let at = start; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte === 0x7b || byte === 0x5b) this.#depth++;
      else if (byte === 0x7d || byte === 0x5d) this.#depth--;
      else if (byte === 0x2c) this.#keyNext = true;
      else if (byte === 0x3a) this.#keyNext = false;
      else if (byte === QUOTE) {
        this.#json.push(chunk.subarray(start, at + 1));
        this.#open();
        return at + 1;
      }
    }
    this.#json.push(chunk.subarray(start));
    return chunk.length;
  }

  #open(): void {
    const outermost = this.#depth === 1;
    if (outermost && !this.#keyNext && this.#field === "image") {
      this.#mode = "image";
      this.#base64 = new ExactBase64(Math.ceil((this.#expected * 3) / 4));
    } else {
      this.#mode = "string";
      this.#key = outermost && this.#keyNext ? [] : undefined;
    }
  }

  #string(chunk: Buffer, start: number): number {
    for (let at = start; at < chunk.length; at++) {
      if (this.#escape !== "") this.#escape = "";
      else if (chunk[at] === BACKSLASH) this.#escape = "\\";
      else if (chunk[at] === QUOTE) {
        this.#json.push(chunk.subarray(start, at + 1));
        if (this.#key !== undefined) {
          this.#key.push(chunk.subarray(start, at));
          this.#field = keyOf(this.#key);
        }
        this.#mode = "structure";
        return at + 1;
      }
    }
    this.#json.push(chunk.subarray(start));
    this.#key?.push(chunk.subarray(start));
    return chunk.length;
  }

  #image(chunk: Buffer, start: number): number {
    if (this.#escape !== "") return this.#unescape(chunk, start);
    const quote = chunk.indexOf(QUOTE, start);
    const end = quote === -1 ? chunk.length : quote;
    const backslash = chunk.subarray(start, end).indexOf(BACKSLASH);
    if (backslash !== -1) {
      this.#base64.write(chunk.toString("latin1", start, start + backslash));
      this.#escape = "\\";
      return start + backslash + 1;
    }
    this.#base64.write(chunk.toString("latin1", start, end));
    if (quote === -1) return chunk.length;
    this.#json.push(chunk.subarray(quote, quote + 1));
    this.#mode = "structure";
    return quote + 1;
  }

  /** Encoders may write "/" as "\/" and "+" as "\u002b": one byte further into such an escape. */
  #unescape(chunk: Buffer, at: number): number {
    this.#escape += String.fromCharCode(chunk[at] ?? 0);
    if (this.#escape.length < (this.#escape.startsWith("\\u") ? 6 : 2)) return at + 1;
    const sequence = this.#escape;
    this.#escape = "";
    try {
      this.#base64.write(JSON.parse(`"${sequence}"`) as string);
    } catch {
      // Not an escape of JSON: left in the text, where the parser will find it.
      this.#json.push(Buffer.from(sequence));
    }
    return at + 1;
  }
}

function hasImageText(body: unknown): body is { readonly image: string } {
  return typeof (body as { image?: unknown } | null)?.image === "string";
}

function keyOf(pieces: readonly Buffer[]): string | undefined {
  try {
    return JSON.parse(`"${Buffer.concat(pieces).toString()}"`) as string;
  } catch {
    return undefined;
  }
}
