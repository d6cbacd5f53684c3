/** A PNG of a given size in bytes: a true header, a private chunk of noise or of a mark, a true end. Pixels it has none. */
export function pngOf(bytes: number, width = 64, height = 48, mark = ""): Uint8Array<ArrayBuffer> {
  const png = new Uint8Array(Math.max(bytes, 57));
  const view = new DataView(png.buffer);
  png.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  chunk(view, 8, "IHDR", 13);
  view.setUint32(16, width);
  view.setUint32(20, height);
  png.set([8, 2, 0, 0, 0], 24);
  const filling = png.byteLength - 33 - 12 - 12;
  chunk(view, 33, "noIs", filling);
  let seed = 7;
  for (let at = 41; at < 41 + filling; at++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    png[at] = seed >>> 24;
  }
  png.set(new TextEncoder().encode(mark).subarray(0, filling), 41);
  chunk(view, png.byteLength - 12, "IEND", 0);
  png.set([0xae, 0x42, 0x60, 0x82], png.byteLength - 4);
  return png;
}

function chunk(view: DataView, at: number, type: string, length: number): void {
  view.setUint32(at, length);
  for (let i = 0; i < 4; i++) view.setUint8(at + 4 + i, type.charCodeAt(i));
}
