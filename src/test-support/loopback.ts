import { getEventListeners } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export interface Loopback {
  readonly origin: string;
  readonly requests: readonly SeenRequest[];
  /** Resolves when no request is in flight any more: each was answered whole, or its connection is gone. */
  idle(): Promise<void>;
}

/** The `n`-th request (from 0) is served by a function that has the whole socket. */
export type Serve = (response: ServerResponse, n: number, request: IncomingMessage) => void;

/** A real server on loopback, gone when the test is. */
export async function loopback(serve: Serve): Promise<Loopback> {
  const requests: SeenRequest[] = [];
  const open = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    open.add(response);
    response.on("close", () => open.delete(response));
    response.on("error", () => {});
    requests.push({ method: request.method ?? "", path: request.url ?? "", headers: request.headers });
    serve(response, requests.length - 1, request);
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    idle: () =>
      until(
        () => open.size === 0,
        () => `${open.size} requests are still in flight`,
      ),
  };
}

/** A port on loopback where nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits for a fact of another side of a connection, which no event of this side tells. */
export async function until(holds: () => boolean, otherwise: () => string, milliseconds = 5000): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!holds()) {
    if (performance.now() > end) throw new Error(otherwise());
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A signal, and how many listen to it. */
export function countedSignal(): { readonly controller: AbortController; readonly listeners: () => number } {
  const controller = new AbortController();
  return { controller, listeners: () => getEventListeners(controller.signal, "abort").length };
}
