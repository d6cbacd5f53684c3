/** The program against a server with TLS, as it meets the provider's. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256 } from "../../../openapi/document/hash.js";
import { ROOT } from "../../../openapi/document/load.js";
import { CERTIFICATE, PRIVATE_KEY } from "../../../src/test-support/certificate.js";
import { LIMITS } from "../source.js";
import { freshRoot, PAGE, snapshot } from "./roots.js";

const folder = mkdtempSync(join(tmpdir(), "https-"));
const authority = join(folder, "authority.pem");
const asked: string[] = [];
const WORDS = PAGE.replace("description: OK", "description: Fine");
let server: Server;
let other: Server;
let base = "";

const started = async (made: Server): Promise<string> => {
  await new Promise<void>((resolve) => made.listen(0, "127.0.0.1", resolve));
  return `https://localhost:${(made.address() as AddressInfo).port}`;
};

beforeAll(async () => {
  writeFileSync(authority, CERTIFICATE);
  const identity = { key: PRIVATE_KEY, cert: CERTIFICATE };
  other = createServer(identity, (_, response) => {
    asked.push("other");
    response.end(PAGE);
  });
  const elsewhere = await started(other);
  server = createServer(identity, (request, response) => {
    asked.push(request.url ?? "");
    const to = (location: string) => response.writeHead(302, { location }).end();
    if (request.url === "/page.md") response.end(WORDS);
    else if (request.url === "/moved") to("/page.md");
    else if (request.url === "/away") to(`${elsewhere}/page.md`);
    else if (request.url === "/plain") to(`http://localhost:${new URL(base).port}/page.md`);
    else if (request.url === "/flood") flood();
    else response.writeHead(404).end();

    function flood(): void {
      const chunk = Buffer.alloc(1 << 20, "x");
      for (let sent = 0; sent < LIMITS.bytes + (1 << 20); sent += chunk.length) response.write(chunk);
      response.end();
    }
  });
  base = await started(server);
});
afterAll(() => {
  for (const each of [server, other]) {
    each.closeAllConnections();
    each.close();
  }
  rmSync(folder, { recursive: true });
});

async function vendor(root: string, path: string, trusted = true): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ["--import", "tsx", "scripts/vendor.ts", `${base}${path}`, "--root", root], {
    cwd: ROOT,
    env: { ...process.env, ...(trusted ? { NODE_EXTRA_CA_CERTS: authority } : {}) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, output };
}

describe("an https: source", () => {
  it("is fetched through a redirect on its own host, and its bytes and address are what is locked", async () => {
    const root = freshRoot(["openapi", "generated"]);
    const { code, output } = await vendor(root, "/moved");
    expect(code, output).toBe(0);
    expect(readFileSync(join(root, "openapi", "pages", "upscaler-precision.md"), "utf8")).toBe(WORDS);
    const lock = JSON.parse(readFileSync(join(root, "openapi", "vendor.lock.json"), "utf8")) as object;
    expect(lock).toMatchObject({
      "upscaler-precision.yaml": { source: `${base}/page.md`, page_sha256: sha256(WORDS) },
    });
  });

  it.each([
    ["/away", true, /redirects to another host \(https:\/\/localhost:\d+\)/],
    ["/plain", true, /redirects to another host \(http:/],
    ["/flood", true, /larger than 16777216 bytes/],
    ["/page.md", false, /self-signed certificate/],
  ] as const)("is refused: %s, trusted: %s", async (path, trusted, message) => {
    const root = freshRoot(["openapi", "generated"]);
    const before = snapshot(root);
    const { code, output } = await vendor(root, path, trusted);
    expect(code).toBe(1);
    expect(output).toMatch(message);
    expect(output).not.toMatch(/\n\s+at /);
    expect(snapshot(root)).toEqual(before);
    expect(asked).not.toContain("other");
  });
});
