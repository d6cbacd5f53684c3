/** What a change to one place is made of. */
import type { Json } from "../../openapi/document/types.js";

export interface Draft {
  readonly name: string;
  readonly value: Json;
  readonly rule?: string;
  readonly covers: readonly (string | undefined)[];
  readonly opaque?: boolean;
  readonly mockOnly?: string;
}

/** Longest string and array that is sent to try a bound. */
export const LONGEST = 20_000;

export function round(value: number): number {
  return Number(value.toPrecision(12));
}
