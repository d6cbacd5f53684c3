/**
 * Options as plain JavaScript may pass them: a misspelt name or a value of another type would be ignored, or fail when money
 * may have been spent. `null` counts as left out, as `undefined` does.
 */
import type { ErrorFacts } from "../errors/magnific-error.js";
import { ConfigurationError } from "../errors/request-errors.js";
import { isObject } from "./json.js";

/** What an option has to be. */
export interface Kind {
  /** In the words of a message. */
  readonly is: string;
  readonly fits: (value: unknown) => boolean;
  /** A wrong value is shown: it is a number, or should be one. */
  readonly numeric?: boolean;
}

export type Kinds = Readonly<Record<string, Kind>>;

export const ANYTHING: Kind = { is: "anything", fits: () => true };
export const AN_OBJECT: Kind = { is: "an object", fits: isObject };
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

export function countOf(least: number): Kind {
  const fits = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= least;
  return { is: `a whole number of at least ${least}`, fits, numeric: true };
}

export function orFalse(kind: Kind): Kind {
  return { ...kind, is: `${kind.is}, or false`, fits: (value) => value === false || kind.fits(value) };
}

/** An object with these methods, whatever class it is of. */
export function having(is: string, methods: readonly string[]): Kind {
  const fits = (value: unknown): boolean =>
    methods.every((name) => typeof (value as Record<string, unknown>)[name] === "function");
  return { is, fits };
}

/**
 * @param kinds All options that there are: any other name is refused.
 * @param group The option that these belong to; none for the options as a whole.
 * @throws {ConfigurationError} for the first that is wrong. Never shows a value that may be secret.
 */
export function checkOptions(options: unknown, kinds: Kinds, group?: string): void {
  const [whole, prefix] = group === undefined ? ["The options", ""] : [`\`${group}\``, `${group}.`];
  if (!isObject(options)) throw unfit(whole, AN_OBJECT, options);
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind === undefined) {
      const names = Object.keys(kinds);
      const meant = nearest(name, names);
      const hint = meant === undefined ? `The options are ${names.join(", ")}.` : `Did you mean \`${prefix}${meant}\`?`;
      throw new ConfigurationError(`\`${prefix}${name.slice(0, 60)}\` is not an option. ${hint}`);
    }
    if (value !== undefined && value !== null && !kind.fits(value)) throw unfit(`\`${prefix}${name}\``, kind, value);
  }
}

type Partly<T> = { readonly [Name in keyof T]?: T[Name] | null | undefined } | null | undefined;

/** The default of each option of a group, and what it has to be. */
export type Declared<T> = { readonly [Name in keyof T]: readonly [T[Name], Kind] };

/** Checks a group of options and fills in its defaults. @throws {ConfigurationError} */
export function readOptions<T extends object>(group: string, options: Partly<T>, declared: Declared<T>): T {
  const entries = Object.entries<readonly [unknown, Kind]>(declared);
  checkOptions(options ?? {}, Object.fromEntries(entries.map(([name, [, kind]]) => [name, kind])), group);
  return withDefaults(Object.fromEntries(entries.map(([name, [value]]) => [name, value])) as T, options);
}

/** The options, with the defaults in place of those that are left out. */
export function withDefaults<T extends object>(defaults: T, options: Partly<T>): T {
  const present = Object.entries(options ?? {}).filter(([, value]) => value !== undefined && value !== null);
  return { ...defaults, ...Object.fromEntries(present) };
}

/** Runs a check whose error gets these facts. */
export function about<T>(facts: ErrorFacts, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof ConfigurationError ? new ConfigurationError(error.summary, facts) : error;
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

/** Of the names, the one that is most likely meant; `undefined` when none is close. */
function nearest(wrong: string, names: readonly string[]): string | undefined {
  const plain = wrong.slice(0, 60).toLowerCase();
  const [best] = names
    .map((name) => ({ name, steps: distance(plain, name.toLowerCase()) }))
    .sort((a, b) => a.steps - b.steps);
  return best !== undefined && best.steps <= Math.ceil(plain.length * 0.4) ? best.name : undefined;
}

/** Letters to insert, delete or replace (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
