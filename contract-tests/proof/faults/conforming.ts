/** Providers that differ from the plain correct one and conform all the same: what looks like a fault, and is none. */
import type { ProviderFault } from "../provider/provider.js";

export const CONFORMING: readonly ProviderFault[] = [
  {
    id: "body before key",
    what: "looks at the body before the key",
    change: ({ authenticated, findings }) => ({
      authenticated: (call) => findings(call).length > 0 || authenticated(call),
    }),
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
