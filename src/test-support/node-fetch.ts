/** What a test of `nodeFetch()` opens, closed again when that test is over. */
import { onTestFinished } from "vitest";
import { type NodeFetch, type NodeFetchOptions, nodeFetch } from "../transport/node-fetch.js";
import { CERTIFICATE, PRIVATE_KEY } from "./certificate.js";
import { type TcpServer, tcpServer } from "./tcp-server.js";

export const HI = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

export function openFetch(options: NodeFetchOptions = {}): NodeFetch {
  const fetch = nodeFetch(options);
  onTestFinished(() => fetch.close());
  return fetch;
}

export async function openServer(handle: Parameters<typeof tcpServer>[0], secure = false): Promise<TcpServer> {
  const server = await tcpServer(handle, secure ? { key: PRIVATE_KEY, cert: CERTIFICATE } : undefined);
  onTestFinished(() => server.close());
  return server;
}
