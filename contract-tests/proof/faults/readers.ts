/** Faults in how a provider reads: what it makes of values that are not valid, and what it makes of valid JSON. */
import { isObject, type Json } from "../../../openapi/document/types.js";
import { type Fault, faultsOf, parsed, picky, reading, taking } from "./fault.js";

/** Changes numbers alone. */
const numbers = (make: (value: number) => number): ReturnType<typeof taking> =>
  taking((value) => (typeof value === "number" ? make(value) : value));

const inLowerCase = (body: string): string =>
  JSON.stringify(Object.fromEntries(Object.entries(parsed(body)).map(([name, value]) => [name.toLowerCase(), value])));

/** JSON of what JSON5 allows besides. */
const fromJson5 = (text: string): string =>
  text
    .replace(/\/\*.*?\*\//gs, "")
    .replaceAll("'", '"')
    .replace(/([{,])(\w+):/g, '$1"$2":')
    .replace(/,(?=[}\]])/g, "");

const only = (value: Json): Json => {
  const inside = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
  return inside.length === 1 ? (inside[0] ?? null) : value;
};

export const READER_FAULTS: readonly Fault[] = [
  ...faultsOf("reads loosely", "accepted", [
    ["reads words as booleans", 'takes "true" for true', taking((value) => (value === "true" ? true : value))],
    ["reads 0 as false", "takes 0 for false", taking((value) => (value === 0 ? false : value))],
    ["ignores empty texts", "takes an empty text for no value", taking((value) => (value === "" ? undefined : value))],
    ["unwraps values", "takes a list or an object of one value for the value", taking(only)],
    ["rounds down", "rounds fractions down", numbers(Math.trunc)],
    ["wraps at 256", "keeps 8 bits of a number", numbers((value) => value & 255)],
    ["wraps at 2^32", "keeps 32 bits of a number", numbers((value) => value | 0)],
    [
      "looks at full bodies alone",
      "checks a field only next to others",
      {
        change: ({ findings }) => ({
          findings: (call) => {
            const alone = Object.keys(parsed(call.received.body)).length === 2;
            return findings(call).filter(({ place }) => !alone || place === "body");
          },
        }),
      },
    ],
    ["ignores the case of names", "takes fields in any case", reading(({ body }) => ({ body: inLowerCase(body) }))],
    ["reads JSON5", "takes JSON5 for JSON", reading(({ body }) => ({ body: fromJson5(body) }))],
    [
      "ignores what follows",
      "reads JSON up to its end and nothing after it",
      reading(({ body }) => ({ body: body.slice(0, body.lastIndexOf("}") + 1) })),
    ],
    [
      "compares the beginning of the type",
      "takes every media type that begins like the declared one",
      reading(({ headers }) => ({
        headers: { ...headers, "content-type": (headers["content-type"] ?? "").replace(/^(.*?json)\w+/, "$1") },
      })),
    ],
    [
      "ignores padding",
      "takes base64 with any padding",
      taking((value) => (typeof value === "string" ? value.replace(/=+$/, "=") : value)),
    ],
  ]),
  ...faultsOf("reads narrowly", "status", [
    ["refuses one option", "refuses a body with one option", picky((body) => Object.keys(body).length === 2)],
    [
      "reads fields in one order",
      "wants a text first",
      picky((body) => Object.keys(body).length > 1 && typeof Object.values(body)[0] !== "string"),
    ],
    ["refuses white space", "refuses JSON with white space", picky((_, __, { body }) => /\n/.test(body))],
    ["refuses escapes", "refuses JSON with escapes", picky((_, __, { body }) => body.includes("\\u"))],
    [
      "refuses a quoted charset",
      "refuses a charset in quotes",
      picky((_, headers) => /charset="/.test(headers["content-type"] ?? "")),
    ],
    [
      "wants headers in lower case",
      "refuses names of headers in upper case",
      picky((_, __, { names }) => names.includes("CONTENT-TYPE")),
    ],
  ]),
];
