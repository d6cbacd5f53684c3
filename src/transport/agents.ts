/** Where a URL's connection comes from: kept-alive pools, direct or through a proxy. */
import http, { type ClientRequest, type IncomingMessage } from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import { addressOf } from "./address.js";
import { rawField } from "./light-response.js";
import { parseProxy, proxyAuthorization, proxyFor } from "./proxy.js";
import { TransportError } from "./transport-error.js";
import { TunnelAgent } from "./tunnel.js";

export interface AgentOptions {
  /**
   * The proxy: a URL, `false` for none, or by default what `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say (lower case too)
   * when a URL is first called. The environment's is not for loopback addresses.
   */
  readonly proxy?: string | false | undefined;
  /** Certificates of authorities to trust instead of Node's, PEM. `NODE_EXTRA_CA_CERTS` adds to Node's without this option. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
  /** Milliseconds to set up a connection, TLS and proxy included; `Infinity` for no limit. Default 10,000. */
  readonly connectTimeout?: number | undefined;
  /** Milliseconds an idle connection is kept, less where the server says so; 0 for none. Default 4,000. */
  readonly keepAlive?: number | undefined;
  /** Connections to one server at a time; further calls wait for one. Default: no limit. */
  readonly connections?: number | undefined;
}

/** How one URL is reached. */
export interface Route {
  /** TLS to the server itself, so that a connection is of use only after its handshake. */
  readonly secure: boolean;
  readonly host: string;
  /** Headers for the proxy, flat. */
  readonly headers: readonly string[];
  open(method: string, headers: readonly string[]): ClientRequest;
}

const NONE: readonly string[] = [];

/** Node's longest timer, some 24 days; a longer one would fire at once. */
const LONGEST_TIMER = 2_147_483_647;

export class Agents {
  readonly connectTimeout: number;
  readonly #idle: number;
  /** `false` for none, `undefined` for what the environment says. */
  readonly #proxy: URL | false | undefined;
  readonly #pool: https.AgentOptions;
  readonly #http: http.Agent;
  readonly #https: https.Agent;
  #last: { readonly text: string; readonly route: Route } | undefined;
  readonly #tunnels: Map<string, TunnelAgent> = new Map();
  /** In use when all were closed: not to be kept after that. */
  readonly #leaving: WeakSet<Socket> = new WeakSet();

  /** @throws {TypeError} An option that cannot work. */
  constructor(options: AgentOptions) {
    const { proxy } = options;
    this.connectTimeout = Math.min(atLeast("connectTimeout", options.connectTimeout ?? 10_000, 1), LONGEST_TIMER);
    this.#idle = Math.min(atLeast("keepAlive", options.keepAlive ?? 4000, 0), LONGEST_TIMER);
    if (options.connections !== undefined) atLeast("connections", options.connections, 1);
    this.#proxy = proxy === undefined || proxy === false ? proxy : parseProxy(proxy);
    this.#pool = {
      // Each call copies these: what is Node's default anyway (the last used first, 256 kept) is left out.
      keepAlive: true,
      maxSockets: options.connections,
      ca: options.ca as Buffer | undefined,
    };
    this.#http = this.#keeping(new http.Agent(this.#pool));
    this.#https = this.#keeping(new https.Agent(this.#pool));
  }

  /**
   * @throws {TypeError} No http or https URL.
   * @throws {TransportError} The environment names a proxy that is none.
   */
  route(text: string): Route {
    // Submits go to one URL: it is taken apart once.
    if (this.#last?.text === text) return this.#last.route;
    const route = this.#routeOf(new URL(text));
    this.#last = { text, route };
    return route;
  }

  #routeOf(url: URL): Route {
    if (url.protocol !== "https:" && url.protocol !== "http:")
      throw new TypeError(`${url.protocol} URLs are not fetched.`);
    const secure = url.protocol === "https:";
    const proxy = this.#proxyOf(url);
    const target = { ...addressOf(url), path: `${url.pathname}${url.search}` };
    // Looked up at each call: libraries that intercept http replace these functions.
    if (secure) {
      const agent = proxy === undefined ? this.#https : this.#tunnel(proxy);
      return {
        secure,
        host: url.host,
        headers: NONE,
        open: (method, headers) => https.request({ ...target, method, headers, agent }),
      };
    }
    // A name for TLS, where there is none, would be worked out anew for each call.
    const plain = { ...target, servername: "" };
    if (proxy === undefined)
      return {
        secure,
        host: url.host,
        headers: NONE,
        open: (method, headers) => http.request({ ...plain, method, headers, agent: this.#http }),
      };
    const authorization = proxyAuthorization(proxy);
    const tls = proxy.protocol === "https:";
    const through = { ...addressOf(proxy), path: url.href, agent: tls ? this.#https : this.#http };
    return {
      secure: tls,
      host: url.host,
      headers: authorization === undefined ? NONE : ["proxy-authorization", authorization],
      open: (method, headers) => (tls ? https : http).request({ ...through, method, headers }),
    };
  }

  /** An agent's own `destroy` would take the connections of calls under way too. */
  close(): void {
    for (const agent of [this.#http, this.#https, ...this.#tunnels.values()]) {
      for (const socket of socketsOf(agent.sockets)) this.#leaving.add(socket);
      for (const socket of socketsOf(agent.freeSockets)) socket.destroy();
    }
  }

  /**
   * Idle connections are given up after `keepAlive`. An agent's own `timeout` would set every socket's timer twice a
   * call; set once, it starts anew with all that goes over the socket, and ends a socket only while nobody uses it.
   */
  #keeping<A extends http.Agent>(agent: A): A {
    const idle = this.#idle;
    const keepSocketAlive = (socket: Socket): boolean => {
      if (this.#leaving.has(socket)) return false;
      const { res } = (socket as { _httpMessage?: { res?: IncomingMessage } })._httpMessage ?? {};
      const hint = res === undefined ? undefined : /\btimeout=(\d+)/i.exec(rawField(res, "keep-alive") ?? "")?.[1];
      // A second less than the server says: what is sent while it closes would be lost.
      const limit = hint === undefined ? idle : Math.min(idle, Number(hint) * 1000 - 1000);
      if (limit <= 0) return false;
      socket.setKeepAlive(true, 1000);
      socket.unref();
      if (socket.timeout !== limit) socket.setTimeout(limit);
      return true;
    };
    return Object.assign(agent, { keepSocketAlive });
  }

  #proxyOf(url: URL): URL | undefined {
    if (this.#proxy === false) return undefined;
    if (this.#proxy !== undefined) return this.#proxy;
    try {
      return proxyFor(url, process.env);
    } catch (error) {
      throw new TransportError("ERR_PROXY", false, (error as TypeError).message, error);
    }
  }

  #tunnel(proxy: URL): TunnelAgent {
    let agent = this.#tunnels.get(proxy.href);
    if (agent === undefined) {
      agent = this.#keeping(new TunnelAgent(proxy, this.connectTimeout, this.#pool));
      this.#tunnels.set(proxy.href, agent);
    }
    return agent;
  }
}

function socketsOf(pools: NodeJS.ReadOnlyDict<Socket[]>): Socket[] {
  return Object.values(pools).flatMap((pool) => pool ?? []);
}

function atLeast(name: string, value: unknown, least: number): number {
  if (typeof value === "number" && value >= least) return value;
  throw new TypeError(`\`${name}\` must be a number of at least ${least}, not ${String(value)}.`);
}
