/** Checks an image before it is sent: lists every fault of it, and hands over what the sending continues with. */
import type { Fault } from "../errors/request-errors.js";
import { orAborted } from "../util/abort-scope.js";
import { decodedLength, isBase64 } from "./base64.js";
import type { CheckedImage } from "./body.js";
import { HEAD_BYTES, type ImageSettings, imageFaults } from "./checks.js";
import { SourceReader } from "./reader.js";
import { ImageScanner } from "./scanner.js";
import { formatOf } from "./sniff.js";
import { imageFault, imageOf } from "./source.js";

export interface Inspection extends Partial<CheckedImage> {
  /** Empty when the image can be sent. */
  readonly faults: readonly Fault[];
}

/**
 * @param signal Ends the reading and closes the source.
 * @throws {SourceFailure} when the source cannot be read. @throws the signal's reason.
 */
export async function inspectImage(input: unknown, settings: ImageSettings, signal?: AbortSignal): Promise<Inspection> {
  const image = imageOf(input);
  if ("rule" in image) return { faults: [image] };
  const { source, text } = image;
  const fault = text === undefined ? undefined : textFault(text, settings);
  if (fault !== undefined) return { faults: [fault] };
  const size = text === undefined ? source.size : decodedLength(text);
  const reader = new SourceReader(source);
  try {
    const { bytes: head, whole } = await orAborted(signal, reader.head(HEAD_BYTES));
    const format = settings.complete ? formatOf(head) : undefined;
    const scanner = format && new ImageScanner(format);
    if (!source.replayable && !whole)
      return { faults: imageFaults(head, settings, size), image, opened: reader, scanner };
    if (!source.replayable) {
      scanner?.push(head);
      return { faults: imageFaults(head, settings, size, scanner), image, opened: reader };
    }
    while (scanner?.complete === false) {
      const chunk = await orAborted(signal, reader.next());
      if (chunk === undefined) break;
      scanner.push(chunk);
    }
    await reader.close();
    return { faults: imageFaults(head, settings, size, scanner), image };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

/** Why the text cannot be sent. Never shows it: a mistaken string may hold anything. */
function textFault(text: string, settings: ImageSettings): Fault | undefined {
  if (text === "") return imageFault("empty", "is an empty string");
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(text))
    return imageFault(
      "url",
      "is a URL. A string must be base64, and no URL is fetched for you: pass `await fetch(url)` instead",
    );
  if (text.length < 1024 && looksLikePath(text))
    return imageFault(
      "path",
      'is a path. A string must be base64, and no file is read for you: pass `await imageFile(path)` from "magnific-client/node"',
    );
  return !settings.base64 || isBase64(text) ? undefined : imageFault("base64", whyNotBase64(text));
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
