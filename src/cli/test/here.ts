/** The command in this process, against a sandbox: what it writes is caught, and nothing that it sets stays. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { expect, vi } from "vitest";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../sandbox/index.js";
import { pngOf } from "../../test-support/png.js";
import { tempFolder } from "../../test-support/temp-folder.js";
import type { Shell } from "../commands/command.js";
import { DEFAULT_OPERATION, OPERATIONS, type Operations } from "../operation.js";
import { call } from "../program.js";
import type { Terminal } from "../terminal.js";

export interface Heard {
  code: number | undefined;
  /** Lines on stdout, --json's among them as objects in `json`. */
  readonly out: string[];
  readonly said: string[];
  readonly json: Record<string, unknown>[];
  readonly drawn: string[];
}

export interface CallOptions {
  readonly terminal?: Partial<Terminal>;
  readonly debug?: boolean;
  readonly operations?: Operations;
}

export interface Begun {
  readonly ended: Promise<Heard>;
  /** As the system would deliver it, to what the call has set. */
  signal(name: NodeJS.Signals): void;
  /** Waits for a line that matches, and gives what it captures. */
  heard(pattern: RegExp): Promise<string>;
  /** Waits until what was heard is as wanted. */
  until(wanted: (heard: Heard) => boolean): Promise<Heard>;
}

export interface Here extends AsyncDisposable {
  readonly folder: string;
  readonly sandbox: Sandbox;
  at(name: string): string;
  image(name: string, bytes?: number): Promise<string>;
  file(name: string, text: string, mode?: number): Promise<string>;
}

const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** A shell whose terminal paints a text as `style(text)`. */
export function shellOf({ terminal, debug = false, operations = OPERATIONS }: CallOptions = {}): {
  readonly shell: Shell;
  readonly heard: Heard;
} {
  const heard: Heard = { code: undefined, out: [], said: [], json: [], drawn: [] };
  const shell: Shell = {
    terminal: {
      out: (line) => void heard.out.push(line),
      say: (line) => void heard.said.push(line),
      redraw: (text) => void heard.drawn.push(text),
      json: (object) => void heard.json.push(JSON.parse(JSON.stringify(object))),
      live: false,
      asks: false,
      columns: 80,
      rows: 24,
      broken: undefined,
      paint: (style, text) => `${style}(${text})`,
      ...terminal,
    },
    debug,
    operations,
    operation: DEFAULT_OPERATION,
    json: false,
    exit: (code) => {
      heard.code = code;
    },
  };
  return { shell, heard };
}

/** Begins a call. Listeners that it leaves behind, as a process of its own may, are taken away at its end. */
export function begin(args: readonly string[], options: CallOptions = {}): Begun {
  const { shell, heard } = shellOf(options);
  const before = new Map(SIGNALS.map((signal) => [signal, process.listeners(signal)]));
  const own = (signal: NodeJS.Signals) => process.listeners(signal).filter((one) => !before.get(signal)?.includes(one));
  const ended = call(shell, ["node", "magnific", ...args]).then(() => {
    for (const signal of SIGNALS) for (const listener of own(signal)) process.off(signal, listener);
    return heard;
  });
  const until = async (wanted: (heard: Heard) => boolean): Promise<Heard> => {
    await expect.poll(() => wanted(heard), { interval: 5, timeout: 4000 }).toBe(true);
    return heard;
  };
  return {
    ended,
    signal: (name: NodeJS.Signals) => {
      for (const listener of own(name)) listener(name);
    },
    heard: async (pattern) => {
      const found = () =>
        [...heard.out, ...heard.said].map((line) => pattern.exec(line)).find((match) => match !== null);
      await until(() => found() !== undefined);
      return found()?.[1] ?? "";
    },
    until,
  };
}

export function run(args: readonly string[], options: CallOptions = {}): Promise<Heard> {
  return begin(args, options).ended;
}

/** A folder, a sandbox that answers at once, and the environment that points the command at it. */
export async function hereOf(options: SandboxOptions = {}): Promise<Here> {
  const folder = tempFolder("magnific-here-");
  const sandbox = await startSandbox({ upscaler: "echo", lifeCycle: "immediate", ...options });
  for (const name of Object.keys(process.env)) if (name.startsWith("MAGNIFIC_")) vi.stubEnv(name, undefined);
  vi.stubEnv("MAGNIFIC_BASE_URL", sandbox.url);
  vi.stubEnv("MAGNIFIC_API_KEY", sandbox.key);
  vi.stubEnv("XDG_STATE_HOME", join(folder, "state"));
  vi.stubEnv("XDG_CONFIG_HOME", join(folder, "config"));
  const file = async (name: string, data: string | Uint8Array, mode = 0o644): Promise<string> => {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, data, { mode });
    return path;
  };
  return {
    folder,
    sandbox,
    at: (name) => join(folder, name),
    image: (name, bytes = 300) => file(name, pngOf(bytes, 8, 8, name)),
    file,
    async [Symbol.asyncDispose]() {
      vi.unstubAllEnvs();
      await sandbox.close();
    },
  };
}

/** Puts a stream in the place of stdin while the work lasts. */
export async function withStdin<T>(input: string | Uint8Array | Readable, work: () => Promise<T>): Promise<T> {
  const own = Object.getOwnPropertyDescriptor(process, "stdin");
  if (own === undefined) throw new Error("There is no stdin.");
  const value = input instanceof Readable ? input : Readable.from([Buffer.from(input)]);
  Object.defineProperty(process, "stdin", { value, configurable: true });
  try {
    return await work();
  } finally {
    Object.defineProperty(process, "stdin", own);
  }
}
