/** Providers that differ from the plain correct one and conform all the same: what looks like a fault, and is none. */

import type { ProviderFault } from "../provider/provider.js";
import { reading, taking } from "./fault.js";
import { lists } from "./flows.js";

/** Connections that have carried a response. */
const USED = new WeakSet<object>();

/** Base64 in one line; what ends without any padding gets it. */
function whole(text: string): string {
  const line = text.replace(/[\r\n]/g, "");
  return line.endsWith("=") ? line : line.padEnd(Math.ceil(line.length / 4) * 4, "=");
}

export const CONFORMING: readonly ProviderFault[] = [
  {
    id: "body before key",
    what: "looks at the body before the key",
    change: ({ authenticated, findings }) => ({
      authenticated: (call) => findings(call).length > 0 || authenticated(call),
    }),
  },
  {
    id: "lenient base64",
    what: "takes base64 without padding and with line breaks",
    ...taking((value) => (typeof value === "string" && /^[A-Za-z0-9+/\r\n]+=*$/.test(value) ? whole(value) : value)),
  },
  {
    id: "text/json",
    what: "takes JSON under its older label",
    ...reading(({ headers }) => ({
      headers: headers["content-type"] === "text/json" ? { ...headers, "content-type": "application/json" } : headers,
    })),
  },
  {
    id: "connections once",
    what: "closes each connection where it is used again, without having announced it",
    write: (response, { status, headers, body }) => {
      const { socket } = response;
      if (!socket || USED.has(socket)) {
        socket?.destroy();
        return;
      }
      USED.add(socket);
      response.writeHead(status, headers).end(body);
    },
  },
  {
    id: "list of one",
    what: "lists the newest thing alone",
    ...lists((items) => items.slice(0, 1)),
  },
  {
    id: "oldest first",
    what: "lists the oldest first",
    ...lists((items) => items.toReversed()),
  },
  {
    id: "403 for a wrong key",
    what: "refuses a wrong key with 403 where that is declared",
    change: ({ refusal }) => ({
      refusal: (call, codes) => {
        const declared = call.operation.responses.some(({ status }) => status === "403");
        return refusal(call, codes[0] === 401 && declared ? [403] : codes);
      },
    }),
  },
];
