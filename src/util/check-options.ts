/**
 * Options as plain JavaScript may give them. One of another kind than its type would be ignored, or fail half-way, when
 * money may be spent already; so kinds are looked at before anything is sent. `null` counts as left out, as `undefined` does.
 */
import type { CallOptions } from "../context.js";
import { ConfigurationError } from "../errors/configuration-error.js";
import type { ErrorFacts } from "../errors/magnific-error.js";

/** What an option has to be. */
export interface Kind {
  /** In the words of a message. */
  readonly is: string;
  readonly fits: (value: unknown) => boolean;
}

/** Options by name. */
export type Kinds = Readonly<Record<string, Kind>>;

export const AN_OBJECT: Kind = { is: "an object", fits: (value) => typeof value === "object" && !Array.isArray(value) };
export const A_FUNCTION: Kind = { is: "a function", fits: (value) => typeof value === "function" };
export const A_BOOLEAN: Kind = { is: "true or false", fits: (value) => typeof value === "boolean" };
export const A_STRING: Kind = { is: "a string", fits: (value) => typeof value === "string" };
export const A_SIGNAL: Kind = having("an AbortSignal", ["addEventListener", "removeEventListener"]);

/** An object with these methods, whatever class it is of. */
export function having(is: string, methods: readonly string[]): Kind {
  return {
    is,
    fits: (value) => methods.every((name) => typeof (value as Record<string, unknown>)[name] === "function"),
  };
}

/**
 * @param group The option that these belong to; none for the options as a whole.
 * @throws {ConfigurationError} for the first that is of another kind. Says nothing of its value.
 */
export function checkKinds(options: unknown, kinds: Kinds, group?: string): void {
  const [whole, prefix] = group === undefined ? ["The options", ""] : [`\`${group}\``, `${group}.`];
  if (options === null || !AN_OBJECT.fits(options)) throw unfit(whole, AN_OBJECT, options);
  for (const [name, kind] of Object.entries(kinds)) {
    const value = (options as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined && value !== null && !kind.fits(value)) throw unfit(`\`${prefix}${name}\``, kind, value);
  }
}

/** How a call is sent; `more` is what it takes besides. @throws {ConfigurationError} with these facts. */
export function checkCall(options: unknown, facts: ErrorFacts, more: Kinds = {}): void {
  about(facts, () => {
    checkKinds(options, { signal: A_SIGNAL, ...more });
    const { timeout, retry } = options as CallOptions;
    number("timeout", timeout ?? 1, 1);
    number("retry", retry ?? 0, 0);
  });
}

/** Runs a check whose error is to hold these facts. */
export function about<T>(facts: ErrorFacts, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof ConfigurationError ? new ConfigurationError(error.message, facts) : error;
  }
}

function unfit(what: string, { is }: Kind, value: unknown): ConfigurationError {
  return new ConfigurationError(`${what} must be ${is}, not ${kindOf(value)}.`);
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? "an array" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** @throws {ConfigurationError} unless the value is a number from `least` to `most`. */
export function number(name: string, value: unknown, least: number, most: number = Number.POSITIVE_INFINITY): number {
  if (typeof value === "number" && value >= least && value <= most) return value;
  const range = most === Number.POSITIVE_INFINITY ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new ConfigurationError(
    `\`${name}\` must be a number ${range}, not ${typeof value === "object" ? kindOf(value) : String(value)}.`,
  );
}

/** A group of numbers, with the defaults filled in. @throws {ConfigurationError} */
export function numbers<T extends object>(
  group: string,
  defaults: T,
  given: { readonly [Name in keyof T]?: T[Name] | undefined } | undefined,
  least: Readonly<Record<keyof T, number>>,
): T {
  checkKinds(given ?? {}, {}, group);
  const merged: Record<string, unknown> = {};
  for (const name of Object.keys(defaults) as (keyof T & string)[])
    merged[name] = number(`${group}.${name}`, given?.[name] ?? defaults[name], least[name]);
  return merged as T;
}
