/** Cases about bodies: each field valid at every edge and invalid in one point, and faults of the body as a whole. */
import { isObject, type Json } from "../../../openapi/document/types.js";
import type { Base } from "../base.js";
import type { Case } from "../case.js";
import { caseOf, type Site } from "../draft.js";
import { type Flat, flatten, propertyOf } from "../flat.js";
import { type Variant, variantsOf } from "../variants.js";
import { bodyText, isForm, isJson } from "../wire.js";
import { refused, refusedBy } from "./refused.js";
import { saysInText, textTypes } from "./text.js";

export function* bodyCases(site: Site): Generator<Case> {
  for (const { mediaType, pointer } of site.operation.request) {
    const { body, ...base } = site.bases.of(site.operation, "full", mediaType);
    if (!body) continue;
    const label = site.operation.request.length > 1 ? `body ${mediaType}` : "body";
    if (body.schema !== undefined) {
      const flat = flatten(site.bases.document, [body.schema]);
      yield* fieldCases(site, label, base, body, variantsOf(site.bases.builder, flat, [], body.value));
      if (isJson(mediaType)) yield* fieldCases(site, label, base, body, aloneIn(site, flat, body));
    }
    yield* wrappingCases(site, label, base, body, pointer);
    if (isJson(mediaType)) yield* writingCases(site, label, base, body, pointer);
  }
}

type Body = NonNullable<Base["body"]>;

/** Each optional field of a body alone, valid and not: next to all the others a fault may go unnoticed. */
function* aloneIn({ bases, operation }: Site, flat: Flat, { mediaType, value }: Body): Generator<Variant> {
  const smallest = bases.of(operation, "smallest", mediaType).body?.value;
  if (!isObject(value) || !isObject(smallest)) return;
  for (const [name, own] of Object.entries(value)) {
    const inner = propertyOf(bases.document, flat, name);
    if (Object.hasOwn(smallest, name) || !inner) continue;
    const root = { ...smallest, [name]: own };
    yield {
      good: true,
      name: "alone",
      rule: "required",
      path: [name],
      value: root,
      covers: flat.properties[name] ?? [],
    };
    for (const variant of variantsOf(bases.builder, inner, [name], root))
      if (!variant.good) yield { ...variant, name: `${variant.name}, alone` };
  }
}

function* fieldCases(
  { bases, operation }: Site,
  label: string,
  base: Base,
  body: Body,
  variants: Iterable<Variant>,
): Generator<Case> {
  const { schema, mediaType } = body;
  if (schema === undefined) return;
  const { document } = bases;
  const flat = flatten(document, [schema]);
  const validate = bases.schemas.validator(schema, "open", "request");
  const form = isForm(mediaType);
  for (const variant of variants) {
    const { value, path, rule, good } = variant;
    if (form && !(saysInText(document, flat, variant, false) && isObject(value))) continue;
    const text = bodyText(mediaType, value);
    // To a mock a body of 0 or "" is none.
    if (path.length === 0 && (value === 0 || value === "")) continue;
    // An empty form is an absent one.
    if (validate(value) !== good || text === undefined || text === "") continue;
    // A body of null is not a body to a mock, which reports that instead of the type.
    const absent = path.length === 0 && value === null && operation.bodyRequired;
    const kind = good ? "positive" : "negative";
    yield caseOf(operation, {
      label: [[label, ...path].join("."), kind, variant.name],
      kind,
      pointer: variant.covers[0] ?? schema,
      covers: [...variant.covers, ...(form ? textTypes(document, flat) : [])],
      place: ["body", ...path.map(String)],
      rule,
      request: bases.request(operation, { ...base, body: { mediaType, value, text } }),
      expect: good
        ? { is: "success" }
        : absent
          ? refused([{ place: [], rule: "required" }])
          : refusedBy(validate.errors ?? [], ["body"]),
      opaque: variant.opaque,
      mockOnly: variant.mockOnly,
      lenient: variant.lenient,
    });
  }
}

/** What only looks like JSON. */
const NOT_JSON: Readonly<Record<string, (text: string) => string>> = {
  "JSON5: names without quotes": (text) => text.replace(/"(\w+)":/g, "$1:"),
  "JSON5: single quotes": (text) => text.replaceAll('"', "'"),
  "JSON5: a comment": (text) => `/* contract */ ${text}`,
  "JSON5: a trailing comma": (text) => text.replace(/([}\]])$/, ",$1"),
  "text after the JSON": (text) => `${text} contract`,
};

/** The same JSON in other words. */
const JSON_TEXTS: Readonly<Record<string, (value: Json) => string>> = {
  "other order of fields": (value) =>
    JSON.stringify(isObject(value) ? Object.fromEntries(Object.entries(value).toReversed()) : value),
  "white space": (value) => `\r\n ${JSON.stringify(value, null, "\t")} \n`,
  escapes: (value) =>
    JSON.stringify(value).replace(/"(?:[^"\\]|\\.)*"/g, (text) =>
      text.replace(/^"[a-z]/i, (start) => `"\\u${start.charCodeAt(1).toString(16).padStart(4, "0")}`),
    ),
};

function* writingCases({ bases, operation }: Site, label: string, base: Base, body: Body, pointer: string) {
  for (const [name, write] of Object.entries(JSON_TEXTS))
    yield caseOf(operation, {
      label: [label, "positive", name],
      kind: "positive",
      pointer,
      place: ["body"],
      request: bases.request(operation, { ...base, body: { ...body, text: write(body.value) } }),
      expect: { is: "success" },
    });
}

/** Labels that a body may wrongly carry. */
const OTHER_TYPES = [
  "application/json5",
  "application/jsonl",
  "text/json",
  "application/x-contract-unknown",
  "application/vnd.contract+json",
  "application/xml",
  "text/plain",
  "application/x-www-form-urlencoded",
];

/** Faults of the body as a whole. */
function* wrappingCases(
  { bases, operation }: Site,
  label: string,
  base: Base,
  body: Body,
  pointer: string,
): Generator<Case> {
  const make = (name: string, changed: Partial<Body> | undefined, rule: string, expect: Case["expect"]): Case =>
    caseOf(operation, {
      label: [label, "negative", name],
      kind: "negative",
      pointer,
      place: ["body"],
      rule,
      request: bases.request(operation, { ...base, ...(changed ? { body: { ...body, ...changed } } : {}) }),
      expect,
    });
  const json = isJson(body.mediaType);
  for (const mediaType of OTHER_TYPES) {
    const known = operation.request.some((media) => media.mediaType === mediaType || media.mediaType.includes("*"));
    // Under a JSON label a form would be refused as malformed, no matter what is declared.
    if (known || (/json/.test(mediaType) && !json)) continue;
    // What JSON was labelled with before it had a type of its own.
    const lenient = mediaType === "text/json";
    yield {
      ...make(`wrong media type ${mediaType}`, { mediaType }, "media type", { is: "wrong media type" }),
      lenient,
    };
  }
  if (json) {
    const { text } = body;
    yield make("malformed JSON", { text: `${text.slice(0, -1)},,}` }, "JSON", { is: "malformed" });
    yield make("truncated JSON", { text: text.slice(0, -2) }, "JSON", { is: "malformed" });
    for (const [name, written] of Object.entries(NOT_JSON))
      yield make(name, { text: written(text) }, "JSON", { is: "malformed" });
  }
  if (operation.bodyRequired && operation.request[0]?.mediaType === body.mediaType)
    yield make("absent", undefined, "required", refused([{ place: [], rule: "required" }]));
}
