/** Where a page comes from: a file, standard input, or an address. What is read is kept byte for byte. */
import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import type { Readable } from "node:stream";

export interface Source {
  readonly bytes: Uint8Array;
  /** For the lock: the address, a path reduced to its file name, or `stdin`. */
  readonly label: string;
}

export interface SourceLimits {
  /** Largest page in bytes. */
  readonly bytes: number;
  /** Longest fetch in milliseconds, from the first request to the last byte. */
  readonly milliseconds: number;
}

export const LIMITS: SourceLimits = { bytes: 16 * 1024 * 1024, milliseconds: 30_000 };
const MOST_REDIRECTS = 5;
const MARKDOWN = "text/markdown, */*;q=0.5";

/**
 * @param stdin what `-` stands for; without it the process's own.
 * @throws {Error} saying what is wrong with the source, never a part of what it holds.
 */
export async function readSource(source: string, limits: SourceLimits = LIMITS, stdin?: Readable): Promise<Source> {
  if (source === "-") return { bytes: await limited(stdin ?? process.stdin, "stdin", limits), label: "stdin" };
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(source)) return await fetched(source, limits);
  const size = statSync(source, { throwIfNoEntry: false });
  if (!size?.isFile()) throw new Error(`${source}: ${size ? "this is not a file" : "there is no such file"}.`);
  if (size.size > limits.bytes) throw tooLarge(source, limits);
  return { bytes: readFileSync(source), label: basename(source) };
}

async function fetched(source: string, limits: SourceLimits): Promise<Source> {
  let url = checkedUrl(source);
  const { origin } = url;
  const signal = AbortSignal.timeout(limits.milliseconds);
  try {
    for (let count = 0; count <= MOST_REDIRECTS; count++) {
      const response = await fetch(url, { redirect: "manual", signal, headers: { accept: MARKDOWN } });
      const location = response.headers.get("location");
      if (response.status >= 300 && response.status < 400 && location !== null) {
        await response.body?.cancel();
        url = checkedUrl(new URL(location, url).href);
        if (url.origin !== origin)
          throw new Error(`${source}: redirects to another host (${url.origin}): name that address itself.`);
        continue;
      }
      if (response.status !== 200) {
        await response.body?.cancel();
        throw new Error(`${source}: responded with status ${response.status}.`);
      }
      return { bytes: await limited(response.body ?? [], source, limits), label: url.href };
    }
    throw new Error(`${source}: redirects more than ${MOST_REDIRECTS} times.`);
  } catch (error) {
    if (signal.aborted)
      throw new Error(`${source}: the complete page did not arrive within ${limits.milliseconds / 1000} s.`);
    // What fetch throws says less than its cause.
    if (error instanceof TypeError)
      throw new Error(`${source}: ${(error.cause as Error | undefined)?.message || error.message}.`);
    throw error;
  }
}

function checkedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw new Error(`${text}: is not a valid address.`);
  if (url.username !== "" || url.password !== "")
    throw new Error(`${url.origin}: an address with credentials is not accepted.`);
  const loopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && loopback))
    throw new Error(`${url.origin === "null" ? url.protocol : url.origin}: only https: addresses are accepted.`);
  url.hash = "";
  return url;
}

/** No more of it is held than the limit allows. */
async function limited(
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  source: string,
  limits: SourceLimits,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > limits.bytes) throw tooLarge(source, limits);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(source: string, limits: SourceLimits): Error {
  return new Error(`${source} is larger than ${limits.bytes} bytes.`);
}
