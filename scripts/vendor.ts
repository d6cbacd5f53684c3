/** `npm run vendor`: takes pages in or removes one, and writes everything that follows from it. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runVendor } from "./intake/command.js";
import type { Plan } from "./intake/plan.js";
import type { Derived } from "./intake/verify.js";

const LOCK = "contract-tests/lock";
const ASIDE = "derive the cases";

/** What of a plan the cases follow from. */
type Documents = Pick<Plan, "vendored" | "applied">;

/** The contract suite's lock: the facts of the documents, and the cases that follow from them. */
async function casesOf(root: string, { vendored, applied }: Documents): Promise<Derived> {
  const { Contract } = await import("../contract-tests/contract.js");
  const { changedLock } = await import("../contract-tests/lock/lock.js");
  return changedLock(root, vendored, new Contract(vendored, applied).cases);
}

/** In a process of its own, next to the type check: with hundreds of operations both take long. */
async function casesAside(root: string, { vendored, applied }: Documents): Promise<() => Promise<Derived>> {
  if (!existsSync(join(root, LOCK))) return async () => ({ files: new Map(), lines: [] });
  const child = fork(fileURLToPath(import.meta.url), [ASIDE], { serialization: "advanced" });
  await new Promise((sent) => child.send({ root, vendored, applied }, sent));
  return async () => {
    const ended = once(child, "close").then(([code, signal]) => [`Deriving the cases ended with ${signal ?? code}.`]);
    const [answer] = (await Promise.race([once(child, "message"), ended])) as [Derived | string];
    if (typeof answer === "string") throw new Error(answer);
    return answer;
  };
}

if (process.argv[2] !== ASIDE)
  process.exitCode = await runVendor(process.argv.slice(2), {
    out: (text) => console.log(text),
    err: (text) => console.error(text),
    derive: casesAside,
  });
else {
  const [{ root, ...documents }] = (await once(process, "message")) as [Documents & { root: string }];
  const answer = await casesOf(root, documents).catch((error: unknown) => (error as Error).message);
  process.send?.(answer, () => process.disconnect());
}
