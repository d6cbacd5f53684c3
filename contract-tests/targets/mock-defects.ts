/** Where the mock does not do what the document says, as data. Each must show where a case meets it; one that no longer shows fails the run. */
import { at, pointerOf, resolve } from "../../openapi/document/pointer.js";
import { isObject, type Json, type JsonObject, objectOf } from "../../openapi/document/types.js";
import type { Case } from "../cases/case.js";

/** The mock that the defects were seen in. */
export const SEEN_IN = "@stoplight/prism-cli 5.14.2";

export interface MockDefect {
  readonly id: string;
  readonly what: string;
  /** Where others tell of it, or the lines that do it; by commit, so that they stay there. */
  readonly link: string;
  readonly checks: readonly string[];
  /** What such a violation says, where the check alone would excuse too much. */
  readonly says?: RegExp;
  /** Not every case that meets it shows it, so a run without it proves nothing. */
  readonly rare?: true;
  /** Whether a case meets it. */
  readonly meets: (one: Case, document: JsonObject) => boolean;
}

export const MOCK_DEFECTS: readonly MockDefect[] = [
  {
    id: "malformed-json-foreign-shape",
    what: 'JSON that does not parse is refused before the document is looked at, in a shape of the mock\'s own ({"error": {"code": "invalid_json"}}).',
    link: "https://github.com/stoplightio/prism/issues/2664",
    checks: ["status", "media type", "body", "schema", "undeclared field", "response header"],
    meets: (one) => one.expect.is === "malformed",
  },
  {
    id: "cookies-unread",
    what: "Cookies are not read, so nothing is wrong with one that is missing or invalid.",
    link: "https://github.com/stoplightio/prism/blob/v5.14.2/packages/http/src/validator/index.ts",
    checks: ["accepted", "cause", "status"],
    meets: (one) => one.expect.is === "refused" && one.expect.causes.some((cause) => cause.place[0] === "cookie"),
  },
  {
    id: "patterns-unsampled",
    what: "A response that is made from its schema, with no example to go by, has texts that do not match their pattern.",
    link: "https://github.com/stoplightio/prism/blob/v5.14.2/packages/http/src/mocker/generator/JSONSchema.ts",
    checks: ["schema", "mock's own violation"],
    says: /must match pattern/,
    // The text may match by chance, and another response of the operation may be the one with a pattern.
    rare: true,
    meets: (one, document) => one.kind !== "response example" && hasBarePattern(one, document),
  },
  {
    id: "encoding-in-name-only",
    what: "A declared Content-Encoding is sent as a header, and the body is plain.",
    link: "https://github.com/stoplightio/prism/blob/v5.14.2/packages/http/src/mocker/index.ts",
    checks: ["content encoding"],
    meets: (one, document) =>
      (one.expect.is === "success" || one.expect.is === "response") &&
      responsesOf(one, document).some(({ status, headers }) => /^2/.test(status) && headers.has("content-encoding")),
    rare: true,
  },
  {
    id: "byte-adds-a-pattern",
    what: "format: byte becomes a format and a pattern, so that one fault of base64 is reported as two, and a line break in it by the pattern alone.",
    link: "https://github.com/stoplightio/http-spec/blob/503d3c06862390d2b8eec230a3200d932cbb64d3/src/oas/transformers/schema/keywords/format.ts",
    checks: ["cause"],
    says: /was refused for pattern at .*\^\[\\w\\d\+\\\/=\]\*\$|was not refused for format at/,
    // Where the schema branches, causes near the wanted one are not counted.
    rare: true,
    // The pointer of such a case is that of the keyword.
    meets: (one, document) => one.expect.is === "refused" && at(document, one.pointer) === "byte",
  },
  {
    id: "json-suffix-is-json",
    what: "A media type is compared without what stands before its suffix: application/vnd.x+json passes for application/json.",
    link: "https://github.com/stoplightio/prism/blob/325524057c0a688dd3dac342e0486ae76f954e9d/packages/http/src/validator/utils/wildcardMediaTypeMatch.ts",
    checks: ["accepted", "cause"],
    meets: (one) => one.expect.is === "wrong media type" && /\+json$/.test(one.request.headers["content-type"] ?? ""),
  },
  {
    id: "json-suffix-in-responses",
    what: "A response of type application/vnd.x+json is checked against the schema of application/json where the status has both.",
    link: "https://github.com/stoplightio/prism/blob/325524057c0a688dd3dac342e0486ae76f954e9d/packages/http/src/validator/utils/wildcardMediaTypeMatch.ts",
    checks: ["mock's own violation"],
    // Named examples aside, whose value may satisfy both.
    meets: (one, document) => {
      const type = one.expect.is === "response" && one.kind !== "response example" ? one.expect.mediaType : undefined;
      const content = one.covers.map((pointer) => at(document, `${pointer}/content`)).find(isObject);
      return (
        type !== undefined && /\/vnd\..*\+json$/.test(type) && Object.keys(content ?? {}).includes("application/json")
      );
    },
  },
  {
    id: "null-is-no-body",
    what: "A body of null is not a body: where a body is optional it is accepted, and where one is required it is refused, no matter what the schema says.",
    link: "https://github.com/stoplightio/prism/blob/b568f73bc74987ec0272611250b917d5170f0ef3/packages/http/src/validator/index.ts",
    checks: ["accepted", "cause", "status", "mock's own violation"],
    meets: (one, document) =>
      one.request.body === "null" &&
      (one.expect.is === "refused"
        ? one.expect.causes.some((cause) => cause.place[0] === "body")
        : one.expect.is === "success" && requiresBody(one, document)),
  },
  {
    id: "form-keys-once",
    what: "Of a form field that is sent several times only the last is read: an array in a form has one item.",
    link: "https://github.com/stoplightio/prism/pull/2654",
    checks: ["accepted", "cause", "status", "mock's own violation"],
    meets: (one) => repeatsField(one.request),
  },
  {
    id: "multipart-decoded",
    what: "Percent signs in the parts of a multipart form are decoded, as if it were the other kind of form.",
    link: "https://github.com/stoplightio/prism/pull/2387",
    checks: ["status", "mock's own violation"],
    meets: (one) =>
      /^multipart\//.test(one.request.headers["content-type"] ?? "") &&
      one.expect.is === "success" &&
      /%20/.test(one.request.body ?? ""),
  },
  {
    id: "zero-headers",
    what: "A header of a response whose value is 0 counts as missing, and 0 is what a number without an example becomes.",
    link: "https://github.com/stoplightio/prism/blob/035c9fa7cd01bc3187ca64509fa387860004e39d/packages/http/src/validator/validators/params.ts",
    checks: ["mock's own violation"],
    says: /^response\.header: .*required property/i,
    meets: (one, document) =>
      (one.expect.is === "success" || one.expect.is === "response") && hasBareNumberHeader(one, document),
  },
  {
    id: "generated-bytes",
    what: "Generated base64 has its letters, by the pattern that stands for the format, and any length.",
    link: "https://github.com/stoplightio/http-spec/blob/v7.1.0/src/oas/transformers/schema/keywords/format.ts",
    checks: ["schema", "mock's own violation"],
    // Where it spoils a branch, the branches that it is not are named too.
    says: /format "byte"|in oneOf|in anyOf|must be (?:string|null)/,
    // The length may be right by chance.
    rare: true,
    meets: (one, document) =>
      one.kind === "dynamic" &&
      one.covers.some((pointer) => pointer.endsWith("/format") && at(document, pointer) === "byte"),
  },
  {
    id: "generated-depths",
    what: "Below three references that stand in each other nothing more is generated: arrays there are empty.",
    link: "https://github.com/stoplightio/prism/blob/v5.14.2/packages/http/src/mocker/generator/JSONSchema.ts",
    checks: ["schema", "mock's own violation"],
    says: /fewer than \d+ items/,
    // Which places are that deep it does not say, so it may stay unseen.
    rare: true,
    meets: (one, document) =>
      one.kind === "dynamic" &&
      one.covers.some((pointer) => pointer.endsWith("/minItems") && Number(at(document, pointer)) > 0),
  },
  {
    id: "generated-multiples",
    what: "Generated numbers are not multiples of a fraction, and then not always within their bounds.",
    link: "https://github.com/json-schema-faker/json-schema-faker/issues/821",
    checks: ["schema", "mock's own violation"],
    says: /multiple of|must be (?:<=|>=|number)/,
    meets: (one, document) =>
      one.kind === "dynamic" &&
      one.covers.some((pointer) => pointer.endsWith("/multipleOf") && !Number.isInteger(at(document, pointer))),
  },
];

