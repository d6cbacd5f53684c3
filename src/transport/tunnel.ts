/** An agent whose connections are tunnels through a proxy (CONNECT), with TLS to the real server inside. */
import http from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import tls from "node:tls";
import { proxyAuthorization } from "./proxy.js";
import { TransportError } from "./transport-error.js";

type Connected = (error: Error | null, socket?: Duplex) => void;

/** TLS to the server is checked as without a proxy; the proxy sees the server's name and port, never the request. */
export class TunnelAgent extends https.Agent {
  readonly #proxy: URL;
  readonly #timeout: number;

  constructor(proxy: URL, timeout: number, options: https.AgentOptions) {
    super(options);
    this.#proxy = proxy;
    this.#timeout = timeout;
  }

  override createConnection(options: https.RequestOptions, done: Connected): undefined {
    const host = String(options.host);
    const target = `${host.includes(":") ? `[${host}]` : host}:${options.port}`;
    const authorization = proxyAuthorization(this.#proxy);
    const secure = this.#proxy.protocol === "https:";
    const request = (secure ? https : http).request({
      host: this.#proxy.hostname.replace(/^\[|\]$/g, ""),
      port: this.#proxy.port || (secure ? 443 : 80),
      method: "CONNECT",
      path: target,
      headers: { host: target, ...(authorization === undefined ? {} : { "proxy-authorization": authorization }) },
      agent: false,
    });
    const fail = (code: string, message: string, cause?: unknown): void => {
      clearTimeout(timer);
      done(new TransportError(code, false, message, cause));
    };
    // From the first step to the last: a proxy that says a little now and then would keep an idle timer from ever ending.
    let end = (late: Error): void => void request.destroy(late);
    const timer = setTimeout(
      () => end(new TransportError("ETIMEDOUT", false, `No connection through the proxy within ${this.#timeout} ms.`)),
      this.#timeout,
    );
    request.once("error", (error: NodeJS.ErrnoException) =>
      fail(error.code ?? "ERR_PROXY", `The proxy cannot be reached: ${error.message}`, error),
    );
    request.once("response", (response) => {
      response.destroy();
      fail("ERR_PROXY", `The proxy answers CONNECT with status ${response.statusCode}.`);
    });
    request.once("connect", (response, socket: Socket) => {
      if (response.statusCode !== 200) {
        socket.destroy();
        fail("ERR_PROXY", `The proxy answers CONNECT with status ${response.statusCode}.`);
        return;
      }
      const tunnel = tls.connect({
        ...(options as tls.ConnectionOptions),
        socket,
        host: undefined,
        port: undefined,
      } as tls.ConnectionOptions);
      end = (late) => void tunnel.destroy(late);
      tunnel.once("secureConnect", () => clearTimeout(timer));
      tunnel.once("close", () => clearTimeout(timer));
      done(null, tunnel);
    });
    request.end();
    return undefined;
  }
}
