/** Prism as its own process: on a free port, watched, and stopped on every way out. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ROOT } from "../../openapi/document/load.js";
import type { JsonObject } from "../../openapi/document/types.js";
import { mockDocument } from "./prism-document.js";

const PRISM = join(ROOT, "node_modules", "@stoplight", "prism-cli", "dist", "index.js");
const PRELOAD = fileURLToPath(new URL("./prism-preload.mjs", import.meta.url));
/** Long enough for a machine that is busy with other things. */
const START_DEADLINE = 45_000;

/** The mock is not there: not installed, did not start, or died. */
export class MockError extends Error {
  override readonly name = "MockError";
}

export interface PrismOptions {
  /** 0 for a free one. */
  readonly port?: number;
  /** Gets what Prism prints. */
  readonly onOutput?: (text: string) => void;
}

export class PrismProcess {
  /** The document that it mocks. */
  readonly document: JsonObject;
  readonly url: string;
  /** Resolves with the reason when the process has ended, whoever ended it. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;

  private constructor(document: JsonObject, url: string, child: ChildProcess, ended: Promise<string>) {
    this.document = document;
    this.url = url;
    this.ended = ended;
    this.#child = child;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @throws {MockError} when it does not come up. */
  static async start(document: JsonObject, { port = 0, onOutput }: PrismOptions = {}): Promise<PrismProcess> {
    if (!existsSync(PRISM)) throw new MockError(`Prism is not installed (${PRISM}): run npm ci.`);
    const folder = mkdtempSync(join(tmpdir(), "contract-mock-"));
    const file = join(folder, "openapi.json");
    writeFileSync(file, JSON.stringify(mockDocument(document)));
    const options = ["-h", "127.0.0.1", "-p", String(port), "-m", "false", "-v", onOutput ? "info" : "fatal"];
    const child = spawn(
      process.execPath,
      [
        "--import",
        PRELOAD,
        PRISM,
        "mock",
        file,
        ...options,
        "--cors=false",
        "--json-schema-faker-fillProperties=false",
      ],
      {
        stdio: ["ignore", "pipe", "pipe", "ipc"],
        env: { ...process.env, CONTRACT_MOCK_FOLDER: folder, FORCE_COLOR: "0" },
      },
    );
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk: Buffer) => {
        output = `${output}${chunk}`.slice(-2000);
        onOutput?.(String(chunk));
      });
    const ended = new Promise<string>((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("close", (code, signal) => {
        rmSync(folder, { recursive: true, force: true });
        const last = output.trim().split("\n").at(-1);
        resolve(`${signal ?? `exit ${code}`}${last ? `: ${last}` : ""}`);
      });
    });
    const announced = new Promise<number>((resolve) => {
      child.on("message", (message) => resolve((message as { readonly port: number }).port));
    });
    const waiting = new AbortController();
    try {
      const taken = await Promise.race([
        announced,
        ended,
        delay(START_DEADLINE, `it did not listen within ${START_DEADLINE} ms`, { signal: waiting.signal }),
      ]);
      if (typeof taken === "string") throw new MockError(`Prism did not start: ${taken}`);
      return new PrismProcess(document, `http://127.0.0.1:${taken}`, child, ended);
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    } finally {
      waiting.abort();
    }
  }

  /** Whether it has ended, or ends within so many milliseconds. */
  async endsWithin(milliseconds: number): Promise<boolean> {
    const waiting = new AbortController();
    const still = delay(milliseconds, false, { signal: waiting.signal }).catch(() => false);
    const ended = await Promise.race([this.ended.then(() => true), still]);
    waiting.abort();
    return ended;
  }

  async close(): Promise<void> {
    this.#child.kill("SIGTERM");
    if (!(await this.endsWithin(2_000))) this.#child.kill("SIGKILL");
    await this.ended;
  }
}
