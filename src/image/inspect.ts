/** Looks at an image before it is sent: every fault of it, and what the sending goes on with. */
import type { Fault } from "../errors/invalid-request-error.js";
import { orAborted } from "../util/abort-scope.js";
import { decode, decodedLength, isBase64 } from "./base64.js";
import { HEAD_BYTES, type ImageSettings, type ImageView, imageFaults, TAIL_BYTES } from "./checks.js";
import { SourceReader } from "./reader.js";
import { type Image, type ImageSource, imageOf, MemorySource } from "./source.js";

export interface Inspection {
  /** Empty when the image can be sent. */
  readonly faults: readonly Fault[];
  readonly image?: Image;
  /** Open, with the head still in it, where the source cannot be opened again. Whoever does not send it must close it. */
  readonly opened?: SourceReader | undefined;
}

/**
 * Bytes and text that are there are looked at without a wait.
 *
 * @param within Asked for where there is something to wait for; ends the reading, and closes the source.
 * @throws {SourceFailure} when the source cannot be read. @throws the reason of what ended the reading.
 */
export function inspectImage(
  input: unknown,
  settings: ImageSettings,
  within: () => AbortSignal,
): Inspection | Promise<Inspection> {
  const image = imageOf(input);
  if ("rule" in image) return { faults: [{ field: "image", ...image }] };
  const looked = (view: ImageView): Inspection => {
    const faults = imageFaults(view, settings).map((fault) => ({ field: "image", ...fault }));
    return { faults, image };
  };
  if (image.kind === "base64") {
    const text = textFault(image.text, settings);
    return text === undefined ? looked(viewOfText(image.text)) : { faults: [text] };
  }
  const { source } = image;
  if (source instanceof MemorySource) return looked(viewOfBytes(source.view));
  return viewOfSource(source, within()).then(({ view, opened }) => ({ ...looked(view), opened }));
}

async function viewOfSource(
  source: ImageSource,
  ending: AbortSignal,
): Promise<{ view: ImageView; opened?: SourceReader }> {
  const reader = new SourceReader(source);
  try {
    const { bytes, whole } = await orAborted(ending, reader.head(HEAD_BYTES));
    if (!source.replayable) return { view: { head: bytes, whole, size: source.size }, opened: reader };
    const reading = whole ? undefined : source.tail?.(TAIL_BYTES);
    const tail = reading && (await orAborted(ending, reading));
    const head = new Uint8Array(bytes);
    await reader.close();
    return { view: { head, whole: whole || bytes.byteLength === source.size, tail, size: source.size } };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

function viewOfBytes(bytes: Uint8Array): ImageView {
  const size = bytes.byteLength;
  return { head: bytes.subarray(0, HEAD_BYTES), whole: size <= HEAD_BYTES, tail: bytes, size };
}

function viewOfText(text: string): ImageView {
  const head = decode(text.slice(0, 4 * Math.floor(HEAD_BYTES / 3)));
  const size = decodedLength(text);
  const from = Math.max(0, text.length - TAIL_BYTES);
  return { head, whole: head.byteLength === size, tail: decode(text.slice(from - (from % 4))), size };
}

/** What the text is instead of base64. Never repeats it: a mistaken string may hold anything. */
function textFault(text: string, settings: ImageSettings): Fault | undefined {
  const fault = (rule: string, message: string): Fault => ({ field: "image", rule, message });
  if (text === "") return fault("empty", "is an empty string");
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(text))
    return fault(
      "url",
      "is a URL. A string is taken for base64, and no address is fetched for you: pass `await fetch(url)` instead",
    );
  if (text.length < 1024 && looksLikePath(text))
    return fault(
      "path",
      'is a path. A string is taken for base64, and no file is read for you: pass `await imageFile(path)` of "magnific-client/node"',
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
  if (/^[\w-]+={0,2}$/.test(sample) && /[-_]/.test(sample)) return "is base64url: write + and / in place of - and _";
  return "is no exact base64: it has other letters, wrong padding or unused bits that are not zero";
}
