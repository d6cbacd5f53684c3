/** Prism as its own process: on a free port, watched, and stopped on every way out. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #folder: string;
  /** Resolves when the process has ended, whoever ended it. */
  readonly ended: Promise<string>;
  #alive = true;

  private constructor(child: ChildProcess, folder: string, url: string, ended: Promise<string>) {
    this.#child = child;
    this.#folder = folder;
    this.url = url;
    this.ended = ended;
    ended.then(() => {
      this.#alive = false;
    });
  }

  get alive(): boolean {
    return this.#alive;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @throws {MockError} when it does not come up. */
  static async start(document: JsonObject, options: PrismOptions = {}): Promise<PrismProcess> {
    if (!existsSync(PRISM)) throw new MockError(`Prism is not installed (${PRISM}): run npm ci.`);
    const folder = mkdtempSync(join(tmpdir(), "contract-mock-"));
    const file = join(folder, "openapi.json");
    writeFileSync(file, JSON.stringify(mockDocument(document)));
    const log = options.onOutput ? "info" : "fatal";
    const port = String(options.port ?? 0);
    const child = spawn(
      process.execPath,
      [
        "--import",
        PRELOAD,
        PRISM,
        "mock",
        file,
        "-h",
        "127.0.0.1",
        "-p",
        port,
        "-m",
        "false",
        "-v",
        log,
        "--cors=false",
        "--json-schema-faker-fillProperties=false",
      ],
      {
        stdio: ["ignore", "pipe", "pipe", "ipc"],
        env: { ...process.env, CONTRACT_MOCK_FOLDER: folder, FORCE_COLOR: "0" },
      },
    );
    let output = "";
    const take = (chunk: Buffer): void => {
      output = (output + chunk.toString("utf8")).slice(-2000);
      options.onOutput?.(chunk.toString("utf8"));
    };
    child.stdout?.on("data", take);
    child.stderr?.on("data", take);
    const ended = new Promise<string>((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", (code, signal) => {
        rmSync(folder, { recursive: true, force: true });
        resolve(`${signal ?? `exit ${code}`}${output.trim() === "" ? "" : `: ${output.trim().split("\n").at(-1)}`}`);
      });
    });
    const announced = new Promise<number>((resolve) => {
      child.on("message", (message) => {
        if (typeof message === "object" && message !== null && "port" in message) resolve(Number(message.port));
      });
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new MockError(`Prism did not listen within ${START_DEADLINE} ms.`)),
        START_DEADLINE,
      );
    });
    try {
      const taken = await Promise.race([
        announced,
        late,
        ended.then((why) => {
          throw new MockError(`Prism did not start: ${why}`);
        }),
      ]);
      return new PrismProcess(child, folder, `http://127.0.0.1:${taken}`, ended);
    } catch (error) {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    if (this.#alive) this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 2_000);
    await this.ended;
    clearTimeout(timer);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
