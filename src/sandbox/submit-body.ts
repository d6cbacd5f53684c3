/** Reads and checks the body of a submit. */
import { REQUEST_DEFAULTS } from "../../generated/upscaler-precision/constants.js";
import {
  postAiImageUpscalerPrecisionRequest as isSubmit,
  type Violation,
} from "../../generated/upscaler-precision/validators.js";
import type { InvalidParam } from "../errors/api-error.js";
import { Refusal } from "./response.js";
import type { TaskRecord } from "./task.js";

export type SubmitBody = Pick<TaskRecord, "sliders" | "filterNsfw" | "webhookUrl"> & { readonly image: Buffer };

/** What the log may know of a body. */
interface BodyFacts {
  bytes: number;
  fields: readonly string[];
}

/**
 * @param facts Filled while the body is read, so that the log has them for a refused body too.
 * @throws {Refusal} 400 or 413.
 */
export async function readSubmitBody(request: Request, limit: number, facts: BodyFacts): Promise<SubmitBody> {
  // 415 would be the usual status; the document declares none, so a wrong media type is a bad request like any other.
  if (!isJson(request.headers.get("content-type") ?? ""))
    throw new Refusal(400, "The body must be sent as application/json in UTF-8");
  const body = await readJson(request, limit, facts);
  const names = typeof body === "object" && body !== null ? Object.keys(body) : [];
  facts.fields = names.slice(0, 20).map((name) => name.slice(0, 64));
  if (!isSubmit(body)) throw invalid((isSubmit.errors ?? []).map(paramOf));
  if (body.image === "") throw invalid([{ name: "image", reason: "Parameter 'image' must not be empty" }]);
  const { image, sharpen, smart_grain, ultra_detail, filter_nsfw, webhook_url } = {
    ...REQUEST_DEFAULTS.postAiImageUpscalerPrecision,
    ...body,
  };
  return {
    image: Buffer.from(image, "base64"),
    sliders: { sharpen, smart_grain, ultra_detail },
    filterNsfw: filter_nsfw,
    ...(webhook_url === undefined ? {} : { webhookUrl: webhook_url }),
  };
}

async function readJson(request: Request, limit: number, facts: BodyFacts): Promise<unknown> {
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

function paramOf({ keyword, params, instancePath, message = "is not valid" }: Violation): InvalidParam {
  const name = keyword === "required" ? String(params.missingProperty) : instancePath.slice(1);
  if (name === "") return { name: "body", reason: `The body ${message}` };
  const isImage = keyword === "format" && name === "image";
  const rule = keyword === "required" ? "is required" : isImage ? "must be base64 with padding" : message;
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
