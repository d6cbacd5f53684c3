/** The command as a process of its own: made runnable once a test file, in a pipe or in a pseudo-terminal. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly stdin?: string | Uint8Array;
  /** Leaves stdin open. */
  readonly open?: boolean;
}

export interface Built extends AsyncDisposable {
  /** Path of the runnable command. */
  readonly path: string;
  run(args: readonly string[], options?: RunOptions): Promise<Ran>;
  start(args: readonly string[], options?: RunOptions): Running;
  /** Runs it in a pseudo-terminal; `keys` are typed as soon as their text has been seen. */
  inTerminal(args: readonly string[], options?: RunOptions & { readonly keys?: readonly Keys[] }): Promise<Ran>;
  /** The same, to be looked at while it runs; killing it closes the terminal. */
  startInTerminal(args: readonly string[], options?: RunOptions & { readonly keys?: readonly Keys[] }): Running;
}

export interface Keys {
  readonly after: string;
  readonly type: string;
}

export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ran>;
  /** Resolves when the text has been seen on stdout or stderr. */
  seen(text: string | RegExp): Promise<string>;
}

/** Compiles the command's source, or that of another program, as the build does, next to the packages that it needs. */
export async function builtCommand(entry = "src/cli/main.ts"): Promise<Built> {
  const cache = join(ROOT, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "magnific-command-"));
  await build({
    entryPoints: [join(ROOT, entry)],
    outdir: folder,
    bundle: true,
    splitting: true,
    external: ["undici", "sharp"],
    // Some packages are CommonJS.
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
    },
    platform: "node",
    format: "esm",
    target: "node20",
    outExtension: { ".js": ".mjs" },
  });
  copyFileSync(join(ROOT, "package.json"), join(folder, "package.json"));
  const path = join(folder, basename(entry).replace(/\.ts$/, ".mjs"));
  const alive = new Set<Running>();
  /** What a test that fails leaves running ends with the command. */
  const watched = (run: Running): Running => {
    alive.add(run);
    void run.ended.then(() => alive.delete(run));
    return run;
  };
  const start = (args: readonly string[], options: RunOptions = {}): Running =>
    watched(running(process.execPath, [path, ...args], options));
  const startInTerminal: Built["startInTerminal"] = (args, { keys = [], ...options } = {}) => {
    const script = JSON.stringify(keys.map(({ after, type }) => [after, type]));
    return watched(running("python3", ["-c", PTY, script, process.execPath, path, ...args], options));
  };
  return {
    path,
    start,
    run: (args, options) => start(args, options).ended,
    startInTerminal,
    inTerminal: (args, options) => startInTerminal(args, options).ended,
    async [Symbol.asyncDispose]() {
      for (const { child } of alive) child.kill("SIGKILL");
      await Promise.all([...alive].map(({ ended }) => ended));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Whether there is what a pseudo-terminal is made with. */
export const hasTerminal: boolean =
  process.platform !== "win32" && spawnSync("python3", ["-c", "import pty"]).status === 0;

/** Nothing of the machine's own settings, so that no test can reach a real key or leave anything outside its folder. */
export function environment(more: RunOptions["env"] = {}, folder: string = process.cwd()): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  const own = { XDG_CONFIG_HOME: "/nonexistent", XDG_STATE_HOME: join(folder, "state") };
  return { PATH, HOME, TMPDIR, ...own, TERM: "xterm", ...more } as NodeJS.ProcessEnv;
}

function running(command: string, args: readonly string[], { env, cwd, stdin, open }: RunOptions): Running {
  const child = spawn(command, args, { cwd, env: environment(env, cwd) });
  let [stdout, stderr] = ["", ""];
  const watchers = new Set<() => void>();
  const ended = (async (): Promise<Ran> => {
    const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    return { code, signal, stdout, stderr };
  })();
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    for (const watcher of watchers) watcher();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    for (const watcher of watchers) watcher();
  });
  child.stdin.on("error", () => {});
  if (stdin !== undefined) child.stdin.end(stdin);
  else if (command !== "python3" && open !== true) child.stdin.end();
  return {
    child,
    ended,
    seen: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const all = stdout + stderr;
          if (typeof text === "string" ? !all.includes(text) : !text.test(all)) return;
          watchers.delete(look);
          resolve(all);
        };
        watchers.add(look);
        look();
        void ended.then(() => reject(new Error(`It ended without ${text}: ${stdout}${stderr}`)));
      }),
  };
}

/** Gives the command a terminal of 100 columns, types what it is told to, and passes its exit code on. */
const PTY = `
import fcntl, json, os, pty, struct, sys, termios
keys = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
seen = b""
while True:
    try:
        piece = os.read(terminal, 65536)
    except OSError:
        break
    if not piece:
        break
    sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()
    seen += piece
    if keys and keys[0][0].encode() in seen:
        os.write(terminal, keys.pop(0)[1].encode())
        seen = b""
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status) % 256)
`;
