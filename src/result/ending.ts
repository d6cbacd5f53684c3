/** Whether an image is all there, told by its end: for bodies whose length nobody states. Pure. */

/** How many of the last bytes `endsWhole` wants to see. Some writers append data of their own after the image. */
export const TAIL_LENGTH = 1024;

/** `false` only where the format has an end mark or states its size, and that speaks against it. */
export function endsWhole(type: string, head: Uint8Array, tail: Uint8Array, size: number): boolean {
  switch (type) {
    case "image/png":
      return latin1(tail).includes("IEND\xaeB`\x82");
    case "image/jpeg":
      return latin1(tail).includes("\xff\xd9");
    case "image/webp":
      return size >= new DataView(head.buffer, head.byteOffset, head.byteLength).getUint32(4, true) + 8;
    default:
      return true;
  }
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
