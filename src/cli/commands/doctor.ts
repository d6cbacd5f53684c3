/** `magnific doctor`: checks key, clock, network and versions. Costs nothing. */

import type { Command } from "commander";
import { SERVER } from "../../../generated/default.js";
import { DEFAULT_TASK } from "../../contract/default.js";
import { causesOf } from "../../util/causes.js";
import { EXIT, proxyReasonOf, sentenceOf } from "../exit.js";
import { untilInterrupted } from "../interrupt.js";
import { type FoundKey, findKey } from "../key.js";
import { type ClientFlags, openMagnific, withClientFlags } from "../options.js";
import { proxyFor } from "../proxy.js";
import { type Shell, subcommand, tell, VERSION } from "./command.js";

type Finding = readonly [check: string, result: keyof typeof STYLES, message: string];

/** Seconds: webhooks are accepted within 300, so a clock that is off by less does no harm yet. */
const CLOCK_TOLERANCE = 60;

const LEAST_NODE = "20.19";

const STYLES = { ok: "green", warning: "yellow", failure: "red" } as const;

export function doctorCommand(shell: Shell): Command {
  const command = subcommand(
    "doctor",
    "check key, clock, network and versions",
    "Checks what a call needs, with one request that costs nothing (the list of tasks).",
    "magnific doctor",
  );
  return withClientFlags(command).action(async (flags: ClientFlags) => {
    const from = command.getOptionValueSource("baseUrl");
    let [failed, refused] = [false, false];
    const report = ([check, result, message]: Finding): void => {
      failed ||= result === "failure";
      const painted = shell.terminal.paint(STYLES[result], result.padEnd(8));
      tell(shell, { check, result, message }, `${painted} ${check.padEnd(8)} ${message}`);
    };
    report(versionFinding(process.versions.node));
    let key: FoundKey | undefined;
    try {
      key = await findKey(process.env, flags.keyFile);
      const missing = "There is no API key: set MAGNIFIC_API_KEY, or use --key-file.";
      report(key === undefined ? ["key", "failure", missing] : ["key", "ok", `There is a key in ${key.from}.`]);
    } catch (error) {
      report(["key", "failure", sentenceOf(error)]);
    }
    try {
      const client = await openMagnific(shell, flags, key === undefined);
      report(addressFinding(flags.baseUrl, from === "cli" ? "--base-url" : from));
      const start = Date.now();
      const { response } = await client.api.GET(DEFAULT_TASK.list.path, {
        signal: AbortSignal.any([untilInterrupted(), AbortSignal.timeout(15_000)]),
        parseAs: "text",
      });
      const { status, headers } = response;
      const milliseconds = Date.now() - start;
      report(networkFinding(status, milliseconds, key !== undefined));
      refused = key !== undefined && (status === 401 || status === 403);
      const date = Date.parse(headers.get("date") ?? "");
      if (!Number.isNaN(date)) report(clockFinding(date, start + milliseconds / 2));
    } catch (error) {
      report(["network", "failure", `The API could not be reached: ${reasonOf(error)}`]);
    }
    shell.exit(refused ? EXIT.refused : failed ? EXIT.failed : EXIT.ok);
  });
}

export function versionFinding(node: string): Finding {
  const enough = node.localeCompare(LEAST_NODE, "en", { numeric: true }) >= 0;
  const message = `magnific-client ${VERSION} on Node ${node}`;
  if (enough) return ["version", "ok", `${message}.`];
  return ["version", "failure", `${message}; it needs Node ${LEAST_NODE} or newer.`];
}

/** Where the API is, and who says so. The client has accepted the address: it holds no login. */
function addressFinding(address: string = SERVER, from = "the default"): Finding {
  const proxy = proxyFor(process.env, address);
  return [
    "address",
    "ok",
    `The API is at ${address} (${from})${proxy === undefined ? "" : `, through the proxy ${proxy}`}.`,
  ];
}

export function networkFinding(status: number, milliseconds: number, keyed: boolean): Finding {
  const answers = `The API answers in ${milliseconds} ms`;
  if (status >= 200 && status < 300) return ["network", "ok", `${answers} and accepts the key.`];
  if (status === 401 && !keyed) return ["network", "ok", `${answers}.`];
  if (status === 401) return ["network", "failure", `${answers} and rejects the key (401).`];
  if (status === 403)
    return ["network", "failure", `${answers} with 403: the plan does not allow it, or this address is blocked.`];
  return ["network", "warning", `${answers} with ${status}. Try again later.`];
}

export function clockFinding(theirs: number, ours: number): Finding {
  const off = Math.round((ours - theirs) / 1000);
  if (Math.abs(off) <= CLOCK_TOLERANCE) return ["clock", "ok", "This machine's clock and the provider's agree."];
  const which = off > 0 ? "ahead of" : "behind";
  return [
    "clock",
    "warning",
    `This machine's clock is ${Math.abs(off)} s ${which} the provider's: genuine webhooks will be rejected. Set the clock.`,
  ];
}

function reasonOf(error: unknown): string {
  // Codes of the system and of TLS; the client's own say less than its sentences.
  const codes = causesOf(error).map(({ code }) => String(code));
  const code = codes.find((each) => /^[A-Z\d_]+$/.test(each));
  return proxyReasonOf(error) ?? (code === undefined ? sentenceOf(error) : `${code}.`);
}
