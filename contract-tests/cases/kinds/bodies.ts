/** Cases about bodies: each field valid at every edge and invalid in one point, and faults of the body as a whole. */
import { isObject } from "../../../openapi/document/types.js";
import type { Base } from "../base.js";
import type { Case } from "../case.js";
import { caseOf, type Site } from "../draft.js";
import { flatten } from "../flat.js";
import { variantsOf } from "../variants.js";
import { bodyText, isForm, isJson } from "../wire.js";
import { refused, refusedBy } from "./refused.js";
import { saysInText, textTypes } from "./text.js";

export function* bodyCases(site: Site): Generator<Case> {
  for (const { mediaType, pointer } of site.operation.request) {
    const { body, ...base } = site.bases.of(site.operation, "full", mediaType);
    if (!body) continue;
    const label = site.operation.request.length > 1 ? `body ${mediaType}` : "body";
    yield* fieldCases(site, label, base, body);
    yield* wrappingCases(site, label, base, body, pointer);
  }
}

type Body = NonNullable<Base["body"]>;

function* fieldCases({ bases, operation }: Site, label: string, base: Base, body: Body): Generator<Case> {
  const { schema, mediaType } = body;
  if (schema === undefined) return;
  const { document } = bases;
  const flat = flatten(document, [schema]);
  const validate = bases.schemas.validator(schema, "open", "request");
  const form = isForm(mediaType);
  for (const variant of variantsOf(bases.builder, flat, [], body.value)) {
    const { value, path, rule, good } = variant;
    if (form && !(saysInText(document, flat, variant, false) && isObject(value))) continue;
    const text = bodyText(mediaType, value);
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
    });
  }
}

/** Labels that a body may wrongly carry. */
const OTHER_TYPES = [
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
    if (known || (isJson(mediaType) && !json)) continue;
    yield make(`wrong media type ${mediaType}`, { mediaType }, "media type", { is: "wrong media type" });
  }
  if (json) {
    const { text } = body;
    yield make("malformed JSON", { text: `${text.slice(0, -1)},,}` }, "JSON", { is: "malformed" });
    yield make("truncated JSON", { text: text.slice(0, -2) }, "JSON", { is: "malformed" });
  }
  if (operation.bodyRequired && operation.request[0]?.mediaType === body.mediaType)
    yield make("absent", undefined, "required", refused([{ place: [], rule: "required" }]));
}
