/** Strings for schemas: a good one for each format, ones at its edges, and ones just outside it. */
import type { JsonObject } from "../../openapi/document/types.js";
import { expression, sampleOfPattern } from "./pattern.js";

/** A PNG of 2 by 2 pixels: bytes that a provider which decodes images takes as well. */
export const TINY_PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAFElEQVQI12P4z8DAAMIM/////w8AH+4F+5iFu/UAAAAASUVORK5CYII=";

interface FormatStrings {
  readonly good: string;
  /** Name of the edge → a value that must pass. */
  readonly edges: Readonly<Record<string, string>>;
  /** Name of the fault → a value that must not pass. */
  readonly bad: Readonly<Record<string, string>>;
  /** Faults that a lenient reader knows to repair, and may. */
  readonly lenient?: Readonly<Record<string, string>>;
}

const FORMATS: Readonly<Record<string, FormatStrings>> = {
  byte: {
    good: TINY_PNG,
    edges: { empty: "", "no padding needed": "AAAA", "one pad": "AAA=", "two pads": "AA==", "plus and slash": "+/+/" },
    bad: {
      "padding in excess": "AAA==",
      "text that is not base64": "not base64!",
      base64url: "-_-_",
      "data URI": `data:image/png;base64,${TINY_PNG}`,
      "a space inside": "AA AA===",
    },
    lenient: { "unpadded base64": "AA", "line breaks": TINY_PNG.replace(/.{76}/g, "$&\r\n") },
  },
  uri: {
    good: "https://example.com/contract",
    edges: {
      "query and fragment": "https://example.com/a?b=c&d=%20#e",
      "port and user": "http://user@example.com:8080/",
      "other scheme": "ftp://example.com/a",
      "IPv6 host": "http://[::1]:80/",
    },
    bad: {
      "no scheme": "example.com/contract",
      "relative reference": "/contract",
      "a space inside": "https://example.com/a b",
    },
  },
  uuid: {
    good: "046b6c7f-0b8a-43b9-b35d-6489e6daee91",
    edges: { "upper case": "046B6C7F-0B8A-43B9-B35D-6489E6DAEE91", "nil uuid": "00000000-0000-0000-0000-000000000000" },
    bad: {
      "no hyphens": "046b6c7f0b8a43b9b35d6489e6daee91",
      "one digit short": "046b6c7f-0b8a-43b9-b35d-6489e6daee9",
      "not hexadecimal": "z46b6c7f-0b8a-43b9-b35d-6489e6daee91",
    },
  },
  email: {
    good: "someone@example.com",
    edges: { "plus sign": "some.one+tag@example.com" },
    bad: { "no at sign": "example.com", "two at signs": "a@b@example.com" },
  },
  date: {
    good: "2024-02-29",
    edges: { "last day": "2023-12-31" },
    bad: { "no such day": "2023-02-30", "other order": "31.12.2023" },
  },
  "date-time": {
    good: "2024-02-29T12:34:56Z",
    edges: { offset: "2024-02-29T12:34:56+02:00", fraction: "2024-02-29T12:34:56.789Z" },
    bad: { "date alone": "2024-02-29", "no such hour": "2024-02-29T25:00:00Z" },
  },
  ipv4: {
    good: "192.0.2.1",
    edges: { "all ones": "255.255.255.255" },
    bad: { "too large": "256.0.0.1", "three parts": "192.0.2" },
  },
  ipv6: { good: "2001:db8::1", edges: { unspecified: "::" }, bad: { "not hexadecimal": "2001:zz8::1" } },
  hostname: {
    good: "example.com",
    edges: { "one label": "localhost" },
    bad: { underscore: "exa_mple.com", "leading hyphen": "-example.com" },
  },
};

export function formatStrings(schema: JsonObject): FormatStrings | undefined {
  return typeof schema.format === "string" && Object.hasOwn(FORMATS, schema.format)
    ? FORMATS[schema.format]
    : undefined;
}

/** A string of at least `length` characters (and as near to it as the pattern allows). */
export function stringOf(schema: JsonObject, length?: number): string {
  const least = length ?? (typeof schema.minLength === "number" ? schema.minLength : 0);
  if (typeof schema.pattern === "string") return patternString(schema.pattern, least);
  const known = formatStrings(schema);
  if (known && (length === undefined || known.good.length === length)) return known.good;
  const most = typeof schema.maxLength === "number" ? schema.maxLength : Number.POSITIVE_INFINITY;
  return length === undefined ? "contract".padEnd(least, "x").slice(0, most) : "x".repeat(length);
}

/** Orders of characters that are tried, so that a lookahead may find its own among them. */
const SHIFTS = 8;

/** A text that the pattern matches; one that it does not where none was found. */
function patternString(pattern: string, least: number): string {
  let last = "";
  for (let repeat = 0; repeat <= Math.max(8, least); repeat++) {
    for (let shift = 0; shift < SHIFTS; shift++) {
      const sample = sampleOfPattern(pattern, { repeat, shift });
      if (sample === undefined) return last;
      const fits = expression(pattern).test(sample);
      if (fits && sample.length >= least) return sample;
      if (fits || last === "") last = sample;
      if (fits) break;
    }
  }
  return last;
}
