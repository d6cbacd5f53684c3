/** A headless Chromium, spoken to over a pipe: its DevTools protocol without any library. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Readable, Writable } from "node:stream";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The browser of the machine, or the one that CHROME_PATH names. */
export function findBrowser(): string | undefined {
  if (process.env.CHROME_PATH !== undefined) return process.env.CHROME_PATH;
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find((path) => existsSync(path));
}

interface Message {
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

export class Browser implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #answers = new Map<number, (message: Message) => void>();
  #session: string | undefined;
  #next = 0;

  private constructor(process: ChildProcess, profile: string) {
    this.#process = process;
    this.#profile = profile;
    let text = "";
    (process.stdio[4] as Readable).on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const messages = text.split("\0");
      text = messages.pop() ?? "";
      for (const message of messages.map((json) => JSON.parse(json) as Message)) {
        this.#answers.get(message.id ?? -1)?.(message);
      }
    });
  }

  static async open(path: string): Promise<Browser> {
    const profile = await mkdtemp(join(tmpdir(), "browser-test-"));
    const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe"];
    const child = spawn(path, [...flags, `--user-data-dir=${profile}`, "about:blank"], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
      // What the browser leaves behind when it is killed goes with its profile.
      env: { ...process.env, TMPDIR: profile },
    });
    const browser = new Browser(child, profile);
    const { targetId } = await browser.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
    browser.#session = String(sessionId);
    return browser;
  }

  send(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const id = ++this.#next;
    const session = this.#session === undefined ? {} : { sessionId: this.#session };
    (this.#process.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    return new Promise((resolve, reject) => {
      this.#answers.set(id, ({ result, error }) => {
        this.#answers.delete(id);
        if (error === undefined) resolve(result ?? {});
        else reject(new Error(`${method}: ${error.message}`));
      });
    });
  }

  /** Until the page is there as a whole: right after the answer to `Page.navigate`, expressions may still meet the one before. */
  async visit(url: string): Promise<void> {
    await this.send("Page.navigate", { url });
    await this.until(`location.href.startsWith(${JSON.stringify(url)}) && document.readyState === "complete"`);
  }

  /** The value of an expression in the page. */
  async evaluate(expression: string): Promise<unknown> {
    const answer = await this.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (answer.exceptionDetails !== undefined) throw new Error(JSON.stringify(answer.exceptionDetails));
    return (answer.result as { value?: unknown }).value;
  }

  /** Waits until the expression is true. */
  async until(expression: string): Promise<void> {
    while ((await this.evaluate(`Boolean(${expression})`)) !== true) await new Promise((done) => setTimeout(done, 20));
  }

  async press(key: string): Promise<void> {
    const code = { ArrowLeft: 37, ArrowUp: 38, ArrowRight: 39, ArrowDown: 40 }[key];
    const event = { key, code: key, windowsVirtualKeyCode: code };
    await this.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...event });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
  }

  async drag(from: readonly [number, number], to: readonly [number, number]): Promise<void> {
    const mouse = (type: string, [x, y]: readonly [number, number], buttons: number) =>
      this.send("Input.dispatchMouseEvent", { type, x, y, button: "left", buttons, clickCount: 1 });
    await mouse("mousePressed", from, 1);
    await mouse("mouseMoved", to, 1);
    await mouse("mouseReleased", to, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGKILL");
    await gone;
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
