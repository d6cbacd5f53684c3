/** Reads and checks the body of a submit. */
import type { RequestFields, TaskFacts, Violation } from "../contract/contract.js";
import type { InvalidParam } from "../errors/api-error.js";
import type { SandboxOperation } from "./operation.js";
import { Refusal } from "./response.js";
import type { TaskRecord } from "./task.js";

export interface SubmitBody extends Pick<TaskRecord, "fields" | "webhookUrl"> {
  /** By field, in the order of the document; those that were sent as URLs are among the fields. */
  readonly images: ReadonlyMap<string, Buffer>;
}

/** What the log may know of a body. */
interface BodyFacts {
  bytes: number;
  fields: readonly string[];
}

/**
 * @param facts Filled while the body is read, so that the log has them for a refused body too.
 * @throws {Refusal} 400 or 413.
 */
export async function readSubmitBody(
  request: Request,
  { task, fields, accepts }: SandboxOperation,
  limit: number,
  facts: BodyFacts,
): Promise<SubmitBody> {
  // 415 would be the usual status; the document declares none, so a wrong media type is a bad request like any other.
  if (!isJson(request.headers.get("content-type") ?? ""))
    throw new Refusal(400, "The body must be sent as application/json in UTF-8");
  const body = await readJson(request, limit, facts);
  const names = typeof body === "object" && body !== null ? Object.keys(body) : [];
  facts.fields = names.slice(0, 20).map((name) => name.slice(0, 64));
  if (!accepts(body)) throw invalid((accepts.errors ?? []).map((violation) => paramOf(violation, task)));
  const sent = new Map(Object.entries({ ...defaultsOf(fields), ...(body as Record<string, unknown>) }));
  const images = new Map<string, Buffer>();
  for (const [name, kind] of Object.entries(task.images)) {
    const value = sent.get(name);
    if (value === "") throw invalid([{ name, reason: `Parameter '${name}' must not be empty` }]);
    if (typeof value !== "string" || kind === "url" || (kind === "either" && /^https?:/i.test(value))) continue;
    if (!BASE64.test(value)) throw invalid([{ name, reason: `Parameter '${name}' ${NOT_BASE64}` }]);
    images.set(name, Buffer.from(value, "base64"));
    sent.delete(name);
  }
  const webhookUrl = task.webhook === undefined ? undefined : sent.get(task.webhook);
  if (task.webhook !== undefined) sent.delete(task.webhook);
  return { images, fields: Object.fromEntries(sent), ...(typeof webhookUrl === "string" ? { webhookUrl } : {}) };
}

const NOT_BASE64 = "must be base64 with padding";
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

function defaultsOf(fields: RequestFields): Record<string, unknown> {
  const given = Object.entries(fields).filter(([, field]) => field.default !== undefined);
  return Object.fromEntries(given.map(([name, field]) => [name, field.default]));
}

/** @throws {Refusal} 400 or 413. */
export async function readJson(
  request: Request,
  limit: number,
  facts: BodyFacts = { bytes: 0, fields: [] },
): Promise<unknown> {
  const tooLarge = new Refusal(413, `The body is larger than the ${limit} bytes that this sandbox accepts`);
  if (Number(request.headers.get("content-length") ?? 0) > limit) throw tooLarge;
  const chunks: Uint8Array[] = [];
  for await (const chunk of request.body ?? []) {
    facts.bytes += chunk.byteLength;
    if (facts.bytes > limit) throw tooLarge;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks)));
  } catch {
    throw new Refusal(400, "The body is not valid JSON");
  }
}

function paramOf(
  { keyword, params, instancePath, message = "is not valid" }: Violation,
  { images }: TaskFacts,
): InvalidParam {
  const { missingProperty, additionalProperty, unevaluatedProperty = additionalProperty } = params;
  const isUnknown = keyword === "additionalProperties" || keyword === "unevaluatedProperties";
  const named = keyword === "required" ? missingProperty : isUnknown ? unevaluatedProperty : instancePath.slice(1);
  const name = String(named);
  if (name === "") return { name: "body", reason: `The body ${message}` };
  const isImage = keyword === "format" && images[name] === "base64";
  const rule = keyword === "required" ? "is required" : isUnknown ? "is not known" : isImage ? NOT_BASE64 : message;
  return { name, reason: `Parameter '${name}' ${rule}` };
}

function invalid(params: readonly InvalidParam[]): Refusal {
  return new Refusal(400, params.map((param) => param.reason).join("; "), {}, params);
}

function isJson(contentType: string): boolean {
  const [type, ...parameters] = contentType.split(";").map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="));
  return type === "application/json" && (charset === undefined || /^charset="?utf-8"?$/.test(charset));
}
