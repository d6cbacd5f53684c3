/** Sends one file once, by one client, and prints what it took as JSON. */
import { open, readFile } from "node:fs/promises";
import http from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const [sender, url, path, size] = process.argv.slice(2);
const SLICE = 48 * 1024;

/** Reading and encoding, without a byte sent, in buffers that are used again. */
async function encodeOnly() {
  const file = await open(path);
  const input = Buffer.allocUnsafe(SLICE * 16);
  const output = Buffer.allocUnsafe(SLICE * 32);
  for (let length = -1; length !== 0; ) {
    length = (await file.read(input)).bytesRead;
    for (let from = 0; from < length; from += SLICE)
      output.latin1Write(input.toString("base64", from, Math.min(from + SLICE, length)), from);
  }
  await file.close();
}

/** Sending as many bytes as the body has, without reading or encoding any. */
async function sendOnly() {
  const length = 4 * Math.ceil(size / 3) + 30;
  const piece = Buffer.alloc(SLICE * 16, "A");
  const pieces = function* () {
    for (let left = length; left > 0; left -= piece.length) yield piece.subarray(0, Math.min(left, piece.length));
  };
  const request = http.request(url, { method: "POST", headers: { "content-length": length } });
  const response = new Promise((resolve) => request.once("response", resolve));
  await pipeline(Readable.from(pieces()), request);
  await (await response).toArray();
}

async function ours() {
  const { Magnific } = await import("magnific-client");
  const { imageFile } = await import("magnific-client/node");
  const magnific = new Magnific({ apiKey: "bench-key", baseUrl: url, rate: false, timeout: 600_000 });
  await magnific.submit({ image: await imageFile(path) });
}

/** As the documentation of each peer does it. */
async function peer() {
  const { client } = await import(`../peers/${sender}.mjs`);
  await client(url)(await readFile(path));
}

let error;
const start = performance.now();
try {
  await ({ "encode only": encodeOnly, "send only": sendOnly, ours }[sender] ?? peer)();
} catch (reason) {
  error = String(reason).slice(0, 120);
}
const wall = performance.now() - start;
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
console.log(JSON.stringify({ wall, cpu: (userCPUTime + systemCPUTime) / 1000, peak: maxRSS / 1024, error }));
process.exit(0);
