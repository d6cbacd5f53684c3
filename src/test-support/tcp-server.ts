import net from "node:net";
import tls from "node:tls";

/** A raw server: the test says what goes over each connection. */
export interface TcpServer {
  readonly port: number;
  readonly url: string;
  /** Every connection so far. */
  readonly connections: Connection[];
  close(): Promise<void>;
}

/** One connection, as the server sees it. */
export interface Connection {
  readonly socket: net.Socket;
  /** Everything that came, as latin1. */
  received(): string;
  /** Resolves when `received()` passes; at once where it does already. */
  until(test: (received: string) => boolean): Promise<void>;
}

/** Starts a server on a free port of the loopback address. A handler that fails ends its connection. */
export async function tcpServer(
  handle: (connection: Connection, index: number) => Promise<void> | void,
  secure?: { readonly key: string; readonly cert: string },
): Promise<TcpServer> {
  const connections: Connection[] = [];
  const open = new Set<net.Socket>();
  const onSocket = (socket: net.Socket): void => {
    const connection = connectionOf(socket);
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
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function connectionOf(socket: net.Socket): Connection {
  let text = "";
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
  return { socket, received: () => text, until };
}
