import type { Bases } from "../base.js";
import type { Case } from "../case.js";
import { examplesAt, type OperationModel } from "../model.js";
import { bodyText, isJson } from "../wire.js";
import { caseOf, type Own } from "./input-case.js";

/** The valid requests as a whole. */
export function wholeCases(bases: Bases, operation: OperationModel): Case[] {
  const covers = [operation.pointer, operation.pointer.slice(0, operation.pointer.lastIndexOf("/"))];
  const success: Case["expect"] = { is: "success" };
  const result: Case[] = [];
  const types = operation.request.length === 0 ? [undefined] : operation.request.map((media) => media.mediaType);
  for (const mediaType of types) {
    const label = mediaType ?? "request";
    for (const size of ["smallest", "full"] as const) {
      const base = bases.of(operation, size, mediaType);
      if (mediaType !== undefined && !base.body) continue;
      const parameterExamples = [...base.values.keys()].flatMap((parameter) => [
        parameter.pointer,
        ...parameter.examples.slice(0, 1).map((one) => one.pointer),
      ]);
      const own = {
        kind: "positive" as const,
        label,
        name: size,
        pointer: operation.pointer,
        covers: [...covers, ...parameterExamples],
      };
      result.push(caseOf(bases, operation, base, own, success));
    }
    if (mediaType !== undefined) result.push(...exampleCases(bases, operation, mediaType));
  }
  result.push(...variations(bases, operation));
  return result;
}

function exampleCases(bases: Bases, operation: OperationModel, mediaType: string): Case[] {
  const media = operation.request.find((one) => one.mediaType === mediaType);
  if (!media) return [];
  const own = examplesAt(bases.document, media.pointer);
  const root = media.schema === undefined ? undefined : bases.rootExample(media.schema);
  return [...own, ...(root ? [{ ...root, name: "default" }] : [])].flatMap(({ name, pointer, value }) => {
    const text = bodyText(mediaType, value);
    if (text === undefined) return [];
    const smallest = bases.of(operation, "smallest");
    const label = name === "default" ? "its own example" : `example ${name}`;
    const whole: Own = { kind: "request example", label: mediaType, name: label, pointer, covers: [media.pointer] };
    return [
      caseOf(bases, operation, { values: smallest.values, body: { mediaType, value, text } }, whole, { is: "success" }),
    ];
  });
}

/** The same request said in other words: charset, case, `Accept`. */
function variations(bases: Bases, operation: OperationModel): Case[] {
  const base = bases.of(operation, "smallest");
  const request = bases.request(operation, base);
  const make = (name: string, headers: Readonly<Record<string, string>>, pointer: string): Case => ({
    ...caseOf(
      bases,
      operation,
      base,
      { kind: "positive", label: "headers", name, pointer, covers: [] },
      { is: "success" },
    ),
    request: { ...request, headers: { ...request.headers, ...headers } },
  });
  const result: Case[] = [];
  if (base.body && isJson(base.body.mediaType) && operation.request[0]) {
    const { pointer } = operation.request[0];
    result.push(make("charset", { "content-type": `${base.body.mediaType}; charset=utf-8` }, pointer));
    result.push(make("media type in upper case", { "content-type": base.body.mediaType.toUpperCase() }, pointer));
  }
  const success = operation.responses.find((response) => /^2/.test(response.status));
  const [media] = success?.content ?? [];
  if (success && media) {
    result.push(make("Accept anything", { accept: "*/*" }, success.pointer));
    result.push(make("Accept by type", { accept: `${media.mediaType.split("/")[0]}/*` }, media.pointer));
    result.push(
      make("Accept with quality", { accept: `text/x-contract;q=0.9, ${media.mediaType};q=0.5` }, media.pointer),
    );
  }
  return result;
}
