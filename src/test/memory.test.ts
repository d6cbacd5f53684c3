/** A 512 MB image goes from a path over the wire in little memory, byte for byte as naive encoding would send it. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { pngOf } from "../test-support/png.js";
import { tempFolder } from "../test-support/temp-folder.js";

const folder = tempFolder("magnific-memory-");
const bundle = join(folder, "sender.mjs");

/** Sends a file and says how much memory that took, as a program that does nothing else. */
const SENDER = `
import { Magnific } from "./src/index.ts";
import { dispatcherFetch, imageFile } from "./src/node.ts";
import { Agent } from "undici";
import { createReadStream } from "node:fs";
const [baseUrl, path, form, transport] = process.argv.slice(2);
const fetch = transport === "dispatcherFetch" ? dispatcherFetch(new Agent()) : undefined;
let peak = 0;
const watch = setInterval(() => { peak = Math.max(peak, process.memoryUsage.rss()); }, 5);
const image = form === "path" ? await imageFile(path) : createReadStream(path, { highWaterMark: 256 * 1024 });
const magnific = new Magnific({ apiKey: "key", baseUrl, fetch, image: { maxBytes: false } });
const { id } = await magnific.submit({ image, sharpen: 3 });
clearInterval(watch);
console.log(JSON.stringify({ peak, id }));
process.exit(0);
`;

/** Hashes what it is sent, in a process of its own, so that the sender's memory is the sender's. */
const RECEIVER = `
const { createServer } = require("node:http");
const { createHash } = require("node:crypto");
const server = createServer((request, response) => {
  const hash = createHash("sha256");
  let length = 0;
  request.on("data", (chunk) => { hash.update(chunk); length += chunk.length; });
  request.on("end", () => {
    console.log(JSON.stringify({ hash: hash.digest("hex"), length, announced: request.headers["content-length"] ?? null }));
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ data: { task_id: "046b6c7f-0b8a-43b9-b35d-6489e6daee91", status: "CREATED", generated: [] } }));
  });
}).listen(0, "127.0.0.1", () => console.log(server.address().port));
`;

beforeAll(async () => {
  const root = new URL("../..", import.meta.url).pathname;
  await build({
    stdin: { contents: SENDER, resolveDir: root, loader: "ts" },
    bundle: true,
    platform: "node",
    format: "esm",
    outfile: bundle,
    // undici is not a module of the kind that esbuild can bundle without a `require`.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    logLevel: "silent",
  });
});

/** A PNG by its beginning and end, with whatever repeats between; and the hash of what naive encoding makes of it. */
function file(megabytes: number, rest: number): { path: string; hash: string; length: number } {
  const path = join(folder, `${megabytes}-${rest}.png`);
  // A multiple of 3, so that the base64 of the pieces is the base64 of the whole.
  const piece = pngOf(999_999);
  const end = pngOf(1_000 + rest).subarray(500);
  const hash = createHash("sha256").update('{"image":"');
  const encoded = Buffer.from(piece).toString("base64");
  const handle = openSync(path, "w");
  for (let i = 0; i < megabytes; i++) {
    writeSync(handle, piece);
    hash.update(encoded);
  }
  writeSync(handle, end);
  closeSync(handle);
  const tail = Buffer.from(end).toString("base64");
  hash.update(tail).update('","sharpen":3}');
  return { path, hash: hash.digest("hex"), length: 10 + megabytes * encoded.length + tail.length + 14 };
}

/** Twice what is allowed shows it as well. */
const LARGE = process.env.LONG_TESTS ? 512 : 300;

describe("an image from a path", () => {
  for (const [name, megabytes, rest, form, transport] of [
    ["512 MB through the platform's fetch", 512, 1, "path", "fetch"],
    [`${LARGE} MB through dispatcherFetch`, LARGE, 1, "path", "dispatcherFetch"],
    [`${LARGE} MB as a stream of unknown size, chunked`, LARGE, 1, "stream", "fetch"],
    ["24 kB", 0, 23_000, "path", "fetch"],
  ] as const) {
    it(`${name}: below 150 MB, and exactly the bytes of naive encoding`, async () => {
      const { path, hash, length } = megabytes === 0 ? whole(24_001) : file(megabytes, rest);
      const children: ChildProcess[] = [];
      const run = (...args: string[]): (() => Promise<string>) => {
        const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
        children.push(child);
        return linesOf(child.stdout);
      };
      try {
        const lines = run("-e", RECEIVER);
        const port = await lines();
        const sender = run(bundle, `http://127.0.0.1:${port}`, path, form, transport);
        const [received, sent] = await Promise.all([lines(), sender()]);
        expect(JSON.parse(received)).toEqual({ hash, length, announced: form === "path" ? String(length) : null });
        const { peak } = JSON.parse(sent) as { peak: number };
        expect(peak / 1e6).toBeLessThan(150);
      } finally {
        for (const child of children) child.kill();
        rmSync(path);
      }
    }, 60_000);
  }
});

function whole(bytes: number): { path: string; hash: string; length: number } {
  const path = join(folder, "small.png");
  const png = pngOf(bytes);
  const handle = openSync(path, "w");
  writeSync(handle, png);
  closeSync(handle);
  const naive = JSON.stringify({ image: Buffer.from(png).toString("base64"), sharpen: 3 });
  return { path, hash: createHash("sha256").update(naive).digest("hex"), length: naive.length };
}

/** The next line of a stream, each time it is called. */
function linesOf(stream: NodeJS.ReadableStream): () => Promise<string> {
  let text = "";
  const waiting: (() => void)[] = [];
  stream.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    for (const wake of waiting.splice(0)) wake();
  });
  stream.on("end", () => {
    text += "\n";
    for (const wake of waiting.splice(0)) wake();
  });
  return async () => {
    while (!text.includes("\n")) await new Promise<void>((resolve) => waiting.push(resolve));
    const end = text.indexOf("\n");
    const line = text.slice(0, end);
    text = text.slice(end + 1);
    return line;
  };
}
