/** Reads recorded exchanges one by one, at flat memory: `log.entries` of an HTTP archive, or one JSON object a line. */
import { createReadStream } from "node:fs";

export interface Entry {
  /** `entry 3` of an archive, counted from 1; `line 3` of a file of lines. */
  readonly place: string;
  readonly text: string;
}

/** A file that cannot be read to its end. */
export class BrokenTraffic extends Error {
  override readonly name = "BrokenTraffic";
}

/** The largest exchange that is read: the largest image as base64, several times. */
const LARGEST = 64_000_000;
const CHUNK = 1 << 20;

/** @throws {BrokenTraffic} where the file ends or goes wrong inside an exchange. */
export function entriesOf(file: string): AsyncGenerator<Entry> {
  const chunks = createReadStream(file, { highWaterMark: CHUNK }) as AsyncIterable<Buffer>;
  return /\.(?:ndjson|jsonl)$/i.test(file) ? linesOf(chunks) : archived(chunks);
}

/** What belongs to one exchange and came in several chunks. */
class Pieces {
  #parts: Buffer[] = [];
  #size = 0;

  add(part: Buffer, place: string): void {
    this.#size += part.length;
    if (this.#size > LARGEST) throw new BrokenTraffic(`${place} is larger than ${LARGEST} bytes`);
    this.#parts.push(part);
  }

  take(): string {
    const text = Buffer.concat(this.#parts).toString("utf8");
    this.#parts = [];
    this.#size = 0;
    return text;
  }
}

async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Entry> {
  const pieces = new Pieces();
  let line = 1;
  const entry = (): Entry => ({ place: `line ${line}`, text: pieces.take().trim() });
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      pieces.add(chunk.subarray(from, end), `line ${line}`);
      const one = entry();
      if (one.text !== "") yield one;
      line++;
      from = end + 1;
    }
    pieces.add(chunk.subarray(from), `line ${line}`);
  }
  const last = entry();
  if (last.text !== "") yield last;
}

const [QUOTE, BACKSLASH, OPEN, CLOSE, LIST, LIST_END] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d];
/** `{ "log": { "entries": [ {` : an entry opens at this depth. */
const ENTRIES = 3;
const LONGEST_KEY = 16;

/** Follows strings and brackets alone: what is between those of an entry is parsed by whoever takes it. */
async function* archived(chunks: AsyncIterable<Buffer>): AsyncGenerator<Entry> {
  const pieces = new Pieces();
  let [depth, count] = [0, 0];
  let [inString, escaped, inEntries] = [false, false, false];
  /** The string last read outside entries, which before a bracket is the key of what opens there. */
  let [key, parent] = ["", ""];
  for await (const chunk of chunks) {
    let start = inEntries && depth > ENTRIES ? 0 : -1;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inString = false;
        else if (depth < ENTRIES && key.length < LONGEST_KEY) key += String.fromCharCode(byte);
      } else if (byte === QUOTE) {
        inString = true;
        if (depth < ENTRIES) key = "";
      } else if (byte === OPEN || byte === LIST) {
        if (depth === 1) parent = key;
        depth++;
        if (!inEntries) inEntries = byte === LIST && depth === ENTRIES && parent === "log" && key === "entries";
        else if (depth === ENTRIES + 1) {
          start = at;
          count++;
        }
      } else if (byte === CLOSE || byte === LIST_END) {
        depth--;
        if (!inEntries) continue;
        if (depth < ENTRIES) return;
        if (depth > ENTRIES) continue;
        pieces.add(chunk.subarray(start, at + 1), `entry ${count}`);
        start = -1;
        yield { place: `entry ${count}`, text: pieces.take() };
      }
    }
    if (start >= 0) pieces.add(chunk.subarray(start), `entry ${count}`);
  }
  if (!inEntries) throw new BrokenTraffic("it is not an HTTP archive: there is no list at log.entries");
  throw new BrokenTraffic(
    `it ends ${depth > ENTRIES ? `inside entry ${count}` : `after entry ${count}, inside the list`}`,
  );
}
