/** What the runtime can do, found out by trying, not by its name. */

/** `"error"`, or `"manual"` in runtimes (Cloudflare Workers) that refuse `"error"` when a Request is made. */
export const redirect: () => "error" | "manual" = once(() => (accepts({ redirect: "error" }) ? "error" : "manual"));

/** Keeps frameworks that cache GETs (Next.js) from answering a poll with an old status. Some runtimes refuse the option. */
export const uncached: () => RequestInit = once(() => acceptedFields({ cache: "no-store" }));

/** Whether a request's body can be a stream. Where it cannot, the stream is turned into text, or `duplex` is never looked at. */
export const streamsRequests: () => boolean = once(() => {
  let asked = false;
  const init = {
    method: "POST",
    body: new ReadableStream(),
    get duplex() {
      asked = true;
      return "half";
    },
  };
  return !isBrowser() && accepts(init) && asked;
});

/** Found when it is first asked for, and kept. */
export function once<T>(find: () => T): () => T {
  let found: T | undefined;
  return () => {
    found ??= find();
    return found;
  };
}

/** Those fields of a request that this runtime knows: some refuse others. */
export function acceptedFields(init: RequestInit): RequestInit {
  return Object.fromEntries(Object.entries(init).filter(([name, value]) => accepts({ [name]: value })));
}

function accepts(init: object): boolean {
  try {
    return new Request("https://example.com/", init) instanceof Request;
  } catch {
    return false;
  }
}

/** A page or a worker of a browser: there a key is public, and streaming uploads need HTTP/2 where they work at all. */
export function isBrowser(): boolean {
  const { window, document, WorkerGlobalScope, importScripts, Deno, process } = globalThis as Record<string, unknown>;
  const { node } = (process as { versions?: { node?: unknown } } | undefined)?.versions ?? {};
  // Electron's pages have Node's process and a browser's dangers; they also have a document.
  if (Deno !== undefined || (typeof node === "string" && document === undefined)) return false;
  const page = typeof window === "object" && typeof document === "object" && window !== null;
  return page || (typeof WorkerGlobalScope === "function" && typeof importScripts === "function");
}

/** An environment variable, in runtimes that have them; empty counts as not set. */
export function environment(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  const value = process?.env?.[name]?.trim();
  return value === "" ? undefined : value;
}
