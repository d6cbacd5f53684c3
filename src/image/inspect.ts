/** Checks an image before it is sent: lists every fault of it, and hands over what the sending continues with. */
import type { Fault } from "../errors/request-errors.js";
import { orAborted } from "../util/abort-scope.js";
import { decode, decodedLength, isBase64, TEXT_SLICE } from "./base64.js";
import { HEAD_BYTES, type ImageSettings, imageFaults } from "./checks.js";
import { SourceReader } from "./reader.js";
import { ImageScanner } from "./scanner.js";
import { formatOf } from "./sniff.js";
import { type Image, type ImageSource, imageOf, MemorySource } from "./source.js";

export interface Inspection {
  /** Empty when the image can be sent. */
  readonly faults: readonly Fault[];
  readonly image?: Image;
  /** Open, with the head still in it, where the source cannot be opened again. Whoever does not send it must close it. */
  readonly opened?: SourceReader | undefined;
  /** Fresh, where the bytes can be scanned only while they are sent: push all of them, and send the last ones only when it is complete. */
  readonly scanner?: ImageScanner | undefined;
}

/**
 * Bytes and text in memory are checked synchronously.
 *
 * @param within Called where there is something to wait for; the signal ends the reading and closes the source.
 * @throws {SourceFailure} when the source cannot be read. @throws the reason of what ended the reading.
 */
export function inspectImage(
  input: unknown,
  settings: ImageSettings,
  within: () => AbortSignal,
): Inspection | Promise<Inspection> {
  const image = imageOf(input);
  if ("rule" in image) return { faults: [{ field: "image", ...image }] };
  if (image.kind === "base64") {
    const { text } = image;
    const fault = textFault(text, settings);
    if (fault !== undefined) return { faults: [fault] };
    const head = decode(text.slice(0, 4 * Math.floor(HEAD_BYTES / 3)));
    const scanner = scannerFor(head, settings);
    for (let at = 0; at < text.length && scanner?.complete === false; at += TEXT_SLICE)
      scanner.push(decode(text.slice(at, at + TEXT_SLICE)));
    return { faults: faultsOf(head, decodedLength(text), scanner, settings), image };
  }
  const { source } = image;
  if (!(source instanceof MemorySource)) return inspectSource(image, source, settings, within());
  const head = source.view.subarray(0, HEAD_BYTES);
  const scanner = scannerFor(head, settings);
  scanner?.push(source.view);
  return { faults: faultsOf(head, source.size, scanner, settings), image };
}

async function inspectSource(
  image: Image,
  source: ImageSource,
  settings: ImageSettings,
  signal: AbortSignal,
): Promise<Inspection> {
  const reader = new SourceReader(source);
  try {
    const { bytes, whole } = await orAborted(signal, reader.head(HEAD_BYTES));
    const scanner = scannerFor(bytes, settings);
    if (!source.replayable) {
      if (whole) scanner?.push(bytes);
      const faults = faultsOf(bytes, source.size, whole ? scanner : undefined, settings);
      return { faults, image, opened: reader, scanner: whole ? undefined : scanner };
    }
    const head = new Uint8Array(bytes);
    while (scanner?.complete === false) {
      const chunk = await orAborted(signal, reader.next());
      if (chunk === undefined) break;
      scanner.push(chunk);
    }
    await reader.close();
    return { faults: faultsOf(head, source.size, scanner, settings), image };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

function scannerFor(head: Uint8Array, settings: ImageSettings): ImageScanner | undefined {
  const format = settings.complete ? formatOf(head) : undefined;
  return format && new ImageScanner(format);
}

function faultsOf(
  head: Uint8Array,
  size: number | undefined,
  scanner: ImageScanner | undefined,
  settings: ImageSettings,
): Fault[] {
  return imageFaults({ head, size, scanner }, settings).map((fault) => ({ field: "image", ...fault }));
}

/** Why the text cannot be sent. Never shows it: a mistaken string may hold anything. */
function textFault(text: string, settings: ImageSettings): Fault | undefined {
  const fault = (rule: string, message: string): Fault => ({ field: "image", rule, message });
  if (text === "") return fault("empty", "is an empty string");
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(text))
    return fault(
      "url",
      "is a URL. A string must be base64, and no URL is fetched for you: pass `await fetch(url)` instead",
    );
  if (text.length < 1024 && looksLikePath(text))
    return fault(
      "path",
      'is a path. A string must be base64, and no file is read for you: pass `await imageFile(path)` from "magnific-client/node"',
    );
  if (!settings.base64 || isBase64(text)) return undefined;
  return fault("base64", whyNotBase64(text));
}

function looksLikePath(text: string): boolean {
  return (
    /^(?:\.{0,2}[/\\](?!9j\/)|~\/|[a-z]:[\\/])/i.test(text) ||
    /\.(?:jpe?g|png|webp|gif|bmp|tiff?|avif|hei[cf])$/i.test(text)
  );
}

function whyNotBase64(text: string): string {
  const sample = text.slice(0, 4096);
  if (/\s/.test(sample) || /\s$/.test(text)) return "is base64 with line breaks or spaces: remove them";
  if (/^[\w-]+={0,2}$/.test(sample) && /[-_]/.test(sample)) return "is base64url: use + and / instead of - and _";
  return "is not valid base64: it has other characters, wrong padding or unused bits that are not zero";
}
