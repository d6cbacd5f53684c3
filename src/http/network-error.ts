/** Classifies why a `fetch` rejected. Pure. In doubt, bytes may have been sent. */
import { causesOf } from "../util/causes.js";

export interface NetworkFacts {
  /** The error proves that there never was a connection, so nothing was sent. */
  readonly unconnected: boolean;
  /** Trying again can help. A certificate that is not valid now is not valid in a second either. */
  readonly transient: boolean;
  /** The platform's code, e.g. `ECONNREFUSED`. */
  readonly code?: string | undefined;
  /** What the platform tried to reach, where it says so: the address of a proxy, if there is one. */
  readonly tried?: string | undefined;
}

/** A fetch that goes through a proxy can say so: host and port, without a login. */
export interface ProxiedFetch {
  readonly proxyFor?: (url: string) => string | undefined;
}

/** Host and port that a client talks to, and the proxy in between where its fetch names one. */
export function targetOf(origin: string, { proxyFor }: ProxiedFetch): string {
  const { hostname, port, protocol } = new URL(origin);
  const target = `${hostname}:${port || (protocol === "http:" ? 80 : 443)}`;
  const proxy = proxyFor?.(origin);
  return proxy === undefined ? target : `${target} through the proxy ${proxy}`;
}

/** Codes that only a connection attempt gives. */
const CONNECT = /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT)$/;
/** Codes that a connection attempt gives, but an open connection too: the system call tells. */
const CONNECT_BY_SYSCALL = /^(?:ETIMEDOUT|E(?:HOST|NET)(?:UNREACH|DOWN)|EADDRNOTAVAIL)$/;
/** Certificate and TLS set-up: no request goes out before it is done. */
const TLS =
  /^(?:CERT_|ERR_TLS_CERT_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|UNABLE_TO_|INVALID_CA$|HOSTNAME_MISMATCH$)/;

/** What the platform refuses before it connects, and has no code for. */
const REFUSED = /\bbad port\b|\bunsafe port\b|\bunknown scheme\b|\bparse url\b|\binvalid url\b/i;

/** @param error What `fetch` rejected with. @returns `"redirect"` where the server answered with one, which the fetch refused. */
export function networkFailure(error: unknown): NetworkFacts | "redirect" {
  const chain = causesOf(error);
  const messages = chain.map(({ message }) => String(message));
  const coded = chain.find((one) => codeOf(one) !== undefined);
  const code = coded && codeOf(coded);
  if (/redirect/i.test(code ?? messages.join(" "))) return "redirect";
  if (coded === undefined || code === undefined) {
    const refused = messages.some((message) => REFUSED.test(message));
    return { unconnected: refused, transient: !refused };
  }
  if (TLS.test(code)) return { unconnected: true, transient: false, code };
  const invalid = code === "ERR_INVALID_URL";
  return { unconnected: invalid || isConnect(coded), transient: !invalid, code, tried: triedBy(coded) };
}

function triedBy(error: object): string | undefined {
  const { errors, hostname, address = hostname, port } = error as Record<string, unknown>;
  if (Array.isArray(errors) && typeof errors[0] === "object" && errors[0] !== null) return triedBy(errors[0]);
  if (typeof address !== "string") return undefined;
  return typeof port === "number" ? `${address.includes(":") ? `[${address}]` : address}:${port}` : address;
}

/** With several addresses tried, each must have failed to connect: one that connected may have taken bytes. */
function isConnect(error: object): boolean {
  const parts = (error as { errors?: unknown }).errors;
  if (Array.isArray(parts) && parts.length > 0)
    return parts.every((part) => typeof part === "object" && part !== null && isConnect(part));
  const code = codeOf(error) ?? "";
  const syscall = (error as { syscall?: unknown }).syscall;
  if (CONNECT.test(code)) return syscall === undefined || syscall === "connect" || syscall === "getaddrinfo";
  return CONNECT_BY_SYSCALL.test(code) && syscall === "connect";
}

function codeOf(error: object): string | undefined {
  const code = (error as { code?: unknown }).code;
  return typeof code === "string" && code !== "" ? code : undefined;
}
