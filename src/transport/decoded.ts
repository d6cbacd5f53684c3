/** An answer's body without its compression. */
import type { Readable } from "node:stream";
import zlib from "node:zlib";

/** None was asked for, but some servers compress all the same. */
export function decoded(answer: Readable, encoding: string | null): Readable {
  const decoder = decoderOf(encoding?.toLowerCase());
  if (decoder === undefined) return answer;
  answer.once("error", (error) => decoder.destroy(error));
  decoder.once("close", () => {
    if (!decoder.readableEnded) answer.destroy();
  });
  return answer.pipe(decoder);
}

function decoderOf(encoding: string | undefined): (Readable & NodeJS.WritableStream) | undefined {
  switch (encoding) {
    case "gzip":
    case "x-gzip":
      return zlib.createGunzip();
    case "br":
      return zlib.createBrotliDecompress();
    case "deflate":
      return zlib.createInflate();
    default:
      return undefined;
  }
}
