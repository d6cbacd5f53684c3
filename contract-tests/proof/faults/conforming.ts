/** Providers that differ from the plain correct one and conform all the same: what looks like a fault, and is none. */
import type { ProviderFault } from "../provider/provider.js";

/** Connections that have carried a response. */
const USED = new WeakSet<object>();

export const CONFORMING: readonly ProviderFault[] = [
  {
    id: "body before key",
    what: "looks at the body before the key",
    change: ({ authenticated, findings }) => ({
      authenticated: (call) => findings(call).length > 0 || authenticated(call),
    }),
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
