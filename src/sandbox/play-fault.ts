/** What a fault makes of a response. */
import type { SandboxFault } from "./faults.js";
import { json, response } from "./response.js";

const MESSAGES: Readonly<Record<number, string>> = {
  500: "Internal Server Error",
  503: "Service Unavailable. Please try again later.",
};

/**
 * The response that the client sees instead; for a fault that breaks off without one, its kind.
 *
 * @param original What would have been sent; `undefined` where the request was not handled.
 * @param stall Never resolves, and rejects when the client goes away.
 */
export async function playFault(
  fault: SandboxFault,
  original: Response | undefined,
  stall: () => Promise<never>,
): Promise<Response | "reset" | "stall"> {
  switch (fault.kind) {
    case "html": {
      const page = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n";
      return response(fault.status ?? 502, "text/html", page);
    }
    case "error": {
      const status = fault.status ?? 503;
      return json(status, { message: fault.message ?? MESSAGES[status] ?? `Status ${status}, as scripted` });
    }
    case "rate_limited": {
      const { retryAfter = "1", reset = 1, message = "Too many requests. Please slow down." } = fault;
      const headers = { "x-ratelimit-limit": "50", "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(reset) };
      return json(429, { message }, retryAfter === "" ? headers : { ...headers, "retry-after": retryAfter });
    }
    case "redirect":
      return response(fault.status ?? 302, "text/plain", "Moved\n", { location: fault.location ?? "/moved" });
    case "truncated": {
      const body = await bytesOf(original);
      const headers = new Headers(original?.headers);
      headers.delete("content-length");
      return new Response(body.subarray(0, Math.floor(body.length / 2)), { status: original?.status ?? 200, headers });
    }
    case "delay":
      return original ?? "reset";
    default: {
      if (fault.afterBytes === undefined || original === undefined) return fault.kind;
      const body = await bytesOf(original);
      const brokenOff = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(body.subarray(0, fault.afterBytes)),
        pull: async () => {
          if (fault.kind === "reset") throw connectionReset("terminated");
          await stall();
        },
      });
      return new Response(brokenOff, original);
    }
  }
}

/** What `fetch` rejects with when a connection is reset. */
export function connectionReset(message: string): TypeError {
  const cause = Object.assign(new Error("The connection was reset, as scripted."), { code: "ECONNRESET" });
  return new TypeError(message, { cause });
}

async function bytesOf(original: Response | undefined): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array((await original?.arrayBuffer()) ?? []);
}
