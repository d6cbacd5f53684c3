/** Cases about answers: the examples, the media types, seeded generated answers, and statuses that are not declared. */
import type { Base, Bases } from "../base.js";
import { Builder } from "../build.js";
import type { Case, Prefer } from "../case.js";
import { type Flat, flatten, itemsOf, mapOf, propertyOf } from "../flat.js";
import { idOf, isSafe } from "../id.js";
import { codeOf, examplesAt, type OperationModel, type ResponseModel } from "../model.js";
import { isJson } from "../wire.js";

const CANNOT_CHOOSE = "a provider cannot be told which answer to give";
const SEEDS = ["1", "2", "3"];

interface Sites {
  readonly bases: Bases;
  readonly operation: OperationModel;
  readonly base: Base;
}

export function answerCases(bases: Bases, operation: OperationModel): Case[] {
  const sites: Sites = { bases, operation, base: bases.of(operation, "smallest") };
  return operation.responses.flatMap((response) => [
    ...exampleCases(sites, response),
    ...mediaTypeCases(sites, response),
    ...dynamicCases(sites, response),
  ]);
}

function* exampleCases(sites: Sites, response: ResponseModel): Generator<Case> {
  for (const media of response.content) {
    const own = examplesAt(sites.bases.document, media.pointer);
    const single = own.some((example) => example.name === "default");
    // Without a media type's own single example, the root schema's stands in for it.
    const root = media.schema === undefined || single ? undefined : sites.bases.rootExample(media.schema);
    const all = [...(root ? [{ ...root, name: "default" }] : []), ...own];
    for (const { name, pointer, value } of all) {
      const label = name === "default" ? "its own example" : `example ${name}`;
      const pointers = [pointer, response.pointer, media.pointer, ...headerFacts(response)];
      yield {
        id: idOf(sites.operation, `${response.status} ${media.mediaType}`, label),
        kind: "response example",
        operation: sites.operation.id,
        pointer,
        covers: pointers,
        ...asked(sites, response, media.mediaType, { example: name }),
        expect: {
          is: "answer",
          status: response.status,
          code: codeOf(response.status, sites.operation.responses),
          mediaType: media.mediaType,
          equals: value,
        },
        mockOnly: CANNOT_CHOOSE,
        mayStart: !isSafe(sites.bases.request(sites.operation, sites.base)),
      };
    }
  }
}

function headerFacts(response: ResponseModel): string[] {
  return response.headers.flatMap((header) => [
    header.pointer,
    `${header.pointer}/example`,
    ...(header.schema ? [header.schema] : []),
  ]);
}

/** The request that asks the mock for this answer. */
function asked(
  { bases, operation, base }: Sites,
  response: ResponseModel,
  mediaType: string | undefined,
  prefer: Prefer,
): Pick<Case, "request" | "prefer"> {
  const request = bases.request(operation, base);
  return {
    request: mediaType === undefined ? request : { ...request, headers: { ...request.headers, accept: mediaType } },
    prefer: { code: codeOf(response.status, operation.responses), ...prefer },
  };
}

function* mediaTypeCases(sites: Sites, response: ResponseModel): Generator<Case> {
  const code = codeOf(response.status, sites.operation.responses);
  const types = response.content.length === 0 ? [undefined] : response.content;
  for (const media of types) {
    yield {
      id: idOf(
        sites.operation,
        `${response.status}${media ? ` ${media.mediaType}` : ""}`,
        media ? "media type" : "no content",
      ),
      kind: "negotiation",
      operation: sites.operation.id,
      pointer: media?.pointer ?? response.pointer,
      covers: [response.pointer, ...(media ? [media.pointer] : []), ...headerFacts(response)],
      ...asked(sites, response, media?.mediaType, {}),
      expect: { is: "answer", status: response.status, code, ...(media ? { mediaType: media.mediaType } : {}) },
      mockOnly: CANNOT_CHOOSE,
      mayStart: !isSafe(sites.bases.request(sites.operation, sites.base)),
    };
  }
}

function* dynamicCases(sites: Sites, response: ResponseModel): Generator<Case> {
  for (const media of response.content) {
    if (media.schema === undefined || !isJson(media.mediaType)) continue;
    const covers = [response.pointer, media.pointer, ...schemaFacts(sites.bases, media.schema)];
    for (const seed of SEEDS) {
      yield {
        id: idOf(sites.operation, `${response.status} ${media.mediaType}`, `generated answer ${seed}`),
        kind: "dynamic",
        operation: sites.operation.id,
        pointer: media.schema,
        covers,
        ...asked(sites, response, media.mediaType, { dynamic: true, seed }),
        expect: {
          is: "answer",
          status: response.status,
          code: codeOf(response.status, sites.operation.responses),
          mediaType: media.mediaType,
          populated: true,
        },
        mockOnly: CANNOT_CHOOSE,
        mayStart: !isSafe(sites.bases.request(sites.operation, sites.base)),
      };
    }
  }
}

/** What a generated answer puts to the test: every keyword of its schema and below. */
export function schemaFacts(bases: Bases, pointer: string): Set<string> {
  const builder = new Builder(bases.document, "answer");
  const found = new Set<string>();
  const visit = (flat: Flat | undefined): void => {
    if (!flat) return;
    const before = found.size;
    for (const said of [...Object.values(flat.said), ...Object.values(flat.required), ...flat.sources]) {
      if (!said.endsWith("/default") && !said.endsWith("/example")) found.add(said);
    }
    if (found.size === before) return;
    for (const name of Object.keys(flat.properties)) {
      for (const place of flat.properties[name] ?? []) found.add(place);
      const inner = propertyOf(bases.document, flat, name);
      if (inner && builder.wanted(inner)) visit(inner);
    }
    visit(itemsOf(bases.document, flat));
    visit(mapOf(bases.document, flat));
    for (const branch of flat.branches) for (const one of branch.pointers) visit(flatten(bases.document, [one]));
  };
  visit(flatten(bases.document, [pointer]));
  return found;
}

/** Registered statuses that documents of this kind use or could come to use. */
const STATUSES = [
  200, 201, 202, 203, 204, 206, 300, 301, 302, 303, 304, 307, 308, 400, 401, 402, 403, 404, 405, 406, 408, 409, 410,
  411, 412, 413, 414, 415, 418, 422, 423, 424, 425, 426, 428, 429, 431, 451, 500, 501, 502, 503, 504, 507, 599,
];

export function undocumentedCases(bases: Bases, operation: OperationModel): Case[] {
  const keys = new Set(operation.responses.map((response) => response.status.toUpperCase()));
  if (keys.has("DEFAULT")) return [];
  const request = bases.request(operation, bases.of(operation, "smallest"));
  return STATUSES.filter((code) => !keys.has(String(code)) && !keys.has(`${Math.floor(code / 100)}XX`)).map((code) => ({
    id: idOf(operation, `${code}`, "not declared"),
    kind: "undocumented",
    operation: operation.id,
    pointer: `${operation.pointer}/responses`,
    covers: [`${operation.pointer}/responses`],
    request,
    prefer: { code },
    expect: { is: "undocumented" },
    mockOnly: CANNOT_CHOOSE,
    mayStart: !isSafe(request),
  }));
}
