/** A submit's request: what it may hold, and its check before anything is sent. */
import { imageFields, submitOf, type TaskContract, type Violation } from "../contract/contract.js";
import { TimeoutError } from "../errors/network-errors.js";
import { type Fault, InvalidRequestError } from "../errors/request-errors.js";
import type { Call, CallEnvironment } from "../http/call.js";
import type { CallOptions } from "../http/call-options.js";
import { failureOf, toError } from "../http/failure.js";
import { Body, type CheckedImage } from "../image/body.js";
import { type Inspection, inspectImage } from "../image/inspect.js";
import { SourceFailure } from "../image/reader.js";
import { imageFault } from "../image/source.js";
import { type Settings, secretsOf } from "../options.js";
import { abortScope, inScope } from "../util/abort-scope.js";
import { isSecure } from "../util/address.js";

export type RequestContext = Pick<CallEnvironment, "contract" | "settings">;

/** A request that passed every check. */
export interface PreparedRequest {
  readonly body: Body;
  /** The request's fields, as they were when they were checked. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly unchecked?: Call["unchecked"];
}

/** Checks fields and images together. @throws {InvalidRequestError} listing every fault. @throws {ImageReadError} */
export async function prepareRequest(
  request: unknown,
  context: RequestContext,
  options: Pick<CallOptions, "signal" | "timeout"> & { readonly extraBody?: object | undefined } = {},
): Promise<PreparedRequest> {
  const { contract, settings } = context;
  const operation = submitOf(contract);
  if (typeof request !== "object" || request === null || Array.isArray(request))
    throw new InvalidRequestError(operation, [{ field: "", rule: "type", message: "the request must be an object" }]);
  const own: Record<string, unknown> = { ...request };
  // Rare, so loaded only then.
  const { extraBody: given } = options;
  const faultsOf = (request: object): Fault[] => fieldFaults(request, context);
  const extra = given && (await import("./extra-body.js")).extraBody(own, given, faultsOf);
  const fields: Record<string, unknown> = { ...own, ...extra?.fields };
  const names = imageFields(contract).filter((name) => own[name] !== undefined && !isUrl(contract, name, own[name]));
  const inspections: Inspection[] = [];
  const inspect = async (signal?: AbortSignal): Promise<void> => {
    for (const name of names) inspections.push(await inspectImage(own[name], settings.image, signal));
  };
  // Text and bytes are there already: nothing is waited for.
  const present = names.every((name) => typeof own[name] === "string" || own[name] instanceof Uint8Array);
  try {
    await (present ? inspect() : readingImage(context, options, inspect));
    const images = new Map<string, CheckedImage>();
    const faults = inspections.flatMap(({ image, faults, ...opened }, index): Fault[] => {
      const field = String(names[index]);
      if (image !== undefined) images.set(field, { image, ...opened });
      const first = names.findIndex((name) => own[name] === own[field]);
      const twice = image?.source.replayable === false && first < index;
      const found = twice
        ? [imageFault("consumed", "can be read only once, and is another image too"), ...faults]
        : faults;
      return found.map((fault) => ({ ...fault, field }));
    });
    faults.push(...faultsOf(own), ...(extra?.faults ?? []));
    if (faults.length > 0) throw new InvalidRequestError(operation, faults);
    return { body: new Body({ images, fields, maxBytes: settings.image.maxBytes }), fields, unchecked: extra };
  } catch (error) {
    await Promise.all(inspections.map(({ opened }) => opened?.close()));
    throw error;
  }
}

/** Reads the image before anything is sent, within the call's timeout. @throws {MagnificError} when it cannot be read. */
export function readingImage<T>(
  { contract, settings }: RequestContext,
  options: Pick<CallOptions, "signal" | "timeout">,
  read: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = options.timeout ?? settings.timeout;
  const scope = abortScope(settings.time, timeout, options.signal);
  return inScope(scope, read, (error) => {
    const facts = { operation: submitOf(contract), submission: "not_sent", attempts: 0 } as const;
    const late = `The image was not read within ${timeout} ms. Nothing was sent: submitting again is safe.`;
    if (scope.endedBy === "deadline") return new TimeoutError(late, facts);
    const known = scope.endedBy !== undefined || error instanceof SourceFailure;
    const thrown = known ? error : new SourceFailure("opening failed", { cause: error });
    const failure = failureOf(thrown, { scope, timeout, secrets: secretsOf(settings) });
    return toError(failure, facts, settings.time.now());
  });
}

/** Faults of everything but the images, which the schema sees as one valid letter of base64. */
export function fieldFaults(
  request: object,
  { contract, settings }: { contract: TaskContract; settings: Pick<Settings, "insecureWebhookUrl"> },
): Fault[] {
  const seen: Record<string, unknown> = { ...request };
  const { validateRequest: validate, webhook = "" } = contract;
  for (const name of Object.keys(seen)) if (seen[name] === undefined) delete seen[name];
  const images = imageFields(contract).filter((name) => seen[name] !== undefined && !isUrl(contract, name, seen[name]));
  for (const name of images) seen[name] = "AAAA";
  const found = validate(seen) ? [] : (validate.errors ?? []).map(faultOf);
  // The letter stands for an image that has checks of its own: what a schema says of its text besides does not hold for it.
  const faults = found.filter(({ field }) => !images.includes(field));
  const address = seen[webhook];
  const checked = settings.insecureWebhookUrl || faults.some((fault) => fault.field === webhook);
  if (typeof address === "string" && !checked && !(URL.canParse(address) && isSecure(new URL(address)))) {
    const message =
      "must be https, or http to loopback, so that nobody on the network can read the task; the option `insecureWebhookUrl` allows plain http";
    faults.push({ field: webhook, rule: "https", message });
  }
  return faults;
}

/** Where an image may be a URL too, an address is sent as it is: the provider fetches it. */
function isUrl({ images }: TaskContract, name: string, value: unknown): boolean {
  return images[name] === "either" && typeof value === "string" && /^https?:\/\//i.test(value);
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
