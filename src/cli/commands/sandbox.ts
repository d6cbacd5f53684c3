/** `magnific sandbox`: the stand-in for the provider, on this machine. */
import type { Command } from "commander";
import { type LifeCycle, type LifeCycleName, lifeCycles } from "../../sandbox/life-cycle.js";
import type { LogEntry } from "../../sandbox/log.js";
import type { SandboxOptions } from "../../sandbox/options.js";
import { isLoopback } from "../../util/address.js";
import { EXIT, UsageError } from "../exit.js";
import { untilAborted, untilInterrupted } from "../interrupt.js";
import { objectIn, secretIn } from "../key.js";
import { choiceOf, defined, jsonFlag, whole } from "../options.js";
import { plain } from "../terminal.js";
import { installLine, type Shell, subcommand, tell } from "./command.js";

interface SandboxFlags extends Pick<SandboxOptions, "host" | "port" | "lifeCycle" | "upscaler" | "scale" | "folder"> {
  readonly latency?: number;
  readonly rateLimit?: number;
  readonly webhookTargets?: "loopback" | "any";
  readonly keyFile?: string;
  readonly settings?: string;
  readonly quiet?: boolean;
}

/** What a file of settings may hold: what of `SandboxOptions` is data, and life cycles of the first tasks. */
interface Settings extends SandboxOptions {
  readonly script?: readonly (LifeCycleName | LifeCycle)[];
}

const SETTINGS =
  "lifeCycle, script, faults, latencyMs, rateLimit, resultTtlMs, bodyLimit, webhooks, upscaler, scale, resultFormat, concurrency, host, port, folder";

const NO_SHARP = "The sandbox enlarges images with sharp, which is not installed.";
const UPSCALER = "how images are enlarged; sharp, the default, must be installed";

const EXPOSED =
  "Warning: everyone on the network can reach this sandbox, see its tasks and images in a browser, and change what it does. " +
  "No real key and no money is involved. Send it no image that others must not see.";

export function sandboxCommand(shell: Shell): Command {
  return subcommand(
    "sandbox",
    "run a stand-in for the provider on this machine",
    "Plays the provider on this machine: nothing leaves it, nothing costs money. Prints the settings that point the " +
      "command and the library at it. Its enlargement is an ordinary resampling, not Magnific's model.",
    "magnific sandbox --port 4010",
    `echo '{"lifeCycle": ["CREATED", {"status": "IN_PROGRESS", "ms": 5000}, "FAILED"],`,
    `       "faults": [{"kind": "rate_limited", "on": "submit", "skip": 2}]}' > slow.json && magnific sandbox --settings slow.json`,
  )
    .option("--host <address>", "the address to listen on, such as 0.0.0.0 for containers (default: 127.0.0.1)")
    .option("--port <port>", "the port (default: a free one)", whole(0, 65_535))
    .addOption(choiceOf("--life-cycle <name>", "what tasks go through (default: standard)", Object.keys(lifeCycles)))
    .addOption(choiceOf("--upscaler <name>", UPSCALER, ["sharp", "echo"]))
    .option("--scale <times>", "how many times wider and higher results are (default: 2)", whole(1, 16))
    .option("--latency <milliseconds>", "delay before every response (default: 0)", whole(0))
    .option("--rate-limit <requests>", "most requests per minute and key (default: 30000)", whole(0))
    .addOption(choiceOf("--webhook-targets <where>", "where webhooks may go (default: loopback)", ["loopback", "any"]))
    .option("--key-file <file>", "accept the key in this file, which only you may read (default: a random one)")
    .option("--folder <folder>", "keep the state here, so that it survives a restart (default: in memory)")
    .option("--settings <file>", `JSON with any of ${SETTINGS}; flags override it`)
    .option("-q, --quiet", "do not log requests")
    .addOption(jsonFlag())
    .action((flags: SandboxFlags) => runSandbox(shell, flags));
}

async function runSandbox(shell: Shell, flags: SandboxFlags): Promise<void> {
  const { SandboxError, startSandbox } = await import("../../sandbox/index.js");
  const { script = [], ...settings } = flags.settings === undefined ? {} : await settingsIn(flags.settings);
  const options = await optionsOf(flags, settings);
  const onLog = flags.quiet === true ? undefined : (entry: LogEntry): void => tellEntry(shell, entry);
  const interrupted = untilInterrupted();
  const sandbox = await startSandbox({ ...options, logSize: 200, onLog }).catch((error: unknown) => {
    if (error instanceof SandboxError && error.code === "sharp_missing")
      throw new UsageError(`${NO_SHARP} Run \`${installLine("sharp")}\`, or use --upscaler echo.`);
    if (error instanceof SandboxError) throw new UsageError(error.message);
    const { code } = error as { code?: unknown };
    if (code === "EADDRINUSE") throw new UsageError(`Port ${options.port} is in use. Choose another with --port.`);
    if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
      throw new UsageError(`${options.host} is not an address of this machine. Choose another with --host.`);
    throw error;
  });
  try {
    for (const lifeCycle of script) sandbox.script(lifeCycle);
  } catch (error) {
    await sandbox.close();
    throw new UsageError(`"script" of ${flags.settings}: ${(error as Error).message}`);
  }
  const { url, key, webhookSecret } = sandbox;
  const variables = { MAGNIFIC_BASE_URL: url, MAGNIFIC_API_KEY: key, MAGNIFIC_WEBHOOK_SECRET: webhookSecret };
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${value}`);
  tell(shell, { event: "listening", url, key, webhookSecret }, ...lines);
  if (!shell.json)
    shell.terminal.say(`The sandbox is running; open ${url} in a browser to see its tasks. Press Ctrl-C to stop it.`);
  const { host = "" } = options;
  if (host !== "" && !isLoopback(host.includes(":") ? `[${host}]` : host)) shell.terminal.say(EXPOSED);
  await untilAborted(interrupted);
  await sandbox.close();
  shell.exit(EXIT.ok);
}

async function optionsOf(flags: SandboxFlags, settings: SandboxOptions): Promise<SandboxOptions> {
  const { port, lifeCycle, upscaler, scale, latency: latencyMs, rateLimit: limit, webhookTargets: targets } = flags;
  const key = flags.keyFile === undefined ? undefined : await secretIn(flags.keyFile);
  return {
    ...settings,
    ...defined({ host: flags.host, port, lifeCycle, upscaler, scale, latencyMs, folder: flags.folder, key }),
    rateLimit: { ...settings.rateLimit, ...defined({ limit }) },
    webhooks: { ...settings.webhooks, ...defined({ targets }) },
  };
}

async function settingsIn(path: string): Promise<Settings> {
  const settings = await objectIn(path);
  const strange = Object.keys(settings).find((name) => !SETTINGS.split(", ").includes(name));
  if (strange !== undefined) throw new UsageError(`${path} has the unknown setting "${strange}". Known: ${SETTINGS}.`);
  return settings;
}

function tellEntry({ terminal, json }: Shell, entry: LogEntry): void {
  if (json) terminal.json(entry);
  else if (entry.event === "request") terminal.say(plain(`${entry.method} ${entry.path} ${entry.status}`));
  else terminal.say(plain(`${entry.event} ${entry.taskId} ${entry.event === "task" ? entry.status : entry.outcome}`));
}
