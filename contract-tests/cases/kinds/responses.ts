/** Cases about responses: the examples, the media types, seeded generated ones, and statuses and types that are not declared. */
import type { MediaType } from "../../../openapi/document/operations.js";
import type { Bases } from "../base.js";
import { Builder } from "../build.js";
import type { Case } from "../case.js";
import { caseOf, type Draft, requestWith, type Site } from "../draft.js";
import { type Flat, flatten, itemsOf, mapOf, propertyOf } from "../flat.js";
import { codeOf, examplesAt, type ResponseModel } from "../model.js";
import { isJson } from "../wire.js";

const CANNOT_CHOOSE = "a provider cannot be asked for a certain response";
const SEEDS = ["1", "2", "3"];

export function* responseCases(site: Site): Generator<Case> {
  for (const response of site.operation.responses) {
    if (response.content.length === 0) yield oneResponse(site, response, undefined, "no content", {});
    for (const media of response.content) {
      yield* exampleCases(site, response, media);
      yield oneResponse(site, response, media, "media type", {});
      if (media.schema === undefined || !isJson(media.mediaType)) continue;
      const covers = schemaFacts(site.bases, media.schema);
      for (const seed of SEEDS)
        yield oneResponse(site, response, media, `generated response ${seed}`, {
          kind: "dynamic",
          pointer: media.schema,
          covers,
          prefer: { dynamic: true, seed },
          expect: { populated: true },
        });
    }
  }
}

interface Wanted extends Partial<Pick<Draft, "kind" | "pointer" | "covers" | "prefer">> {
  readonly expect?: Partial<Extract<Case["expect"], { is: "response" }>>;
}

/** The request that asks the mock for this response. */
function oneResponse(
  { bases, operation }: Site,
  response: ResponseModel,
  media: MediaType | undefined,
  name: string,
  { kind = "negotiation", pointer, covers = [], prefer, expect }: Wanted,
): Case {
  const request = bases.request(operation, bases.of(operation, "smallest"));
  const code = codeOf(response.status, operation.responses);
  const headers = response.headers.flatMap((header) => [
    header.pointer,
    `${header.pointer}/example`,
    ...(header.schema ? [header.schema] : []),
  ]);
  return caseOf(operation, {
    label: [media ? `${response.status} ${media.mediaType}` : response.status, name],
    kind,
    pointer: pointer ?? media?.pointer ?? response.pointer,
    covers: [response.pointer, ...(media ? [media.pointer] : []), ...headers, ...covers],
    request: media ? requestWith(request, { accept: media.mediaType }) : request,
    prefer: { code, ...prefer },
    expect: { is: "response", status: response.status, code, mediaType: media?.mediaType, ...expect },
    mockOnly: CANNOT_CHOOSE,
  });
}

function* exampleCases(site: Site, response: ResponseModel, media: MediaType): Generator<Case> {
  const own = examplesAt(site.bases.document, media.pointer);
  // Without a media type's own single example, the root schema's stands in for it.
  const single = own.some((example) => example.name === "default");
  const root = media.schema === undefined || single ? undefined : site.bases.rootExample(media.schema);
  for (const { name, pointer, value } of [...(root ? [root] : []), ...own])
    yield oneResponse(site, response, media, name === "default" ? "its own example" : `example ${name}`, {
      kind: "response example",
      pointer,
      prefer: { example: name },
      expect: { equals: value },
    });
}

/** What a generated response tests: every keyword of its schema and below. */
function schemaFacts(bases: Bases, pointer: string): Set<string> {
  const builder = new Builder(bases.document, "response");
  const found = new Set<string>();
  const visit = (flat: Flat | undefined): void => {
    if (!flat) return;
    const before = found.size;
    for (const said of [...Object.values(flat.said), ...Object.values(flat.required), ...flat.sources])
      if (!said.endsWith("/default") && !said.endsWith("/example")) found.add(said);
    if (found.size === before) return;
    for (const [name, places] of Object.entries(flat.properties)) {
      for (const place of places) found.add(place);
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

export function* undocumentedCases({ bases, operation }: Site): Generator<Case> {
  const keys = new Set(operation.responses.map((response) => response.status.toUpperCase()));
  const request = bases.request(operation, bases.of(operation, "smallest"));
  for (const code of STATUSES) {
    if (["DEFAULT", String(code), `${Math.floor(code / 100)}XX`].some((key) => keys.has(key))) continue;
    yield caseOf(operation, {
      label: [`${code}`, "not declared"],
      kind: "undocumented",
      pointer: `${operation.pointer}/responses`,
      request,
      prefer: { code },
      expect: { is: "undocumented" },
      mockOnly: CANNOT_CHOOSE,
    });
  }
}

/** Media types that a response could have, were they offered. */
const OFFERED_NOWHERE = ["application/xml", "text/plain", "text/html", "text/x-contract"];

/** For each status, an `Accept` that none of its responses can satisfy. */
export function* unacceptableCases({ bases, operation }: Site): Generator<Case> {
  const request = bases.request(operation, bases.of(operation, "smallest"));
  // Asked for a type that the status lacks, the mock falls back to a success that has it.
  const fallback = operation.responses.filter((response) => /^2|default/.test(response.status));
  for (const response of operation.responses) {
    const all = [response, ...fallback];
    const offered = all.flatMap((each) => each.content.map((media) => media.mediaType));
    if (all.some((each) => each.content.length === 0) || offered.some((type) => type.includes("*"))) continue;
    for (const type of OFFERED_NOWHERE) {
      if (offered.includes(type)) continue;
      yield caseOf(operation, {
        label: [response.status, "not offered", type],
        kind: "negotiation",
        pointer: `${response.pointer}/content`,
        request: requestWith(request, { accept: type }),
        prefer: { code: codeOf(response.status, operation.responses) },
        expect: { is: "not acceptable" },
        mockOnly: "a provider may respond with what it has",
      });
    }
  }
}
