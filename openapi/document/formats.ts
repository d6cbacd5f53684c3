/** The string formats of OpenAPI documents as ajv formats. */
import type { Format } from "ajv";
import { fullFormats } from "ajv-formats/dist/formats.js";
import { byte, uri, uuid } from "./string-formats.js";

export const formats: Record<string, Format> = { ...(fullFormats as Record<string, Format>), byte, uri, uuid };
