/**
 * Width, height, and whether an image is complete, by the structure of its format and with any data behind it (the video
 * of a motion photo, padding). Pure; the bytes are pushed as they come.
 *
 * Two formats are decided where decoders differ. A PNG whose pixels end and that has no further chunk is truncated: cut
 * between two chunks of pixels it looks the same. A GIF is complete with its first picture: that is what a still image
 * is made of, and decoders do not need the trailer.
 */
import { latin1 } from "../util/bytes.js";
import type { ImageFormat } from "./sniff.js";

export interface Dimensions {
  readonly width: number;
  readonly height: number;
}

/** What a format's walk wants next: bytes to read, bytes to skip, or the next marker of a JPEG. */
type Step = { readonly take: number } | { readonly skip: number } | "marker";
/** Ends where the image is complete. */
type Walk = Generator<Step, void, DataView>;
interface Report {
  readonly position: () => number;
  readonly size: (width: number, height: number) => void;
}

/** Bytes: more is never buffered. */
const MOST_TAKEN = 4 * 1024 * 1024;

export class ImageScanner {
  /** What a truncated image lacks, in the words of a message. */
  readonly missing: string;
  complete = false;
  /** Undefined until they have been seen, and where none are stated. */
  dimensions: Dimensions | undefined;
  readonly #walk: Walk;
  #step: Step = { skip: 0 };
  /** Bytes that the current step still wants. */
  #wanted = 0;
  #taken: Uint8Array<ArrayBuffer> = new Uint8Array();
  #position = 0;
  /** Whether the last byte may begin a marker. */
  #escaped = false;

