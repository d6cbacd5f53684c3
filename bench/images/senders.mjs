/** One submit of a large file, as each client's documentation does it: read the file, encode it, call. */
import { readFile } from "node:fs/promises";
import { clients } from "../calls/clients.mjs";

const PATH = "/v1/ai/image-upscaler-precision";
const CHUNK = 48 * 1024;

/** Reading and encoding alone, without a byte sent: one part of the limit. */
async function encodeOnly(path) {
  const { open } = await import("node:fs/promises");
  const file = await open(path);
  const buffer = Buffer.allocUnsafe(CHUNK * 16);
  const out = Buffer.allocUnsafe(CHUNK * 16 * 2);
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length);
      if (bytesRead === 0) break;
      for (let at = 0, to = 0; at < bytesRead; at += CHUNK)
        to += out.latin1Write(buffer.toString("base64", at, Math.min(at + CHUNK, bytesRead)), to);
    }
  } finally {
    await file.close();
  }
}

/** Sending as many ready-made bytes as the body has: the other part. */
async function readyMade(url, size) {
  const { default: http } = await import("node:http");
  const length = 4 * Math.ceil(size / 3) + 30;
  const piece = Buffer.alloc(768 * 1024, 65);
  await new Promise((resolve, reject) => {
    const headers = { "content-length": length };
    const request = http.request(url + PATH, { method: "POST", headers }, (response) => {
      response.resume().on("end", resolve);
    });
    request.on("error", reject);
    let left = length;
    const write = () => {
      while (left > 0) {
        const part = left < piece.length ? piece.subarray(0, left) : piece;
        left -= part.length;
        if (!request.write(part)) return void request.once("drain", write);
      }
      request.end();
    };
    write();
  });
}

export const senders = {
  "read and encode alone": (_url, path) => encodeOnly(path),
  "ready-made bytes, node:http": async (url, _path, size) => readyMade(url, size),
};

for (const [name, transport] of [
  ["ours, nodeFetch()", true],
  ["ours, global fetch", false],
])
  senders[name] = async (url, path) => {
    const { Magnific } = await import("../../dist/index.js");
    const { imageFile, nodeFetch } = await import("../../dist/node.js");
    const options = { apiKey: "bench-key", baseUrl: url, rate: false, timeout: 600_000 };
    if (transport) options.fetch = nodeFetch();
    await new Magnific(options).submit({ image: await imageFile(path) });
  };

for (const name of ["undici.request", "openapi-fetch", "hey-api", "ky", "got", "axios", "openai", "replicate", "fal"])
  senders[name] = async (url, path) => {
    const call = await clients[name](url);
    await call(await readFile(path));
  };
