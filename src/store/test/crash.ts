/** Kills processes that submit at once with one limit and one store, and says what came of it. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { CrashOptions, CrashReport } from "../../batch/test/crash.js";
import type { Built, Running } from "../../cli/test/command.js";
import { startSandbox } from "../../sandbox/index.js";
import { pngOf } from "../../test-support/png.js";
import { randomOf } from "../../test-support/random.js";

export async function submitCrashTest(
  command: Built,
  { kills, seed, concurrency, maxPaid = 20 }: Omit<CrashOptions, "images" | "onKill">,
): Promise<CrashReport> {
  const random = randomOf(seed);
  const folder = await mkdtemp(join(tmpdir(), "magnific-submits-"));
  await using sandbox = await startSandbox({ upscaler: "echo", latencyMs: 20, logSize: 0 });
  let images = 0;
  const submit = async (): Promise<Running> => {
    const path = join(folder, `${images++}.png`);
    await writeFile(path, pngOf(300, 8, 8, path));
    const args = [
      "submit",
      path,
      "--store",
      join(folder, "store"),
      "--max-paid",
      String(maxPaid),
      "--rate",
      "none",
      "--retry",
      "0",
    ];
    return command.start(args, { env: { MAGNIFIC_BASE_URL: sandbox.url, MAGNIFIC_API_KEY: sandbox.key } });
  };
  try {
    let [killed, midway, above] = [0, 0, 0];
    while (killed < kills) {
      const { submits } = sandbox.counts;
      const runs = await Promise.all(Array.from({ length: concurrency }, submit));
      const ended = Promise.all(runs.map((run) => run.ended)).then(() => true);
      // Around the moment at which the first of them is sent.
      while (sandbox.counts.submits === submits && !(await Promise.race([ended, pause(1, false)])));
      await pause(random() * 60);
      for (const { child } of runs) child.kill("SIGKILL");
      killed += runs.length;
      for (const { signal } of await Promise.all(runs.map((run) => run.ended))) if (signal === "SIGKILL") midway++;
      if (sandbox.counts.paid > maxPaid) above++;
    }
    const codes: (number | null)[] = [];
    for (let more = 0; more <= maxPaid && codes.at(-1) !== 5; more++) codes.push((await (await submit()).ended).code);
    return {
      checks: [
        ["enough submits were killed midway", midway > kills / 20],
        [`never more than ${maxPaid} paid calls of all processes`, above === 0 && sandbox.counts.paid <= maxPaid],
        [
          "afterwards submits succeed up to the limit, and then end with exit code 5",
          codes.every((code, index) => code === (index < codes.length - 1 ? 0 : 5)),
        ],
      ],
      summary: `${images} submits by ${concurrency} processes at once, ${midway} killed midway, ${sandbox.counts.paid} paid of at most ${maxPaid}, ${codes.length - 1} of them at the end, seed ${seed}`,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
