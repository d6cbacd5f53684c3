/** A batch of the made-up operation as a program of its own. It is told what the crash test tells the command `upscale`. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Magnific, type TaskContract } from "../../index.js";
import { upscaleAll } from "../../node.js";
import { pngOf } from "../../test-support/png.js";

const { values, positionals } = parseArgs({
  strict: false,
  options: {
    ...{ out: { type: "string" }, concurrency: { type: "string" }, "resubmit-unknown": { type: "boolean" } },
    ...{ rate: { type: "string" }, poll: { type: "string" }, retry: { type: "string" } },
  },
});
const [, source = ""] = positionals;
// Its module as the generator made it, next to this program.
const { contract } = (await import(new URL("sibling.mjs", import.meta.url).href)) as { contract: TaskContract };
const magnific = new Magnific({ rate: false, retry: 0, poll: { first: 10, max: 10 } });
const stop = new AbortController();
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(signal, () => stop.abort());
const outcomes = new Set<string>();
for await (const { outcome, path } of upscaleAll(
  readdirSync(source).map((name) => join(source, name)),
  {
    client: magnific.operation(contract.submit.path, contract),
    image: "front",
    parameters: { style: "oil", back: pngOf(300, 8, 8, "back") },
    out: String(values.out),
    concurrency: Number(values.concurrency),
    resubmitUnknown: values["resubmit-unknown"] === true,
    stop: stop.signal,
  },
)) {
  outcomes.add(outcome);
  console.log(JSON.stringify({ event: "result", outcome, path }));
}
process.exitCode = outcomes.has("unknown") ? 4 : outcomes.has("failed") ? 1 : stop.signal.aborted ? 130 : 0;
