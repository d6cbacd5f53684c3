import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type PlanOptions, planAll } from "../plan.js";
import { all, bench } from "./bench.js";

// @tests PlanOptions.read
it("says what a batch would do with each image, and the batch then does that", async () => {
  await using place = await bench();
  const { client, out, sandbox } = place;
  const names = ["done", "lost", "stuck", "failed", "changed", "new", "twin", "clash"];
  const paths = await place.images(...names.map((name) => `${name}.png`));
  const path = (name: string): string => join(place.folder, "in", `${name}.png`);
  await place.run([path("done"), path("changed")]);
  sandbox.fault({ kind: "reset", on: "submit", handled: true });
  await place.run([path("lost")]);
  sandbox.script("stuck");
  await place.run([path("stuck")], { timeout: 20 });
  sandbox.script("failed");
  await place.run([path("failed")]);
  await writeFile(path("changed"), "other");
  await writeFile(path("twin"), await readFile(path("new")));
  await writeFile(join(out, "clash.webp"), "mine");

  const plan = async (more: Partial<PlanOptions> = {}): Promise<Record<string, string>> => {
    const planned = await all(planAll([...paths, "none.png"], { client, out, ...more }));
    return Object.fromEntries(planned.map(({ path, action }) => [path.replace(/^.*\/|\.png$/g, ""), action]));
  };
  const before = sandbox.counts.requests;
  const expected = {
    done: "skip",
    lost: "unknown",
    stuck: "resume",
    failed: "resume",
    changed: "refuse",
    new: "send",
    twin: "copy",
    clash: "refuse",
    none: "refuse",
  };
  expect(await plan()).toEqual(expected);
  expect(await plan({ read: false })).toEqual({ ...expected, twin: "send" });
  const allowed = await plan({ resubmitUnknown: true, resubmitFailed: true, overwrite: true });
  expect(allowed).toEqual({ ...expected, lost: "again", failed: "again", clash: "send" });
  expect(sandbox.counts.requests).toBe(before);

  const paid = sandbox.counts.paid;
  await place.run(paths, { timeout: 20 });
  expect(sandbox.counts.paid - paid).toBe(1);
});
