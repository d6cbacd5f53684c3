/** An agent whose connections are tunnels through a proxy (CONNECT), with TLS to the real server inside. */
import http from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import tls from "node:tls";
import { addressOf, authorityOf } from "./address.js";
import { proxyAuthorization } from "./proxy.js";
import { asTransportError, TransportError } from "./transport-error.js";

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
    const target = authorityOf({ host: String(options.host), port: Number(options.port) });
    const authorization = proxyAuthorization(this.#proxy);
    const secure = this.#proxy.protocol === "https:";
    const request = (secure ? https : http).request({
      ...addressOf(this.#proxy),
      method: "CONNECT",
      path: target,
      headers: { host: target, ...(authorization === undefined ? {} : { "proxy-authorization": authorization }) },
      agent: false,
      // The authorities to trust are the same for the proxy's own certificate.
      ca: options.ca,
    });
    const fail = (error: TransportError): void => {
      clearTimeout(timer);
      done(error);
    };
    // From the first step to the last: a proxy that says a little now and then would keep an idle timer from ever ending.
    let end = (late: Error): void => void request.destroy(late);
    const timer = setTimeout(
      () => end(new TransportError("ETIMEDOUT", false, `No connection through the proxy within ${this.#timeout} ms.`)),
      this.#timeout,
    );
    request.once("error", (error) => {
      const { code } = asTransportError(error, false);
      fail(new TransportError(code, false, `The proxy cannot be reached: ${error.message}`, error));
    });
    // Whatever the answer's status is: to CONNECT there is no other event.
    request.once("connect", (response, socket: Socket) => {
      if (response.statusCode !== 200) {
        socket.destroy();
        fail(new TransportError("ERR_PROXY", false, `The proxy answers CONNECT with status ${response.statusCode}.`));
        return;
      }
      // With the server's host, although the socket is there: where that is an address, its certificate is checked
      // against it, and without it against "localhost" or the proxy's name.
      const tunnel = tls.connect({ ...(options as tls.ConnectionOptions), socket });
      end = (late) => void tunnel.destroy(late);
      tunnel.once("secureConnect", () => clearTimeout(timer));
      tunnel.once("close", () => clearTimeout(timer));
      done(null, tunnel);
    });
    request.end();
    return undefined;
  }
}
