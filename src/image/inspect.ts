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
  if (text !== undefined) {
    // Loaded with the first text: most programs pass bytes.
    const { textFault } = await import("./text-fault.js");
    const fault = textFault(text, () => !settings.base64 || isBase64(text));
    if (fault !== undefined) return { faults: [imageFault(...fault)] };
  }
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