  constructor(format: ImageFormat) {
    const [walk, missing] = WALKS[format];
    this.missing = missing;
    const size: Report["size"] = (width, height) => {
      if (width > 0 && height > 0) this.dimensions = { width, height };
    };
    this.#walk = walk({ position: () => this.#position, size });
    this.#next();
  }

  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.byteLength && !this.complete; ) {
      if (this.#step === "marker") {
        at = this.#findMarker(chunk, at);
        continue;
      }
      const part = chunk.subarray(at, at + this.#wanted);
      if ("take" in this.#step) this.#taken.set(part, this.#taken.byteLength - this.#wanted);
      at += part.byteLength;
      this.#position += part.byteLength;
      this.#wanted -= part.byteLength;
      if (this.#wanted === 0) this.#next();
    }
  }

  #next(): void {
    do {
      const { done, value } = this.#walk.next(new DataView(this.#taken.buffer));
      if (done) {
        this.complete = true;
        return;
      }
      this.#step = value;
      if (value === "marker") return;
      this.#wanted = "take" in value ? value.take : Math.max(0, value.skip);
      this.#taken = new Uint8Array("take" in value ? value.take : 0);
    } while (this.#wanted === 0);
  }

  /** A byte FF and the byte after it, unless that belongs to the pixels: 0 and the restart markers. */
  #findMarker(chunk: Uint8Array, start: number): number {
    for (let at = start; ; at++) {
      if (!this.#escaped) at = chunk.indexOf(0xff, at) + 1;
      this.#escaped = this.#escaped || at > 0;
      while (this.#escaped && chunk[at] === 0xff) at++;
      const byte = this.#escaped ? chunk[at] : undefined;
      if (byte === undefined) return chunk.byteLength;
      this.#escaped = false;
      if (byte === 0 || (byte >= 0xd0 && byte <= 0xd7)) continue;
      this.#taken = Uint8Array.of(byte);
      this.#next();
      return at + 1;
    }
  }
}

const WALKS: Readonly<Record<ImageFormat, readonly [(report: Report) => Walk, string]>> = {
  png: [png, "its end marker (IEND) is missing"],
  jpeg: [jpeg, "its end marker (FF D9) is missing"],
  gif: [gif, "its first picture has no end"],
  webp: [webp, "it is shorter than its header says"],
  bmp: [bmp, "it has fewer pixels than its header says"],
  tiff: [tiff, "it ends before the data that its directory lists"],
  avif: [boxes, "it ends before its boxes do"],
  heic: [boxes, "it ends before its boxes do"],
};

/** The chunks of pixels stand in a row: any other after them means that they are all there. */
function* png({ size }: Report): Walk {
  yield { skip: 8 };
  for (let pixels = false; ; ) {
    const header = yield { take: 8 };
    const type = textAt(header, 4);
    if (type === "IEND" || (pixels && type !== "IDAT")) return;
    pixels = type === "IDAT";
    let rest = header.getUint32(0) + 4;
    if (type === "IHDR") {
      const picture = yield { take: 8 };
      size(picture.getUint32(0), picture.getUint32(4));
      rest -= 8;
    }
    yield { skip: rest };
  }
}

/** Segments of a stated length, and scans that end with the next marker. The first frame header (SOFn) has the size. */
function* jpeg({ size }: Report): Walk {
  yield { skip: 2 };
  for (let framed = false; ; ) {
    const marker = (yield "marker").getUint8(0);
    if (marker === 0xd9) return;
    if (marker === 0x01 || marker === 0xd8) continue; // These have no length.
    let rest = (yield { take: 2 }).getUint16(0) - 2;
    if (!framed && marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      framed = true;
      const frame = yield { take: 5 };
      size(frame.getUint16(3), frame.getUint16(1));
      rest -= 5;
    }
    yield { skip: rest };
  }
}

function* gif({ size }: Report): Walk {
  const header = yield { take: 13 };
  size(header.getUint16(6, true), header.getUint16(8, true));
  yield { skip: paletteSize(header.getUint8(10)) };
  for (;;) {
    const kind = (yield { take: 1 }).getUint8(0);
    if (kind === 0x3b) return;
    if (kind === 0x2c) yield { skip: paletteSize((yield { take: 9 }).getUint8(8)) };
    // The label of an extension, or the least code size of a picture.
    yield { skip: 1 };
    for (let length = -1; length !== 0; yield { skip: length }) length = (yield { take: 1 }).getUint8(0);
    if (kind === 0x2c) return;
  }
}

function paletteSize(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

/** The first chunk has the size; it is never shorter than what is read of it. */
function* webp({ size }: Report): Walk {
  const header = yield { take: 30 };
  const type = textAt(header, 12);
  const bits = header.getUint32(21, true);
  const uint24 = (at: number): number => header.getUint16(at, true) | (header.getUint8(at + 2) << 16);
  if (type === "VP8 ") size(header.getUint16(26, true) & 0x3fff, header.getUint16(28, true) & 0x3fff);
  if (type === "VP8L") size((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1);
  if (type === "VP8X") size(uint24(24) + 1, uint24(27) + 1);
  yield { skip: header.getUint32(4, true) + 8 - 30 };
}

function* bmp({ position, size }: Report): Walk {
  const header = yield { take: 26 };
  const old = header.getUint32(14, true) === 12;
  const width = old ? header.getUint16(18, true) : header.getInt32(18, true);
  // A negative height means that the rows stand top down.
  const height = old ? header.getUint16(20, true) : Math.abs(header.getInt32(22, true));
  size(width, height);
  const more = old ? undefined : yield { take: 8 };
  // Run lengths and other codings do not tell how long they are.
  if (more && ![0, 3, 6].includes(more.getUint32(4, true))) return;
  const row = Math.ceil((width * (more?.getUint16(2, true) ?? header.getUint16(24, true))) / 32) * 4;
  yield { skip: header.getUint32(10, true) + row * height - position() };
}

/** What a description has that ends with the file: with less, some of it is missing. */
const ITEMS = ["iinf", "iloc", "ipma"];

/** Boxes inside the description, and how many bytes of their own stand before the boxes inside them. */
const CONTAINERS: Readonly<Record<string, number>> = { meta: 4, iprp: 0, ipco: 0 };

/**
 * The boxes of AVIF and HEIC (ISO base media file format): the description (`meta`) and the first data (`mdat`) must be
 * there, in any order. The size is the largest of the spatial extents (`ispe`): thumbnails and tiles have smaller ones.
 */
function* boxes({ position, size }: Report): Walk {
  let largest = 0;
  /** Where the description ends. */
  let end = 0;
  for (const missing = new Set(["meta", "mdat"]); missing.size > 0 || (position() < end && Number.isFinite(end)); ) {
    const header = yield { take: 8 };
    const type = textAt(header, 4);
    const inside = position() < end;
    let length = header.getUint32(0) - 8;
    // 1: the size follows in 64 bits. 0: to the end of the file, wherever that is.
    if (length === -7) length = Number((yield { take: 8 }).getBigUint64(0)) - 16;
    if (length === -8 && !inside && type === "meta") for (const item of ITEMS) missing.add(item);
    else if (length === -8 && !inside && missing.has(type)) return;
    if (length < 0) length = Number.POSITIVE_INFINITY;
    if (inside) length = Math.min(length, Math.max(0, end - position()));
    if (type === "meta" && !inside) end = position() + length;
    missing.delete(type);
    if (type === "ispe" && length >= 12) {
      const extents = yield { take: 12 };
      const [width, height] = [extents.getUint32(4), extents.getUint32(8)];
      if (width * height > largest) size(width, height);
      largest = Math.max(largest, width * height);
      length -= 12;
    }
    yield { skip: CONTAINERS[type] ?? length };
  }
}

const SIZES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];

/** The first directory, the values it points to, and the strips or tiles of its picture. */
function* tiff({ position, size: found }: Report): Walk {
  const header = yield { take: 8 };
  const little = header.getUint8(0) === 0x49;
  yield { skip: header.getUint32(4, little) - 8 };
  const entries = yield { take: (yield { take: 2 }).getUint16(0, little) * 12 };
  const start = position();
  let end = start;
  const lists = new Map<number, { readonly size: number; readonly length: number; readonly entry: number }>();
  for (let entry = 0; entry < entries.byteLength; entry += 12) {
    const size = SIZES[entries.getUint16(entry + 2, little)] ?? 0;
    const length = size * entries.getUint32(entry + 4, little);
    if (length > 4) end = Math.max(end, entries.getUint32(entry + 8, little) + length);
    lists.set(entries.getUint16(entry, little), { size, length, entry });
  }
  let behind: DataView | undefined;
  const valuesOf = (tag: number): number[] => {
    const { size = 0, length = 0, entry = 0 } = lists.get(tag) ?? {};
    const inside = length <= 4;
    const view = inside ? entries : behind;
    const at = inside ? entry + 8 : entries.getUint32(entry + 8, little) - start;
    // What stands before the directory has passed already, and the pixels with it.
    if (view === undefined || at < 0 || size === 0) return [];
    const read = (n: number) => (size === 2 ? view.getUint16(at + n * 2, little) : view.getUint32(at + n * 4, little));
    return Array.from({ length: size === 2 || size === 4 ? length / size : 0 }, (_, n) => read(n));
  };
  found(valuesOf(256)[0] ?? 0, valuesOf(257)[0] ?? 0);
  if (end - start <= MOST_TAKEN) behind = yield { take: end - start };
  const lengths = [...valuesOf(279), ...valuesOf(325)];
  const offsets = [...valuesOf(273), ...valuesOf(324)];
  for (const [n, offset] of offsets.entries()) end = Math.max(end, offset + (lengths[n] ?? 0));
  yield { skip: end - position() };
}

/** Width and height, where the first bytes state them. */
export function dimensionsOf(format: ImageFormat, head: Uint8Array): Dimensions | undefined {
  const scanner = new ImageScanner(format);
  scanner.push(head);
  return scanner.dimensions;
}

function textAt(view: DataView, at: number): string {
  return latin1(new Uint8Array(view.buffer, at, 4));
}
