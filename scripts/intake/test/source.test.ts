import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LIMITS, readSource } from "../source.js";

let server: Server;
let other: Server;
let base = "";
let elsewhere = "";
const folder = mkdtempSync(join(tmpdir(), "source-"));

const listening = async (made: Server): Promise<string> => {
  await new Promise<void>((resolve) => made.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
};

beforeAll(async () => {
  other = createServer((_, response) => response.end("stolen"));
  elsewhere = await listening(other);
  server = createServer((request, response) => {
    switch (request.url) {
      case "/docs/Some%20Page.md?v=1":
        response.end("# Page");
        break;
      case "/moved":
        response.writeHead(302, { location: "/docs/Some%20Page.md?v=1" }).end();
        break;
      case "/away":
        response.writeHead(301, { location: `${elsewhere}/page.md` }).end();
        break;
      case "/loop":
        response.writeHead(302, { location: "/loop" }).end();
        break;
      case "/large":
        for (let count = 0; count < 100; count++) response.write("x".repeat(1000));
        response.end();
        break;
      case "/stall":
        response.write("# Page");
        break;
      case "/cut":
        response.writeHead(200, { "content-length": "1000" });
        response.write("# Page", () => response.destroy());
        break;
      default:
        response.writeHead(404).end("nothing here");
    }
  });
  base = await listening(server);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  other.close();
  rmSync(folder, { recursive: true });
});

describe("readSource", () => {
  it("reads a file, and keeps only its name for the lock", async () => {
    const path = join(folder, "page.v2.MD");
    writeFileSync(path, "# Page");
    expect(await readSource(path)).toEqual({
      bytes: Buffer.from("# Page"),
      label: "page.v2.MD",
      name: "page.v2",
      ending: ".md",
    });
  });

  it("says that there is no file, or none that can be read", async () => {
    await expect(readSource(join(folder, "gone.md"))).rejects.toThrow(/gone\.md: there is no such file/);
    await expect(readSource(folder)).rejects.toThrow(/is no file/);
  });

  it("fetches an address, and keeps it whole for the lock", async () => {
    const url = `${base}/docs/Some%20Page.md?v=1`;
    const source = await readSource(`${url}#part`);
    expect(source).toMatchObject({ label: url, name: "Some Page", ending: ".md" });
    expect(Buffer.from(source.bytes).toString()).toBe("# Page");
  });

  it("follows a redirect on the same host, not to another, not for ever", async () => {
    expect(Buffer.from((await readSource(`${base}/moved`)).bytes).toString()).toBe("# Page");
    await expect(readSource(`${base}/away`)).rejects.toThrow(/redirects to another host/);
    await expect(readSource(`${base}/loop`)).rejects.toThrow(/more than 5 times/);
  });

  it("refuses what is too large, file or answer", async () => {
    await expect(readSource(`${base}/large`, { ...LIMITS, bytes: 50_000 })).rejects.toThrow(/larger than 50000 bytes/);
    expect((await readSource(`${base}/large`)).bytes.length).toBe(100_000);
    const path = join(folder, "large.md");
    writeFileSync(path, "x".repeat(1000));
    await expect(readSource(path, { ...LIMITS, bytes: 999 })).rejects.toThrow(/larger than 999 bytes/);
  });

  it("reads no more of standard input than a page may have", async () => {
    let given = 0;
    const endless = Readable.from(
      (function* () {
        for (;;) {
          given += 1000;
          yield Buffer.alloc(1000, "x");
        }
      })(),
    );
    await expect(readSource("-", { ...LIMITS, bytes: 50_000 }, endless)).rejects.toThrow(/stdin: larger than 50000/);
    expect(given).toBeLessThan(200_000);
    const page = await readSource("-", LIMITS, Readable.from([Buffer.from("# Pa"), Buffer.from("ge")]));
    expect(page).toEqual({ bytes: Buffer.from("# Page"), label: "stdin", name: "", ending: "" });
  });

  it("gives up on a body that stalls, and says so of one that is cut off", async () => {
    await expect(readSource(`${base}/stall`, { ...LIMITS, milliseconds: 200 })).rejects.toThrow(
      /no whole page within 0\.2 s/,
    );
    await expect(readSource(`${base}/cut`)).rejects.toThrow(/\/cut: /);
  });

  it("reports a status that is no page, and a host that is not there", async () => {
    await expect(readSource(`${base}/none`)).rejects.toThrow(/answered 404/);
    await expect(readSource("http://127.0.0.1:1/page.md")).rejects.toThrow(/127\.0\.0\.1:1\/page\.md: /);
  });

  it("takes https: only, but for loopback, and no credentials", async () => {
    await expect(readSource("http://docs.example.com/page.md")).rejects.toThrow(/only https:/);
    await expect(readSource("http://localhost.example.com/page.md")).rejects.toThrow(/only https:/);
    await expect(readSource("file:///etc/passwd")).rejects.toThrow(/only https:/);
    await expect(readSource("ftp://example.com/x")).rejects.toThrow(/only https:/);
    const refused = readSource("https://user:secret@example.com/page.md");
    await expect(refused).rejects.toThrow(/credentials/);
    await expect(refused).rejects.not.toThrow(/secret/);
  });
});
