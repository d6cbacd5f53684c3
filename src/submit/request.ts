/** A submit's request: what it may hold, and its check before anything is sent. */
import { OPERATIONS } from "../../generated/upscaler-precision/constants.js";
import {
  type Violation,
  postAiImageUpscalerPrecisionRequestClosed as validate,
} from "../../generated/upscaler-precision/validators.js";
import type { WireUpscaleRequest } from "../api/wire.js";
import { TimeoutError } from "../errors/network-errors.js";
import { type Fault, InvalidRequestError } from "../errors/request-errors.js";
import type { Call } from "../http/call.js";
import type { CallOptions } from "../http/call-options.js";
import { failureOf, toError } from "../http/failure.js";
import { Body } from "../image/body.js";
import { inspectImage } from "../image/inspect.js";
import { SourceFailure } from "../image/reader.js";
import type { ImageInput } from "../image/source.js";
import { type Settings, secretsOf } from "../options.js";
import { abortScope } from "../util/abort-scope.js";
import { isSecure } from "../util/address.js";

/** What is upscaled, and how: the fields of the provider's document, by their wire names. */
export interface UpscaleRequest extends Omit<WireUpscaleRequest, "image"> {
  /** The image. Its bytes are sent as base64, read and encoded while they are sent. */
  image: ImageInput;
}

export const SUBMIT: string = `${OPERATIONS.postAiImageUpscalerPrecision.method} ${OPERATIONS.postAiImageUpscalerPrecision.path}`;

/** A request that passed every check. */
export interface PreparedRequest {
  readonly body: Body;
  /** The request's fields, as they were when they were checked. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly unchecked?: Call["unchecked"];
}

/** Checks fields and image together. @throws {InvalidRequestError} listing every fault. @throws {ImageReadError} */
export async function prepareRequest(
  request: unknown,
  settings: Settings,
  options: Pick<CallOptions, "signal" | "timeout"> & { readonly extraBody?: object | undefined } = {},
): Promise<PreparedRequest> {
  if (typeof request !== "object" || request === null || Array.isArray(request))
    throw new InvalidRequestError(SUBMIT, [{ field: "", rule: "type", message: "the request must be an object" }]);
  const own: Record<string, unknown> = { ...request };
  // Rare, so loaded only then.
  const { extraBody: given } = options;
  const faultsOf = (own: object): Fault[] => fieldFaults(own, settings);
  const extra = given && (await import("./extra-body.js")).extraBody(given, faultsOf);
  const fields: Record<string, unknown> = { ...own, ...extra?.fields };
  const { image: input } = own;
  const inspect = (signal?: AbortSignal) => inspectImage(input, settings.image, signal);
  // Text and bytes are there already: nothing is waited for.
  const present = typeof input === "string" || input instanceof Uint8Array;
  const inspection =
    input === undefined ? undefined : await (present ? inspect() : readingImage(settings, options, inspect));
  const faults = [...(inspection?.faults ?? []), ...faultsOf(own), ...(extra?.faults ?? [])];
  if (faults.length > 0 || inspection?.image === undefined) {
    await inspection?.opened?.close();
    throw new InvalidRequestError(SUBMIT, faults);
  }
  const { image, opened, scanner } = inspection;
  return {
    body: new Body({ image, opened, scanner, fields, maxBytes: settings.image.maxBytes }),
    fields,
    unchecked: extra,
  };
}

/** Reads the image before anything is sent, within the call's timeout. @throws {MagnificError} when it cannot be read. */
export async function readingImage<T>(
  settings: Settings,
  options: Pick<CallOptions, "signal" | "timeout">,
  read: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = options.timeout ?? settings.timeout;
  const scope = abortScope(settings.time, timeout, options.signal);
  try {
    return await read(scope.signal);
  } catch (error) {
    const facts = { operation: SUBMIT, submission: "not_sent", attempts: 0 } as const;
    const late = `The image was not read within ${timeout} ms. Nothing was sent: submitting again is safe.`;
    if (scope.endedBy === "deadline") throw new TimeoutError(late, facts);
    const known = scope.endedBy !== undefined || error instanceof SourceFailure;
    const thrown = known ? error : new SourceFailure("opening failed", { cause: error });
    const failure = failureOf(thrown, { scope, timeout, reason: options.signal?.reason, secrets: secretsOf(settings) });
    throw toError(failure, facts, settings.time.now());
  } finally {
    scope.close();
  }
}

/** Faults of everything but the image, which the schema sees as one valid letter of base64. */
export function fieldFaults(request: object, settings: Pick<Settings, "insecureWebhookUrl">): Fault[] {
  const seen: Record<string, unknown> = { ...request };
  for (const name of Object.keys(seen)) if (seen[name] === undefined) delete seen[name];
  if (seen.image !== undefined) seen.image = "AAAA";
  const valid = validate(seen);
  const faults = valid ? [] : (validate.errors ?? []).map(faultOf);
  const { webhook_url: address } = seen;
  const checked = settings.insecureWebhookUrl || faults.some((fault) => fault.field === "webhook_url");
  if (typeof address === "string" && !checked && !(URL.canParse(address) && isSecure(new URL(address)))) {
    const message =
      "must be https, or http to loopback, so that nobody on the network can read the task; the option `insecureWebhookUrl` allows plain http";
    faults.push({ field: "webhook_url", rule: "https", message });
  }
  return faults;
}

/** Never repeats a value: it may be anything, a key in the wrong place included. */
function faultOf({ instancePath, keyword, params, message = "is not valid" }: Violation): Fault {
  const missing = params.missingProperty;
  if (keyword === "required") return { field: String(missing), rule: keyword, message: "is required" };
  const other = params.additionalProperty ?? params.unevaluatedProperty;
  return keyword === "additionalProperties" || keyword === "unevaluatedProperties"
    ? { field: String(other).slice(0, 60), rule: keyword, message: "is not a field of this operation" }
    : { field: instancePath.split("/")[1] ?? "", rule: keyword, message };
}
