/** What the runtime can do, found out by trying, not by its name. */

let redirectMode: "error" | "manual" | undefined;

/** `"error"`, or `"manual"` in runtimes (Cloudflare Workers) that refuse `"error"` when a Request is made. */
export function redirect(): "error" | "manual" {
  redirectMode ??= accepts({ redirect: "error" }) ? "error" : "manual";
  return redirectMode;
}

let noStore: boolean | undefined;

/** Keeps frameworks that cache GETs (Next.js) from answering a poll with an old status. Some runtimes refuse the option. */
export function uncached(): { readonly cache?: "no-store" } {
  noStore ??= accepts({ cache: "no-store" });
  return noStore ? { cache: "no-store" } : {};
}

let streams: boolean | undefined;

/** Whether a request's body can be a stream. Where it cannot, the stream is turned into text, or `duplex` is never looked at. */
export function streamsRequests(): boolean {
  if (streams === undefined) {
    let asked = false;
    const init = {
      method: "POST",
      body: new ReadableStream(),
      get duplex() {
        asked = true;
        return "half";
      },
    };
    streams = !isBrowser() && accepts(init) && asked;
  }
  return streams;
}

/** A page or a worker of a browser: there a key is public, and streaming uploads need HTTP/2 where they work at all. */
export function isBrowser(): boolean {
  const { window, document, WorkerGlobalScope, Deno, process } = globalThis as Record<string, unknown>;
  if (Deno !== undefined || isNode(process)) return false;
  const page = typeof window === "object" && typeof document === "object" && window !== null;
  return (
    page ||
    (typeof WorkerGlobalScope === "function" &&
      typeof (globalThis as { importScripts?: unknown }).importScripts === "function")
  );
}

function isNode(process: unknown): boolean {
  const versions = (process as { versions?: { node?: unknown } } | undefined)?.versions;
  // Electron's pages have Node's process and a browser's dangers; they also have a document.
  return typeof versions?.node === "string" && (globalThis as { document?: unknown }).document === undefined;
}

function accepts(init: object): boolean {
  try {
    return new Request("https://example.com/", init) instanceof Request;
  } catch {
    return false;
  }
}

/** An environment variable, in runtimes that have them; empty counts as not set. */
export function environment(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  const value = process?.env?.[name]?.trim();
  return value === "" ? undefined : value;
}
