/** The boxes of AVIF and HEIC (ISO base media file format). Pure. */

export interface Dimensions {
  readonly width: number;
  readonly height: number;
}

/** Boxes on the way to the image's extents, and how many bytes of their own stand before the boxes inside. */
const CONTAINERS: Readonly<Record<string, number>> = { meta: 4, iprp: 0, ipco: 0 };

/** The largest of the spatial extents (`ispe`): a thumbnail and the tiles of a grid have smaller ones of their own. */
export function boxDimensions(view: DataView): Dimensions | undefined {
  let largest: Dimensions | undefined;
  const walk = (start: number, end: number): void => {
    for (let at = start; at + 8 <= end; ) {
      const size = view.getUint32(at);
      const type = String.fromCharCode(...[4, 5, 6, 7].map((offset) => view.getUint8(at + offset)));
      const stop = Math.min(size === 0 ? end : at + size, end);
      if (type === "ispe" && at + 20 <= stop) {
        const found = { width: view.getUint32(at + 12), height: view.getUint32(at + 16) };
        if (largest === undefined || found.width * found.height > largest.width * largest.height) largest = found;
      }
      const skip = CONTAINERS[type];
      if (skip !== undefined) walk(at + 8 + skip, stop);
      // 0 means up to the end, 1 a size of 64 bits, which a header's boxes never need; less than 8 would never end.
      if (size < 8) return;
      at += size;
    }
  };
  walk(0, view.byteLength);
  return largest;
}
