import net from "node:net";
import tls from "node:tls";

/** A raw server: the test says what goes over each connection. */
export interface TcpServer {
  readonly port: number;
  readonly url: string;
  /** Every connection so far. */
  readonly connections: Connection[];
  /** Requests whose head came, over all connections. */
  readonly heads: string[];
  close(): Promise<void>;
}

/** One connection, as the server sees it. */
export interface Connection {
  readonly socket: net.Socket;
  /** Everything that came, as latin1. */
  received(): string;
  /** Resolves when `received()` passes; at once where it does already. */
  until(test: (received: string) => boolean): Promise<void>;
  /** Resolves with the next head: the text up to and including its blank line. Heads follow each other without bodies. */
  head(): Promise<string>;
}

/** Starts a server on a free port of the loopback address. A handler that fails ends its connection. */
export async function tcpServer(
  handle: (connection: Connection, index: number) => Promise<void> | void,
  secure?: { readonly key: string; readonly cert: string },
): Promise<TcpServer> {
  const connections: Connection[] = [];
  const heads: string[] = [];
  const open = new Set<net.Socket>();
  const onSocket = (socket: net.Socket): void => {
    const connection = connectionOf(socket, heads);
    socket.on("close", () => open.delete(socket));
    connections.push(connection);
    void Promise.resolve(handle(connection, connections.length - 1)).catch(() => socket.destroy());
  };
  const server = secure === undefined ? net.createServer(onSocket) : tls.createServer({ ...secure }, onSocket);
  server.on("connection", (socket: net.Socket) => {
    open.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => open.delete(socket));
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  return {
    port,
    url: `${secure === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    connections,
    heads,
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function connectionOf(socket: net.Socket, heads: string[]): Connection {
  let text = "";
  let read = 0;
  const waiting = new Set<() => void>();
  socket.on("error", () => {});
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    for (const check of waiting) check();
  });
  const until = (test: (received: string) => boolean): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (!test(text)) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  return {
    socket,
    received: () => text,
    until,
    head: async () => {
      await until((all) => all.indexOf("\r\n\r\n", read) >= 0);
      const end = text.indexOf("\r\n\r\n", read) + 4;
      const head = text.slice(read, end);
      read = end;
      heads.push(head);
      return head;
    },
  };
}
