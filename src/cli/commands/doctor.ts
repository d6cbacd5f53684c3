/** `magnific doctor`: whether key, clock, network and versions are as they should be. Costs nothing. */
import type { Magnific } from "../../client.js";
import { Command } from "../commander.js";
import { EXIT, sentenceOf } from "../exit.js";
import { type FoundKey, findKey } from "../key.js";
import { type ClientFlags, jsonFlag, openClient, withClientFlags } from "../options.js";
import { packageVersion } from "../version.js";
import { example, type Shell, untilInterrupted } from "./command.js";

export interface Finding {
  readonly check: "version" | "key" | "network" | "clock";
  readonly result: "ok" | "warning" | "failure";
  readonly message: string;
}

/** Seconds: webhooks are accepted within 300, so a clock that is off by less does no harm yet. */
const CLOCK_TOLERANCE = 60;

const LEAST_NODE: readonly [number, number] = [20, 19];

export function doctorCommand(shell: Shell): Command {
  const command = new Command("doctor")
    .summary("check key, clock, network and versions")
    .description("Checks what a call needs, with one request that costs nothing (the list of tasks).")
    .addOption(jsonFlag());
  withClientFlags(command);
  example(command, "magnific doctor");
  return command.action(async (flags: ClientFlags & { json?: boolean }) => {
    const { terminal } = shell;
    const { findings, refused } = await examine(flags, untilInterrupted());
    for (const { check, result, message } of findings) {
      if (flags.json === true) terminal.json({ check, result, message });
      else {
        const style = ({ ok: "green", warning: "yellow", failure: "red" } as const)[result];
        terminal.out(`${terminal.paint(style, result.padEnd(8))} ${check.padEnd(8)} ${message}`);
      }
    }
    const failed = findings.some(({ result }) => result === "failure");
    shell.exit(refused ? EXIT.refused : failed ? EXIT.failed : EXIT.ok);
  });
}

async function examine(
  flags: ClientFlags,
  signal: AbortSignal,
): Promise<{ readonly findings: readonly Finding[]; readonly refused: boolean }> {
  const findings: Finding[] = [versions(process.versions.node)];
  let found: FoundKey | undefined;
  try {
    found = await findKey(process.env, flags.keyFile);
    findings.push(
      found === undefined
        ? { check: "key", result: "failure", message: "There is no API key: set MAGNIFIC_API_KEY, or give --key-file." }
        : { check: "key", result: "ok", message: `There is a key in ${found.from}.` },
    );
  } catch (error) {
    findings.push({ check: "key", result: "failure", message: sentenceOf(error) });
  }
  let refused = false;
  try {
    using open = await openClient(flags, { keyless: found === undefined });
    const answer = await asked(open.client, signal);
    findings.push(networkFinding(answer.status, answer.milliseconds, found !== undefined));
    refused = found !== undefined && (answer.status === 401 || answer.status === 403);
    if (answer.date !== undefined) findings.push(clockFinding(answer.date, answer.at));
  } catch (error) {
    findings.push({ check: "network", result: "failure", message: `The API could not be reached: ${reasonOf(error)}` });
  }
  return { findings, refused };
}

interface Answer {
  readonly status: number;
  readonly milliseconds: number;
  /** By the provider's clock, and by ours in the middle of the exchange; milliseconds since the epoch. */
  readonly date: number | undefined;
  readonly at: number;
}

async function asked(client: Magnific, signal: AbortSignal): Promise<Answer> {
  const start = Date.now();
  const { response } = await client.api.GET("/v1/ai/image-upscaler-precision", {
    signal: AbortSignal.any([signal, AbortSignal.timeout(15_000)]),
    parseAs: "text",
  });
  const milliseconds = Date.now() - start;
  const date = Date.parse(response.headers.get("date") ?? "");
  return {
    status: response.status,
    milliseconds,
    date: Number.isNaN(date) ? undefined : date,
    at: start + milliseconds / 2,
  };
}

export function versions(node: string): Finding {
  const [major = 0, minor = 0] = node.split(".").map(Number);
  const enough = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  const message = `magnific-client ${packageVersion()} on Node ${node}`;
  return enough
    ? { check: "version", result: "ok", message: `${message}.` }
    : { check: "version", result: "failure", message: `${message}; it needs Node ${LEAST_NODE.join(".")} or newer.` };
}

export function networkFinding(status: number, milliseconds: number, keyed: boolean): Finding {
  const took = `${milliseconds} ms`;
  if (status >= 200 && status < 300)
    return { check: "network", result: "ok", message: `The API answers in ${took} and takes the key.` };
  if (status === 401)
    return keyed
      ? { check: "network", result: "failure", message: `The API answers in ${took} and refuses the key (401).` }
      : { check: "network", result: "ok", message: `The API answers in ${took}.` };
  if (status === 403)
    return {
      check: "network",
      result: "failure",
      message: `The API answers in ${took} with 403: the plan does not allow it, or this address is blocked.`,
    };
  return {
    check: "network",
    result: "warning",
    message: `The API answers in ${took} with ${status}. Try again later.`,
  };
}

export function clockFinding(theirs: number, ours: number): Finding {
  const off = Math.round((ours - theirs) / 1000);
  if (Math.abs(off) <= CLOCK_TOLERANCE)
    return { check: "clock", result: "ok", message: "This machine's clock and the provider's agree." };
  const which = off > 0 ? "ahead of" : "behind";
  return {
    check: "clock",
    result: "warning",
    message: `This machine's clock is ${Math.abs(off)} s ${which} the provider's: genuine webhooks will be refused. Set the clock.`,
  };
}

function reasonOf(error: unknown): string {
  for (let one = error; one instanceof Error; one = one.cause) {
    const { code } = one as { code?: unknown };
    // The transport's own: its sentence says what is wrong with the proxy.
    if (code === "ERR_PROXY") return one.message;
    // The system's and the TLS library's; the client's own say less than its sentences.
    if (typeof code === "string" && /^[A-Z\d_]+$/.test(code)) return `${code}.`;
  }
  return sentenceOf(error);
}
