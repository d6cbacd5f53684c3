/** What is wrong with a request, by the document. */
import type { Json, JsonObject } from "../../openapi/document/types.js";
import type { DocumentSchemas } from "../../openapi/document/validation.js";
import type { OperationModel } from "../cases/model.js";
import { essence } from "../checks/value.js";
import { bodyValue, parameterValue, type Received } from "./read.js";

/** Something wrong with a request. */
export interface Finding {
  readonly place: string;
  readonly rule: string;
}

export interface Call {
  readonly operation: OperationModel;
  readonly received: Received;
  readonly path: Readonly<Record<string, string>>;
}

function findingsIn(schemas: DocumentSchemas, pointer: string, value: Json, place: string): Finding[] {
  const validate = schemas.validator(pointer, "open", "request");
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, keyword }) => ({
    place: place + instancePath.replaceAll("/", "."),
    rule: keyword,
  }));
}

export function requestFindings(document: JsonObject, schemas: DocumentSchemas, call: Call): Finding[] {
  return [...parameterFindings(document, schemas, call), ...bodyFindings(document, schemas, call)];
}

function parameterFindings(document: JsonObject, schemas: DocumentSchemas, call: Call): Finding[] {
  return call.operation.parameters.flatMap((parameter) => {
    const value = parameterValue(document, parameter, call.received, call.path);
    const place = `${parameter.in}.${parameter.name}`;
    if (value === undefined) return parameter.required ? [{ place, rule: "required" }] : [];
    return findingsIn(schemas, parameter.schema, value, place);
  });
}

function bodyFindings(document: JsonObject, schemas: DocumentSchemas, { operation, received }: Call): Finding[] {
  const fails = (rule: string): Finding[] => [{ place: "body", rule }];
  if (operation.request.length === 0) return [];
  if (received.body === "") return operation.bodyRequired ? fails("absent") : [];
  const type = essence(received.headers["content-type"]);
  const labelled = operation.request.find((each) => each.mediaType.toLowerCase() === type);
  const found = labelled ? [] : fails("media type");
  // Whoever ignores the label reads the body all the same.
  const media = labelled ?? operation.request[0];
  try {
    const value = media && bodyValue(document, media, received);
    return value === undefined || media?.schema === undefined
      ? found
      : [...found, ...findingsIn(schemas, media.schema, value, "body")];
  } catch {
    return [...found, ...fails("malformed")];
  }
}
