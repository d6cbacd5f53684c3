/** The digest that a store knows a request by. */
import { InvalidRequestError } from "../errors/request-errors.js";
import type { CallOptions } from "../http/call-options.js";
import type { Settings } from "../options.js";
import { orAborted } from "../util/abort-scope.js";
import { utf8 } from "../util/bytes.js";
import { sha256 } from "../util/sha256.js";
import { type PreparedRequest, readingImage, SUBMIT } from "./request.js";

/** The digest of a request, had before it is sent. @throws {InvalidRequestError} when its image can be read only once. */
export async function replayableDigest(
  settings: Settings,
  { body, fields }: PreparedRequest,
  options: CallOptions,
): Promise<string> {
  if (!body.replayable) {
    await body.close();
    const message =
      "can be read only once, so a store could know it only after it was sent: pass bytes, a Blob or imageFile(), or `store: false`";
    throw new InvalidRequestError(SUBMIT, [{ field: "image", rule: "replayable", message }]);
  }
  const hash = sha256();
  await readingImage(settings, options, (signal) => orAborted(signal, body.readImage(hash.update, signal)));
  return digestOf(settings.origin, fields, await hash.hex());
}

/**
 * Recognises a request without holding it: SHA-256, in hex, of the server's origin and the parameters as JSON with
 * sorted names, in which the image is `"sha256:<hex>"` of its bytes.
 *
 * @param fields Of the request. Its image itself is not looked at.
 * @param imageHash SHA-256 of the image's bytes, in hex.
 */
export function digestOf(
  origin: string,
  fields: Readonly<Record<string, unknown>>,
  imageHash: string,
): Promise<string> {
  const names = Object.keys(fields).filter((name) => fields[name] !== undefined);
  const members = names.sort().map((name) => {
    const value = name === "image" ? `sha256:${imageHash}` : fields[name];
    return `${JSON.stringify(name)}:${JSON.stringify(value)}`;
  });
  const hash = sha256();
  hash.update(utf8(`${origin}\n{${members.join(",")}}`));
  return hash.hex();
}
