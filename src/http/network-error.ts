/** Tells what a rejected `fetch` means. Pure. Where it is not sure, it says that bytes may have been sent. */

/** What is known of a connection that failed. */
export interface NetworkFailure {
  /** Whether the error proves that no connection came about, so that nothing was sent. */
  readonly connect: boolean;
  /** Whether trying again can help. A certificate that is not valid now is not valid in a second either. */
  readonly transient: boolean;
  /** The server answered with a redirect, which the fetch refused. */
  readonly redirect: boolean;
  /** The platform's code, e.g. `ECONNREFUSED`. */
  readonly code?: string;
}

/** Codes that only a connection attempt gives. */
const CONNECT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);
/** Codes that a connection attempt gives, but an open connection too: the system call tells. */
const CONNECT_BY_SYSCALL = new Set([
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "ENETDOWN",
  "EADDRNOTAVAIL",
]);
/** Certificate and TLS set-up: no request goes out before it is done. */
const TLS =
  /^(?:CERT_|ERR_TLS_CERT_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|UNABLE_TO_(?:VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT|GET_ISSUER_CERT_LOCALLY|GET_CRL|DECRYPT_CERT_SIGNATURE)$|INVALID_CA$|HOSTNAME_MISMATCH$)/;

/** @param error What `fetch` rejected with. */
export function networkFailure(error: unknown): NetworkFailure {
  const chain = causes(error);
  const coded = chain.find((one) => codeOf(one) !== undefined);
  if (coded === undefined) {
    const redirect = chain.some((one) => /redirect/i.test(String((one as { message?: unknown }).message)));
    return { connect: false, transient: !redirect, redirect };
  }
  const code = codeOf(coded) ?? "";
  if (/redirect/i.test(code)) return { connect: false, transient: false, redirect: true, code };
  // A transport that saw the connection itself knows better than any list of codes.
  const seen = chain.map((one) => (one as { connected?: unknown }).connected).find((one) => typeof one === "boolean");
  if (TLS.test(code)) return { connect: seen !== true, transient: false, redirect: false, code };
  return { connect: seen === undefined ? isConnect(coded) : seen === false, transient: true, redirect: false, code };
}

/** With several addresses tried, each must have failed to connect: one that connected may have taken bytes. */
function isConnect(error: object): boolean {
  const parts = (error as { errors?: unknown }).errors;
  if (Array.isArray(parts) && parts.length > 0)
    return parts.every((part) => typeof part === "object" && part !== null && isConnect(part));
  const code = codeOf(error) ?? "";
  const syscall = (error as { syscall?: unknown }).syscall;
  if (CONNECT.has(code)) return syscall === undefined || syscall === "connect" || syscall === "getaddrinfo";
  return CONNECT_BY_SYSCALL.has(code) && syscall === "connect";
}

function codeOf(error: object): string | undefined {
  const code = (error as { code?: unknown }).code;
  return typeof code === "string" && code !== "" ? code : undefined;
}

/** The error and its causes, outermost first. */
function causes(error: unknown): object[] {
  const chain: object[] = [];
  for (let one = error; typeof one === "object" && one !== null && chain.length < 8; ) {
    if (chain.includes(one)) break;
    chain.push(one);
    one = (one as { cause?: unknown }).cause;
  }
  return chain;
}
