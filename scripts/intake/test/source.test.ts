import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256 } from "../../../openapi/document/hash.js";
import { ROOT } from "../../../openapi/document/load.js";
import { CERTIFICATE, PRIVATE_KEY } from "../../../src/test-support/certificate.js";
import { LIMITS, readSource } from "../source.js";
import { emptyRoot, exampleRoot, PAGE } from "./roots.js";

const folder = emptyRoot();
const CHANGED = PAGE.replace("description: OK", "description: Fine");
const PAGE_PATH = "/docs/Some%20Page.md?v=1";
let askedElsewhere = 0;
let elsewhere = "";

const answers: Record<string, RequestListener> = {
  [PAGE_PATH]: (_, response) => response.end(CHANGED),
  "/moved": (_, response) => response.writeHead(302, { location: PAGE_PATH }).end(),
  "/away": (_, response) => response.writeHead(301, { location: `${elsewhere}/page.md` }).end(),
  "/loop": (_, response) => response.writeHead(302, { location: "/loop" }).end(),
  "/large": (_, response) => response.end("x".repeat(100_000)),
  "/stall": (_, response) => response.write("# Page"),
  "/cut": (_, response) => {
    response.writeHead(200, { "content-length": "1000" });
    response.write("# Page", () => response.destroy());
  },
};
const answer: RequestListener = (request, response) =>
  (answers[request.url ?? ""] ?? (() => response.writeHead(404).end()))(request, response);
const other = createServer((_, response) => {
  askedElsewhere++;
  response.end("stolen");
});
const plain = createServer(answer);
const secure = createSecureServer({ key: PRIVATE_KEY, cert: CERTIFICATE }, answer);
let base = "";

async function portOf(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  elsewhere = `http://127.0.0.1:${await portOf(other)}`;
  base = `http://127.0.0.1:${await portOf(plain)}`;
});
afterAll(() => {
  for (const each of [plain, secure, other]) {
    each.closeAllConnections();
    each.close();
  }
});

const read = async (source: string, limits = {}) => await readSource(source, { ...LIMITS, ...limits });

describe("a source of npm run vendor", () => {
  it("may be a file, of which only the name is kept for the lock", async () => {
    const path = join(folder, "page.v2.MD");
    writeFileSync(path, "# Page");
    expect(await read(path)).toEqual({ bytes: Buffer.from("# Page"), label: "page.v2.MD" });
  });

  it("may be an address, also one that redirects on its own host, which is kept for the lock", async () => {
    for (const path of [`${PAGE_PATH}#part`, "/moved"]) {
      const source = await read(base + path);
      expect(source).toMatchObject({ label: base + PAGE_PATH });
      expect(Buffer.from(source.bytes).toString()).toBe(CHANGED);
    }
  });

  it("may be standard input, of which no more is read than a page may have", async () => {
    let read = 0;
    const endless = Readable.from(
      (function* () {
        for (; ; read += 1000) yield Buffer.alloc(1000, "x");
      })(),
    );
    await expect(readSource("-", { ...LIMITS, bytes: 50_000 }, endless)).rejects.toThrow(/stdin is larger than 50000/);
    expect(read).toBeLessThan(200_000);
    const page = await readSource("-", LIMITS, Readable.from([Buffer.from("# Pa"), Buffer.from("ge")]));
    expect(page).toEqual({ bytes: Buffer.from("# Page"), label: "stdin" });
  });

  for (const [source, message, limits] of [
    ["/away", /redirects to another host \(http:\/\/127\.0\.0\.1:\d+\)/],
    ["/loop", /redirects more than 5 times/],
    ["/none", /responded with status 404/],
    ["/large", /is larger than 50000 bytes/, { bytes: 50_000 }],
    ["/stall", /did not arrive within 0\.2 s/, { milliseconds: 200 }],
    ["/cut", /\/cut: /],
    ["http://127.0.0.1:1/page.md", /127\.0\.0\.1:1\/page\.md: /],
    ["http://docs.example.com/page.md", /only https: addresses/],
    ["http://localhost.example.com/page.md", /only https: addresses/],
    ["file:///etc/passwd", /only https: addresses/],
    ["ftp://example.com/x", /only https: addresses/],
    ["https://user:secret@example.com/page.md", /^(?!.*secret).*credentials/],
    [join(folder, "gone.md"), /gone\.md: there is no such file/],
    [folder, /this is not a file/],
    [import.meta.filename, /is larger than 999 bytes/, { bytes: 999 }],
  ] as const) {
    it(`is refused with a sentence: ${source.replace(folder, "")}, ${message}`, async () => {
      await expect(read(/^\/(?!tmp|work|home)\w+$/.test(source) ? base + source : source, limits)).rejects.toThrow(
        message,
      );
      expect(askedElsewhere).toBe(0);
    });
  }

  it("over https: is trusted by its certificate alone; the program locks its bytes and address", async () => {
    const address = `https://localhost:${await portOf(secure)}`;
    await expect(read(address + PAGE_PATH)).rejects.toThrow(/self-signed certificate/);
    const root = exampleRoot();
    const authority = join(folder, "authority.pem");
    writeFileSync(authority, CERTIFICATE);
    mkdirSync(join(root, "generated"));
    const args = ["--import", "tsx", "scripts/vendor.ts", `${address}/moved`, "--root", root];
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: authority };
    const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ["ignore", "ignore", "pipe"] });
    const errors = text(child.stderr);
    const [code] = (await once(child, "close")) as [number];
    expect(code, await errors).toBe(0);
    expect(readFileSync(join(root, "openapi", "pages", "upscaler-precision.md"), "utf8")).toBe(CHANGED);
    expect(JSON.parse(readFileSync(join(root, "openapi", "vendor.lock.json"), "utf8"))).toMatchObject({
      "upscaler-precision.yaml": { source: address + PAGE_PATH, page_sha256: sha256(CHANGED) },
    });
  }, 60_000);
});
