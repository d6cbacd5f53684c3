/** Width and height, read from an image's first bytes. Pure. `undefined` where they do not stand there. */
import { boxDimensions, type Dimensions } from "./iso-media.js";
import type { ImageFormat } from "./sniff.js";
import { latin1 } from "./sniff.js";

export function dimensionsOf(format: ImageFormat, head: Uint8Array): Dimensions | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  try {
    const found = READERS[format](view, head);
    return found !== undefined && found.width > 0 && found.height > 0 ? found : undefined;
  } catch (error) {
    // A RangeError means that the header ends before it says so.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const READERS: Readonly<Record<ImageFormat, (view: DataView, head: Uint8Array) => Dimensions | undefined>> = {
  png: (view, head) =>
    latin1(head.subarray(12, 16)) === "IHDR" ? { width: view.getUint32(16), height: view.getUint32(20) } : undefined,
  gif: (view) => ({ width: view.getUint16(6, true), height: view.getUint16(8, true) }),
  bmp: (view) =>
    view.getUint32(14, true) === 12
      ? { width: view.getUint16(18, true), height: view.getUint16(20, true) }
      : // A negative height means that the rows stand top down.
        { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) },
  jpeg: jpegDimensions,
  webp: webpDimensions,
  tiff: tiffDimensions,
  avif: (view) => boxDimensions(view),
  heic: (view) => boxDimensions(view),
};

/** The frame header (SOFn) after any number of segments. */
function jpegDimensions(view: DataView): Dimensions | undefined {
  for (let at = 2; ; ) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1; // a fill byte
      continue;
    }
    const frame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (frame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    // Start of scan or end of image: no frame header can follow.
    if (marker === 0xda || marker === 0xd9) return undefined;
    const standalone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);
    at += standalone ? 2 : 2 + Math.max(2, view.getUint16(at + 2));
  }
}

function webpDimensions(view: DataView, head: Uint8Array): Dimensions | undefined {
  switch (latin1(head.subarray(12, 16))) {
    case "VP8 ":
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    case "VP8L": {
      const bits = view.getUint32(21, true);
      return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
    }
    case "VP8X": {
      const uint24 = (at: number): number => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
      return { width: uint24(24) + 1, height: uint24(27) + 1 };
    }
    default:
      return undefined;
  }
}

/** The first directory; it may stand anywhere in the file, often at its end. */
function tiffDimensions(view: DataView): Dimensions {
  const little = view.getUint8(0) === 0x49;
  const directory = view.getUint32(4, little);
  const values = new Map<number, number>();
  for (let entry = 0; entry < view.getUint16(directory, little); entry++) {
    const at = directory + 2 + entry * 12;
    const tag = view.getUint16(at, little);
    const short = view.getUint16(at + 2, little) === 3;
    if (tag === 256 || tag === 257)
      values.set(tag, short ? view.getUint16(at + 8, little) : view.getUint32(at + 8, little));
  }
  return { width: values.get(256) ?? 0, height: values.get(257) ?? 0 };
}
