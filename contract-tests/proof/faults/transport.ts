/** Faults below HTTP, and redirects. */
import { type Fault, faultsOf, ok, replies } from "./fault.js";

export const TRANSPORT_FAULTS: readonly Fault[] = faultsOf("transport", "transport", [
  [
    "redirects",
    "redirects elsewhere",
    replies(ok, { status: 302, headers: { location: "http://127.0.0.1:9/elsewhere" }, body: "" }),
    "status",
  ],
  ["never responds", "takes the request and stays silent", { write: () => {} }],
  [
    "stalls in the body",
    "begins a response and does not continue",
    {
      write: (response, { status, headers, body }) => {
        response.writeHead(status, { ...headers, "content-length": "5000" });
        response.write(body.slice(0, 3));
      },
    },
  ],
  ["resets", "cuts the connection", { write: (response) => response.socket?.resetAndDestroy() }],
  [
    "resets in the body",
    "cuts the connection inside the response",
    {
      write: (response, { status, headers, body }) => {
        response.writeHead(status, { ...headers, "content-length": "5000" });
        response.write(body, () => response.socket?.resetAndDestroy());
      },
    },
  ],
  [
    "floods",
    "sends without end",
    {
      write: (response, { status, headers }) => {
        response.writeHead(status, headers);
        const chunk = "x".repeat(65_536);
        const more = (): void => {
          while (!response.destroyed && response.write(chunk));
          if (!response.destroyed) response.once("drain", more);
        };
        more();
      },
    },
  ],
  ["does not speak HTTP", "sends something that is not HTTP", { write: ({ socket }) => socket?.end("HELLO\r\n\r\n") }],
  [
    "length too small",
    "declares a length that is too small",
    {
      write: ({ socket }, { status, body }) => {
        const head = `HTTP/1.1 ${status} X\r\ncontent-type: application/json\r\ncontent-length: 5`;
        socket?.end(`${head}\r\n\r\n${body}`);
      },
    },
    "transport",
    "body",
  ],
  [
    "interim responses without end",
    "sends 100 Continue and never a response",
    {
      write: (response) => {
        const timer = setInterval(() => response.writeContinue(), 5);
        response.on("close", () => clearInterval(timer));
      },
    },
  ],
]);
