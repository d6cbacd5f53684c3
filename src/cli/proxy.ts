/** Connections through the proxy of the environment: by Node itself where it can, else by undici, and never around it. */
import http from "node:http";
import { isLoopback } from "../util/address.js";
import { ProxyError, UsageError } from "./exit.js";

type Fetch = typeof globalThis.fetch;

/** The part of Node that has its own support of proxies (from 24.14). */
interface OwnSupport {
  setGlobalProxyFromEnv?(environment: Readonly<Record<string, string>>): () => void;
}

/** Undoes the settings that Node was given before. */
let restore = (): void => {};

const INSTALL =
  "This version of Node cannot use it by itself. Install undici next to magnific-client (npm install undici; with --global where that is global), or use Node 24.14 or newer.";

/** By `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` for both, and `NO_PROXY`; lower case wins, as with curl. @throws {UsageError} */
export async function proxyFetch(environment: NodeJS.ProcessEnv, baseUrl = ""): Promise<Fetch> {
  restore();
  const { httpsProxy, httpProxy, noProxy } = proxiesOf(environment);
  // For the messages of errors.
  const named = (fetch: Fetch): Fetch =>
    Object.assign(fetch, { proxyFor: (url: string) => proxyFor(environment, url) });
  if (httpsProxy === "" && httpProxy === "") return globalThis.fetch;

  const own = (http as OwnSupport).setGlobalProxyFromEnv;
  if (own !== undefined) {
    const exempt = [noProxy, "localhost", "127.0.0.1", "[::1]"].filter((entry) => entry !== "").join(",");
    restore = own({ HTTPS_PROXY: httpsProxy, HTTP_PROXY: httpProxy, NO_PROXY: exempt });
    return named(explained(globalThis.fetch));
  }
  const undici = await import("undici").catch(() => undefined);
  if (undici === undefined) {
    if (!isLocal(baseUrl)) throw new UsageError(`The environment names a proxy. ${INSTALL}`);
    return async (input, init) => {
      if (isLocal(input)) return await globalThis.fetch(input, init);
      throw new ProxyError(`The environment names a proxy for ${hostOf(input)}. ${INSTALL}`);
    };
  }
  const { dispatcherFetch } = await import("../node.js");
  // Its idle connections keep no process alive.
  const agent = new undici.EnvHttpProxyAgent({ httpsProxy, httpProxy, noProxy });
  const through = explained(dispatcherFetch(agent) as Fetch);
  // A proxy would take a loopback address for its own machine.
  return named((input, init) => (isLocal(input) ? globalThis.fetch(input, init) : through(input, init)));
}

/** The value with its scheme. It may hold a password: no message repeats it. @throws {UsageError} */
function checkProxy(name: string, value: string): string {
  if (value === "") return "";
  const text = /^[a-z][a-z\d+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  if (!URL.canParse(text)) throw new UsageError(`${name} is not a valid URL.`);
  const { protocol } = new URL(text);
  if (protocol === "http:" || protocol === "https:") return text;
  throw new UsageError(
    `${name} names a ${protocol.slice(0, -1)} proxy, which is not supported. Use an http or https proxy.`,
  );
}

interface Proxies {
  readonly httpsProxy: string;
  readonly httpProxy: string;
  readonly noProxy: string;
}

function proxiesOf(environment: NodeJS.ProcessEnv): Proxies {
  const read = (name: string): string => environment[name.toLowerCase()] || environment[name] || "";
  const proxyOf = (name: string): string => checkProxy(name, read(name)) || checkProxy("ALL_PROXY", read("ALL_PROXY"));
  return { httpsProxy: proxyOf("HTTPS_PROXY"), httpProxy: proxyOf("HTTP_PROXY"), noProxy: read("NO_PROXY") };
}

/** Host and port of the proxy for a URL, without its login; `undefined` where there is none. @throws {UsageError} */
export function proxyFor(environment: NodeJS.ProcessEnv, url: string): string | undefined {
  const { httpsProxy, httpProxy, noProxy } = proxiesOf(environment);
  const { protocol, hostname, port } = new URL(url);
  const proxy = protocol === "https:" ? httpsProxy : httpProxy;
  const exempt = (entry: string): boolean => {
    const [, name = "", only] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    if (only !== undefined && only !== (port || (protocol === "https:" ? "443" : "80"))) return false;
    const host = name.replace(/^\*?\.?/, "");
    // Node itself takes a bare name as one host, undici as a domain.
    const domain = host !== name || (http as OwnSupport).setGlobalProxyFromEnv === undefined;
    return name === "*" || (host !== "" && (hostname === host || (domain && hostname.endsWith(`.${host}`))));
  };
  if (proxy === "" || isLoopback(hostname) || noProxy.split(/[\s,]+/).some(exempt)) return undefined;
  const { hostname: host, port: at, protocol: scheme } = new URL(proxy);
  return `${host}:${at || (scheme === "https:" ? 443 : 80)}`;
}

/** Says of a failure that the proxy wants a login, where it does. */
function explained(fetch: Fetch): Fetch {
  const login = (cause?: unknown): ProxyError =>
    new ProxyError(
      "The proxy asks for a login (407). Put it into the variable that names the proxy, e.g. HTTPS_PROXY=http://user:password@host:3128.",
      { cause },
    );
  return async (input, init) => {
    const response = await fetch(input, init).catch((error: unknown) => {
      for (let one = error; one instanceof Error; one = one.cause) if (/\b407\b/.test(one.message)) throw login(error);
      throw error;
    });
    if (response.status !== 407) return response;
    await response.body?.cancel();
    throw login();
  };
}

function hostOf(input: string | URL | Request): string {
  const text = typeof input === "object" && "url" in input ? input.url : String(input);
  return URL.canParse(text) ? new URL(text).hostname : "";
}

function isLocal(input: string | URL | Request): boolean {
  return isLoopback(hostOf(input));
}