interface Declared {
  readonly status: string;
  readonly headers: ReadonlySet<string>;
  readonly media: readonly JsonObject[];
}

function responsesOf({ request }: Case, document: JsonObject): Declared[] {
  const pointer = pointerOf(["paths", request.template, request.method.toLowerCase(), "responses"]);
  const all = objectOf(at(document, pointer));
  return Object.keys(all).map((status) => {
    const { headers, content } = objectOf(resolve(document, pointer + pointerOf([status])).value);
    const names = Object.keys(objectOf(headers)).map((name) => name.toLowerCase());
    return { status, headers: new Set(names), media: Object.values(objectOf(content)).map(objectOf) };
  });
}

/** Whether some response has a text with a pattern, and no example for it or around it. */
function hasBarePattern(one: Case, document: JsonObject): boolean {
  const visit = (value: Json | undefined, inside: readonly string[]): boolean => {
    if (Array.isArray(value)) return value.some((each) => visit(each, inside));
    if (!isObject(value) || [value.example, value.examples, value.default].some((each) => each !== undefined))
      return false;
    if (typeof value.pattern === "string") return true;
    const { $ref } = value;
    if (typeof $ref === "string")
      return !inside.includes($ref) && visit(at(document, decodeURIComponent($ref.slice(1))), [...inside, $ref]);
    return Object.values(value).some((each) => visit(each, inside));
  };
  return responsesOf(one, document).some(({ media }) => visit([...media], []));
}

function repeatsField({ headers, body = "" }: Case["request"]): boolean {
  const type = headers["content-type"] ?? "";
  const fields = type.startsWith("application/x-www-form-urlencoded")
    ? [...new URLSearchParams(body).keys()]
    : type.startsWith("multipart/")
      ? [...body.matchAll(/form-data; name="([^"]*)"/g)].map(([, name]) => name)
      : [];
  return new Set(fields).size < fields.length;
}

function requiresBody({ request }: Case, document: JsonObject): boolean {
  const operation = pointerOf(["paths", request.template, request.method.toLowerCase()]);
  return objectOf(resolve(document, `${operation}/requestBody`).value).required === true;
}

/** A required header with a number and no example, in a response that the request may get. */
function hasBareNumberHeader({ request }: Case, document: JsonObject): boolean {
  const responses = at(document, pointerOf(["paths", request.template, request.method.toLowerCase(), "responses"]));
  return Object.values(objectOf(responses)).some((response) =>
    Object.values(objectOf(objectOf(response).headers)).some((each) => {
      const { required, schema, example, examples } = objectOf(each);
      const { type, ...rest } = objectOf(schema);
      const bare = ["example", "examples", "default", "enum", "minimum"].every((key) => rest[key] === undefined);
      return required === true && bare && /number|integer/.test(String(type)) && (example ?? examples) === undefined;
    }),
  );
}
