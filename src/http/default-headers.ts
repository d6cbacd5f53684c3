/** The headers that every request to the API carries in addition to its own. */
import { ConfigurationError } from "../errors/request-errors.js";
import { isBrowser } from "../util/runtime.js";

/** Headers that the client or the transport writes itself: the key would be lost in them, or break the request. */
const TAKEN =
  /^(?:accept|connection|content-.*|cookie|expect|host|keep-alive|proxy-.*|sec-.*|te|trailer|transfer-encoding|upgrade)$/i;

/** Written by the build. */
declare const CLIENT_VERSION: string | undefined;

/** @param option Where the name stands. @throws {ConfigurationError} when no such header can be added to a request. */
export function headerName(option: string, name: unknown): string {
  if (typeof name !== "string" || !/^[\w!#$%&'*+.^`|~-]+$/.test(name))
    throw new ConfigurationError(`\`${option}\` is not a valid header name.`);
  if (TAKEN.test(name))
    throw new ConfigurationError(`\`${option}\` is ${name}, which is written by the client or by HTTP itself.`);
  return name;
}

/**
 * @param keyHeaders Names that carry a key.
 * @param key Must not be in a value. One that a function gives is not known here.
 * @throws {ConfigurationError} naming the header, never its value.
 */
export function headersOf(
  headers: Readonly<Record<string, unknown>>,
  keyHeaders: readonly string[],
  key: unknown,
): [name: string, value: string][] {
  const all = new Map(isBrowser() ? [] : [["user-agent", userAgent()]]);
  for (const [given, value] of Object.entries(headers)) {
    if (value === undefined || value === null) continue;
    const option = `defaultHeaders.${given.slice(0, 60)}`;
    const name = headerName(option, given).toLowerCase();
    const refused = (why: string): ConfigurationError => new ConfigurationError(`\`${option}\` ${why}.`);
    if (keyHeaders.some((one) => one.toLowerCase() === name)) throw refused("carries the key: use `apiKey`");
    if (typeof value !== "string" || !/^[\x20-\x7e\xa0-\xff]*$/.test(value))
      throw refused("must be a string that a header can carry");
    if (typeof key === "string" && value.includes(key))
      throw refused("holds the API key, which no other header carries");
    all.set(name, value.trim());
  }
  return [...all];
}

/** For instance `magnific-client/1.0.0 Node.js/22`. Browsers have their own, and ask the server before they send another. */
function userAgent(): string {
  const { navigator, process } = globalThis as {
    navigator?: { userAgent?: string };
    process?: { versions?: { node?: string } };
  };
  // Node has a navigator from version 21.
  const node = process?.versions?.node;
  const runtime = navigator?.userAgent ?? (node && `Node.js/${node.split(".")[0]}`);
  const version = typeof CLIENT_VERSION === "string" ? CLIENT_VERSION : "source";
  return [`magnific-client/${version}`, runtime?.replace(/[^\x20-\x7e]/g, "")].filter(Boolean).join(" ");
}
