/**
 * Options as plain JavaScript may pass them. A misspelt name or a value of another type would be ignored, or fail half-way
 * when money may have been spent; so they are checked before anything is sent. `null` counts as left out, as `undefined` does.
 */

import type { ErrorFacts } from "../errors/magnific-error.js";
import { ConfigurationError } from "../errors/request-errors.js";
import { nearest } from "./nearest.js";

/** What an option has to be. */
export interface Kind {
  /** In the words of a message. */
  readonly is: string;
  readonly fits: (value: unknown) => boolean;
  /** A wrong value is shown: it is a number, or should be one. */
  readonly numeric?: boolean;
}

/** Every option there is, by name. */
export type Kinds = Readonly<Record<string, Kind>>;

export const ANYTHING: Kind = { is: "anything", fits: () => true };
export const AN_OBJECT: Kind = { is: "an object", fits: (value) => typeof value === "object" && !Array.isArray(value) };
export const A_FUNCTION: Kind = { is: "a function", fits: (value) => typeof value === "function" };
export const A_BOOLEAN: Kind = { is: "true or false", fits: (value) => typeof value === "boolean" };
export const A_STRING: Kind = { is: "a string", fits: (value) => typeof value === "string" };
export const A_SIGNAL: Kind = having("an AbortSignal", ["addEventListener", "removeEventListener"]);

/** A number, `Infinity` included. */
export function atLeast(least: number, most: number = Number.POSITIVE_INFINITY): Kind {
  const range = most === Number.POSITIVE_INFINITY ? `of at least ${least}` : `from ${least} to ${most}`;
  const fits = (value: unknown): boolean => typeof value === "number" && value >= least && value <= most;
  return { is: `a number ${range}`, fits, numeric: true };
}

/** How many of something. */
export function countOf(least: number): Kind {
  return {
    is: `a whole number of at least ${least}`,
    fits: (value) => Number.isSafeInteger(value) && (value as number) >= least,
    numeric: true,
  };
}

export function orFalse(kind: Kind): Kind {
  return { ...kind, is: `${kind.is}, or false`, fits: (value) => value === false || kind.fits(value) };
}

/** An object with these methods, whatever class it is of. */
export function having(is: string, methods: readonly string[]): Kind {
  return {
    is,
    fits: (value) => methods.every((name) => typeof (value as Record<string, unknown>)[name] === "function"),
  };
}

/**
 * @param kinds All options that there are: any other name is refused.
 * @param group The option that these belong to; none for the options as a whole.
 * @throws {ConfigurationError} for the first that is wrong. Never shows a value that may be secret.
 */
export function checkOptions(options: unknown, kinds: Kinds, group?: string): void {
  const [whole, prefix] = group === undefined ? ["The options", ""] : [`\`${group}\``, `${group}.`];
  if (options === null || !AN_OBJECT.fits(options)) throw unfit(whole, AN_OBJECT, options);
  for (const [name, value] of Object.entries(options as object)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind === undefined) {
      const meant = nearest(name, Object.keys(kinds));
      const hint =
        meant === undefined
          ? `The options are ${Object.keys(kinds).join(", ")}.`
          : `Did you mean \`${prefix}${meant}\`?`;
      throw new ConfigurationError(`\`${prefix}${name.slice(0, 60)}\` is not an option. ${hint}`);
    }
    if (value !== undefined && value !== null && !kind.fits(value)) throw unfit(`\`${prefix}${name}\``, kind, value);
  }
}

/** The default of each option of a group, and what it has to be. */
export type Declared<T> = { readonly [Name in keyof T]: readonly [T[Name], Kind] };

/** Checks a group of options and fills in its defaults. @throws {ConfigurationError} */
export function readOptions<T extends object>(
  group: string,
  options: { readonly [Name in keyof T]?: T[Name] | null | undefined } | null | undefined,
  declared: Declared<T>,
): T {
  const entries = Object.entries<readonly [unknown, Kind]>(declared);
  checkOptions(options ?? {}, Object.fromEntries(entries.map(([name, [, kind]]) => [name, kind])), group);
  return withDefaults(Object.fromEntries(entries.map(([name, [value]]) => [name, value])) as T, options ?? {});
}

/** The options, with the defaults in place of those that are left out. */
export function withDefaults<T extends object>(
  defaults: T,
  options: { readonly [Name in keyof T]?: T[Name] | null | undefined },
): T {
  const present = Object.entries(options).filter(([, value]) => value !== undefined && value !== null);
  return { ...defaults, ...Object.fromEntries(present) };
}

/** Runs a check whose error gets these facts. */
export function about<T>(facts: ErrorFacts, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof ConfigurationError ? new ConfigurationError(error.message, facts) : error;
  }
}

function unfit(what: string, { is, numeric }: Kind, value: unknown): ConfigurationError {
  const shown = numeric && typeof value !== "object" ? String(value) : typeOf(value);
  return new ConfigurationError(`${what} must be ${is}, not ${shown}.`);
}

export function typeOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? "an array" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}
