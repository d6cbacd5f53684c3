/** A folder with images, a sandbox, and the command pointed at it. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../sandbox/index.js";
import { pngOf } from "../../test-support/png.js";
import type { Built, Keys, Ran, Running, RunOptions } from "./command.js";

export interface Place extends AsyncDisposable {
  readonly folder: string;
  readonly sandbox: Sandbox;
  image(name: string, bytes?: number): Promise<string>;
  /** Runs the command in the folder, against the sandbox, without pauses. */
  run(args: readonly string[], options?: RunOptions): Promise<Ran>;
  start(args: readonly string[], options?: RunOptions): Running;
  inTerminal(args: readonly string[], options?: RunOptions & { readonly keys?: readonly Keys[] }): Promise<Ran>;
  startInTerminal(args: readonly string[], options?: RunOptions): Running;
}

export async function placeOf(command: Built, options: SandboxOptions = {}): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), "magnific-cli-"));
  const sandbox = await startSandbox({ upscaler: "echo", lifeCycle: "immediate", ...options });
  const own = (more: RunOptions = {}): RunOptions => ({
    cwd: folder,
    ...more,
    env: {
      MAGNIFIC_BASE_URL: sandbox.url,
      MAGNIFIC_API_KEY: sandbox.key,
      MAGNIFIC_WEBHOOK_SECRET: "a secret of the test",
      XDG_STATE_HOME: join(folder, "state"),
      ...more.env,
    },
  });
  return {
    folder,
    sandbox,
    async image(name, bytes = 300) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, pngOf(bytes, 8, 8, name));
      return path;
    },
    run: (args, more) => command.run(args, own(more)),
    start: (args, more) => command.start(args, own(more)),
    startInTerminal: (args, more) => command.startInTerminal(args, own(more)),
    inTerminal: (args, more) => command.inTerminal(args, own(more) as typeof more),
    async [Symbol.asyncDispose]() {
      await sandbox.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The objects of --json. */
export function objects(stdout: string): Record<string, unknown>[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
