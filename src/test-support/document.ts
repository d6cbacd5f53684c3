/** What the vendored document says of the request, for tests that hold whatever version of its page is vendored. */
import type { RequestField, RequestFields } from "../contract/contract.js";
import { DEFAULT, DEFAULT_FIELDS } from "../contract/default.js";

const FIELDS: RequestFields = DEFAULT_FIELDS;

type Slider = RequestField & { readonly minimum: number; readonly maximum: number };

/** The fields that are whole numbers within bounds. */
export const SLIDERS: readonly (readonly [name: string, field: Slider])[] = Object.entries(FIELDS).filter(
  (entry): entry is [string, Slider] =>
    entry[1].type === "integer" && entry[1].minimum !== undefined && entry[1].maximum !== undefined,
);

/** What a request has where it says nothing. */
export const DEFAULTS: Readonly<Record<string, unknown>> = defaultsOf(Object.entries(FIELDS));
export const SLIDER_DEFAULTS: Readonly<Record<string, unknown>> = defaultsOf(SLIDERS);

/** What a request must have besides its image, with a value that the document accepts. */
export const REQUIRED: Readonly<Record<string, unknown>> = Object.fromEntries(
  Object.entries(FIELDS).flatMap(([name, { required, default: value, minimum, enum: values }]) =>
    required && !Object.hasOwn(DEFAULT.images, name) ? [[name, value ?? minimum ?? values?.[0] ?? "text"]] : [],
  ),
);

function defaultsOf(fields: readonly (readonly [string, RequestField])[]): Record<string, unknown> {
  const given = fields.filter(([, field]) => field.default !== undefined);
  return Object.fromEntries(given.map(([name, field]) => [name, field.default]));
}
