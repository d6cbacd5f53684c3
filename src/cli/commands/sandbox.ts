/** `magnific sandbox`: the stand-in for the provider, on this machine. */
import type { LifeCycleName } from "../../sandbox/life-cycle.js";
import { Command, Option } from "../commander.js";
import { EXIT, UsageError } from "../exit.js";
import { jsonFlag, whole } from "../options.js";
import { plain } from "../terminal.js";
import { example, type Shell, untilInterrupted } from "./command.js";

const LIVES: readonly LifeCycleName[] = [
  "standard",
  "completed",
  "immediate",
  "failed",
  "stuck",
  "completed_without_image",
  "unknown_status",
];

interface SandboxFlags {
  readonly port: number;
  readonly lifeCycle: LifeCycleName;
  readonly upscaler: "sharp" | "echo";
  readonly scale: number;
  readonly latency: number;
  readonly folder?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function sandboxCommand(shell: Shell): Command {
  const command = new Command("sandbox")
    .summary("run a stand-in for the provider on this machine")
    .description(
      "Plays the provider on 127.0.0.1: nothing leaves the machine, nothing costs. Prints the settings that point the " +
        "command and the library at it. Its enlargement is an ordinary resampling, not Magnific's model.",
    )
    .option("--port <port>", "the port; 0 takes a free one", whole(0, 65_535), 0)
    .addOption(new Option("--life-cycle <name>", "what tasks go through").choices(LIVES).default("standard"))
    .addOption(
      new Option("--upscaler <name>", "who enlarges; sharp must be installed")
        .choices(["sharp", "echo"])
        .default("sharp"),
    )
    .option("--scale <times>", "how many times wider and higher results are", whole(1, 16), 2)
    .option("--latency <milliseconds>", "before every answer", whole(0), 0)
    .option("--folder <folder>", "keep the state here, so that it survives a restart (default: in memory)")
    .option("-q, --quiet", "do not log requests")
    .addOption(jsonFlag());
  example(command, "magnific sandbox --port 4010");
  return command.action(async (flags: SandboxFlags) => {
    const { SandboxError, startSandbox } = await import("../../sandbox/index.js");
    const { terminal } = shell;
    const { port, lifeCycle, upscaler, scale, latency, folder } = flags;
    const interrupted = untilInterrupted();
    const sandbox = await startSandbox({
      port,
      lifeCycle,
      upscaler,
      scale,
      latencyMs: latency,
      ...(folder === undefined ? {} : { folder }),
      logSize: 0,
      onLog: (entry) => {
        if (flags.quiet === true) return;
        if (flags.json === true) terminal.json(entry);
        else if (entry.event === "request") terminal.say(plain(`${entry.method} ${entry.path} ${entry.status}`));
        else
          terminal.say(
            plain(`${entry.event} ${entry.taskId} ${entry.event === "task" ? entry.status : entry.outcome}`),
          );
      },
    }).catch((error: unknown) => {
      if (error instanceof SandboxError) throw new UsageError(error.message);
      const { code } = error as { code?: unknown };
      if (code === "EADDRINUSE") throw new UsageError(`Port ${port} is in use. Choose another with --port.`);
      throw error;
    });
    const { url, key, webhookSecret } = sandbox;
    if (flags.json === true) terminal.json({ event: "listening", url, key, webhookSecret });
    else {
      terminal.out(`export MAGNIFIC_BASE_URL=${url}`);
      terminal.out(`export MAGNIFIC_API_KEY=${key}`);
      terminal.out(`export MAGNIFIC_WEBHOOK_SECRET=${webhookSecret}`);
      terminal.say(`The sandbox runs; ${url} shows its tasks in a browser. Ctrl-C ends it.`);
    }
    await new Promise<void>((ended) => {
      if (interrupted.aborted) ended();
      interrupted.addEventListener("abort", () => ended());
    });
    await sandbox.close();
    shell.exit(EXIT.ok);
  });
}
