/** What bytes are, by the first of them. Pure. */
import { latin1 } from "../util/bytes.js";
import { decode } from "./base64.js";

export type ImageFormat = "png" | "jpeg" | "webp" | "gif" | "bmp" | "tiff" | "avif" | "heic";

/** What bytes are that are not an image, where that helps to explain it. */
export const NOT_IMAGE = {
  html: "HTML, often an error page",
  xml: "XML or SVG",
  json: "JSON, often an error message",
  pdf: "a PDF",
  data_uri: "a data: URI",
  base64: "base64 text",
  text: "text",
  unknown: "an unknown format",
} as const;

export type NotImage = keyof typeof NOT_IMAGE;

export type Sniffed = { readonly format: ImageFormat } | { readonly not: NotImage };

/** Brands of the ISO base media file format (`ftyp`, major or compatible). */
const AVIF = ["avif", "avis"];
const HEIC = ["heic", "heix", "heim", "heis", "hevc", "mif1", "msf1"];

export function sniff(head: Uint8Array): Sniffed {
  const format = formatOf(head);
  return format === undefined ? { not: notImage(head) } : { format };
}

export function formatOf(head: Uint8Array): ImageFormat | undefined {
  const start = latin1(head.subarray(0, 16));
  if (start.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (start.startsWith("\xff\xd8\xff")) return "jpeg";
  if (start.startsWith("RIFF") && start.slice(8, 12) === "WEBP") return "webp";
  if (/^GIF8[79]a/.test(start)) return "gif";
  if (start.startsWith("II*\0") || start.startsWith("MM\0*")) return "tiff";
  if (start.startsWith("BM") && isBmp(head)) return "bmp";
  if (start.slice(4, 8) === "ftyp") return brandOf(head);
  return undefined;
}

/** "BM" begins many a text: the header's size, one of few, must stand where it belongs. */
function isBmp(head: Uint8Array): boolean {
  return [12, 16, 40, 52, 56, 64, 108, 124].includes(head[14] ?? 0) && head[15] === 0 && head[16] === 0;
}

function brandOf(head: Uint8Array): ImageFormat | undefined {
  const size = ((head[2] ?? 0) << 8) | (head[3] ?? 0);
  const box = latin1(head.subarray(0, Math.min(size, 256)));
  const names = [box.slice(8, 12), ...(box.slice(16).match(/[\s\S]{4}/g) ?? [])];
  // Both families use mif1: the brand that names its coding wins.
  if (names.some((name) => AVIF.includes(name))) return "avif";
  return names.some((name) => HEIC.includes(name)) ? "heic" : undefined;
}

function notImage(head: Uint8Array): NotImage {
  const text = latin1(head.subarray(0, 1024)).replace(/^\xef\xbb\xbf/, "");
  const seen = text.trimStart();
  if (/^<(?:!doctype\s+html|html|head|body|script|title|meta|div|!--)/i.test(seen)) return "html";
  if (/^<(?:\?xml|svg|[a-z][\w:]*[\s>])/i.test(seen)) return "xml";
  if (seen.startsWith("%PDF-")) return "pdf";
  if (/^data:image\//i.test(seen)) return "data_uri";
  if (/^(?:\{\s*(?:"|\})|\[\s*(?:[[{"\d\]]|true|false|null|-))/.test(seen)) return "json";
  const letters = text.replace(/\s/g, "");
  if (/^[A-Za-z0-9+/]{16,}={0,2}$/.test(letters) && formatOf(decode(letters.slice(0, letters.length & ~3))))
    return "base64";
  return text !== "" && !/(?![\t-\r\x80-\x9f])\p{Cc}/u.test(text) ? "text" : "unknown";
}
