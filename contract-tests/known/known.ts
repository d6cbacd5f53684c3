/** What is known to be wrong, as data. Each entry must show in the run it is meant for; one that no longer shows fails it. */
import { at } from "../../scripts/document/pointer.js";
import { isObject, type JsonObject } from "../../scripts/document/types.js";
import type { Case } from "../cases/case.js";
import type { Check } from "../oracle/verdict.js";

/** The provider's own document contradicts itself here. */
export interface KnownFinding {
  /** JSON pointer of an example in the vendored document. */
  readonly pointer: string;
  readonly checks: readonly Check[];
  readonly reason: string;
}

export const KNOWN_FINDINGS: readonly KnownFinding[] = [
  {
    pointer:
      "/paths/~1v1~1ai~1image-upscaler-precision/post/responses/400/content/application~1problem+json/examples/invalid_page",
    checks: ["undeclared field"],
    reason:
      'The page\'s problem+json example is flat ({message, invalid_params}); its schema nests the same under "problem". Which of the two the provider sends is unknown, so the client reads both.',
  },
];

/** The mock does not do what the document says. */
export interface MockDefect {
  readonly id: string;
  readonly tool: string;
  /** The version it was seen in. */
  readonly version: string;
  readonly what: string;
  readonly link: string;
  readonly checks: readonly Check[];
  /** What such a violation says, where the check alone would excuse too much. */
  readonly says?: RegExp;
  /** Whether a case meets it. */
  readonly meets: (one: Case, document: JsonObject) => boolean;
}

export const MOCK_DEFECTS: readonly MockDefect[] = [
  {
    id: "malformed-json-foreign-shape",
    tool: "@stoplight/prism-cli",
    version: "5.14.2",
    what: 'JSON that does not parse is refused before the document is looked at, in a shape of the mock\'s own ({"error": {"code": "invalid_json"}}).',
    link: "https://github.com/stoplightio/prism/blob/v5.14.2/packages/http-server/src/server.ts",
    checks: ["status", "media type", "schema", "undeclared field", "response header"],
    meets: (one) => one.expect.is === "malformed",
  },
  {
    id: "byte-adds-a-pattern",
    tool: "@stoplight/prism-cli",
    version: "5.14.2",
    what: "format: byte becomes a format and a pattern, so that one fault of base64 is reported as two.",
    link: "https://github.com/stoplightio/http-spec/blob/v7.1.0/src/oas/transformers/schema/keywords/format.ts",
    checks: ["cause"],
    says: /was refused for pattern at .*\^\[\\w\\d\+\\\/=\]\*\$/,
    // The pointer of such a case is that of the keyword.
    meets: (one, document) => one.expect.is === "refused" && at(document, one.pointer) === "byte",
  },
  {
    id: "json-suffix-is-json",
    tool: "@stoplight/prism-cli",
    version: "5.14.2",
    what: "A media type is compared without what stands before its suffix: application/vnd.x+json passes for application/json.",
    link: "https://github.com/stoplightio/prism/blob/v5.14.2/packages/http/src/validator/utils/wildcardMediaTypeMatch.ts",
    checks: ["accepted", "cause"],
    meets: (one) => one.expect.is === "wrong media type" && /\+json$/.test(one.request.headers["content-type"] ?? ""),
  },
  {
    id: "json-suffix-in-answers",
    tool: "@stoplight/prism-cli",
    version: "5.14.2",
    what: "An answer of type application/vnd.x+json is checked against the schema of application/json where the status has both.",
    link: "https://github.com/stoplightio/prism/blob/v5.14.2/packages/http/src/validator/utils/wildcardMediaTypeMatch.ts",
    checks: ["mock's own violation"],
    // Named examples aside, whose value may satisfy both.
    meets: (one, document) => {
      const type = one.expect.is === "answer" && one.kind !== "response example" ? one.expect.mediaType : undefined;
      const content = one.covers.map((pointer) => at(document, `${pointer}/content`)).find(isObject);
      return (
        type !== undefined && /\/vnd\..*\+json$/.test(type) && Object.keys(content ?? {}).includes("application/json")
      );
    },
  },
  {
    id: "null-is-no-body",
    tool: "@stoplight/prism-cli",
    version: "5.14.2",
    what: "A body of null is no body, so an operation whose body is optional takes it whatever its schema says.",
    link: "https://github.com/stoplightio/prism/blob/v5.14.2/packages/http/src/validator/index.ts",
    checks: ["accepted", "cause"],
    meets: (one) =>
      one.request.body === "null" &&
      one.expect.is === "refused" &&
      one.expect.causes.some((cause) => cause.place[0] === "body"),
  },
  {
    id: "generated-multiples",
    tool: "@stoplight/prism-cli",
    version: "5.14.2",
    what: "Generated numbers are no multiples of a fraction, and then not always within their bounds.",
    link: "https://github.com/json-schema-faker/json-schema-faker/blob/v0.5.9/src/lib/types/number.mjs",
    checks: ["schema", "mock's own violation"],
    says: /multiple of|must be (?:<=|>=|number)/,
    meets: (one, document) =>
      one.kind === "dynamic" &&
      one.covers.some((pointer) => pointer.endsWith("/multipleOf") && !Number.isInteger(at(document, pointer))),
  },
];
