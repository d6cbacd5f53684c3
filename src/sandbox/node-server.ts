/** Serves requests over HTTP with Node's server. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ReadableStream } from "node:stream/web";
import { promisify } from "node:util";

type Handle = (request: Request) => Promise<Response>;

/** Where the function rejects, or the body of its response fails, the connection is reset. */
export async function listen(handle: Handle, host: string, port: number) {
  let origin = "";
  const server = createServer((incoming, outgoing) => void serve(handle, origin, incoming, outgoing));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const { address, port: taken } = server.address() as AddressInfo;
  // All addresses: this machine's own among them.
  const name = address === "0.0.0.0" || address === "::" ? "127.0.0.1" : address;
  origin = `http://${name.includes(":") ? `[${name}]` : name}:${taken}`;
  return {
    origin,
    /** Cuts open connections. */
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(handle: Handle, origin: string, incoming: IncomingMessage, outgoing: ServerResponse) {
  const gone = new AbortController();
  outgoing.once("close", () => {
    if (!outgoing.writableFinished) gone.abort();
  });
  try {
    const response = await handle(requestOf(incoming, origin, gone.signal));
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    // Waits until the bytes were handed to the system.
    const write = promisify<Uint8Array, void>(outgoing.write.bind(outgoing));
    for await (const chunk of response.body ?? []) await write(chunk);
    outgoing.end();
    // What was not read of the body, so that the connection can be used for the next request.
    incoming.resume();
  } catch {
    incoming.socket.resetAndDestroy();
  }
}

function requestOf(incoming: IncomingMessage, origin: string, signal: AbortSignal): Request {
  const { method = "GET", url: target = "/" } = incoming;
  const headers = Object.entries(incoming.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  // By the name that the client knows it by, so that result URLs lead to where it sends its requests.
  const { host = "" } = incoming.headers;
  const base = /^[^/?#@\\]+$/.test(host) && URL.canParse(`http://${host}`) ? `http://${host}` : origin;
  // `OPTIONS *` and the absolute form that proxies are sent: neither is a path of the sandbox.
  const url = base + (target.startsWith("/") ? target : "/unknown");
  if (method === "GET" || method === "HEAD") return new Request(url, { method, headers, signal });
  // The connection stays open when the body is not read to its end: the client may still read the response.
  const body = ReadableStream.from(incoming.iterator({ destroyOnReturn: false }));
  return new Request(url, { method, headers, signal, body, duplex: "half" } as unknown as RequestInit);
}
