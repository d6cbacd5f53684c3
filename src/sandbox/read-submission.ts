/** From the request on the wire to what a task is made of, or to the 400 or 413 that says what is wrong. */
import type { IncomingMessage } from "node:http";
import { postAiImageUpscalerPrecisionRequest as isSubmission, type Violation } from "../../generated/validators.js";
import { type InvalidParam, Refusal } from "./answer.js";
import { type Submission, SubmissionReader } from "./submission.js";
import type { Sliders } from "./upscaler.js";

export interface ValidSubmission {
  readonly image: Buffer;
  readonly sliders: Sliders;
  readonly filterNsfw: boolean;
  readonly webhookUrl: string | undefined;
}

/** What the log may know of a body. */
export interface BodyFacts {
  bytes: number;
  fields: readonly string[];
}

/** @param facts Filled as the body is read, so that the log knows of refused ones too. */
export async function readSubmission(
  request: IncomingMessage,
  limit: number,
  facts: BodyFacts,
): Promise<ValidSubmission> {
  // 415 would be the usual answer; the document declares none, so a wrong media type is a bad request like any other.
  if (!isJson(request.headers["content-type"])) {
    throw new Refusal(400, "The body must be sent as application/json in UTF-8");
  }
  return validated(await read(request, limit, facts), facts);
}

async function read(request: IncomingMessage, limit: number, facts: BodyFacts): Promise<Submission> {
  const declared = Number(request.headers["content-length"] ?? 0);
  if (declared > limit) throw tooLarge(limit);
  const reader = new SubmissionReader(declared);
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    facts.bytes += chunk.length;
    if (facts.bytes > limit) throw tooLarge(limit);
    reader.write(chunk);
  }
  try {
    return reader.end();
  } catch {
    throw new Refusal(400, "The body is not valid JSON");
  }
}

function validated({ body, image }: Submission, facts: BodyFacts): ValidSubmission {
  if (typeof body === "object" && body !== null) {
    facts.fields = Object.keys(body)
      .slice(0, 20)
      .map((name) => name.slice(0, 64));
  }
  if (!isSubmission(body)) throw invalid((isSubmission.errors ?? []).map(paramOf));
  if (image === undefined || image.length === 0) {
    throw invalid([{ name: "image", reason: "Parameter 'image' must not be empty" }]);
  }
  return {
    image,
    sliders: {
      sharpen: body.sharpen ?? 50,
      smart_grain: body.smart_grain ?? 7,
      ultra_detail: body.ultra_detail ?? 30,
    },
    filterNsfw: body.filter_nsfw ?? false,
    webhookUrl: body.webhook_url,
  };
}

function paramOf(violation: Violation): InvalidParam {
  const { keyword, params, instancePath, message = "is not valid" } = violation;
  const name = keyword === "required" ? String(params.missingProperty) : instancePath.slice(1);
  if (name === "") return { name: "body", reason: `The body ${message}` };
  if (keyword === "required") return { name, reason: `Parameter '${name}' is required` };
  if (keyword === "format" && name === "image")
    return { name, reason: "Parameter 'image' must be base64 with padding" };
  return { name, reason: `Parameter '${name}' ${message}` };
}

function invalid(params: readonly InvalidParam[]): Refusal {
  return new Refusal(400, params.map((param) => param.reason).join("; "), { params });
}

function tooLarge(limit: number): Refusal {
  return new Refusal(413, `The body is larger than the ${limit} bytes this sandbox takes`);
}

function isJson(contentType: string | undefined): boolean {
  const [type, ...parameters] = (contentType ?? "").split(";").map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="));
  return type === "application/json" && (charset === undefined || /^charset="?utf-8"?$/.test(charset));
}
