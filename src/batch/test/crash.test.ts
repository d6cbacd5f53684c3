import { expect, it } from "vitest";
import { builtCommand } from "../../cli/test/command.js";
import { crashTest } from "./crash.js";

// The long form: npm run crash -- --kills 1000
it("a batch that is killed 25 times ends as one that was never killed, and pays for no image twice", {
  timeout: 240_000,
}, async () => {
  await using command = await builtCommand();
  const seed = Date.now() % 1_000_000;
  const { checks, summary } = await crashTest(command, { images: 60, kills: 25, seed, concurrency: 4 });
  for (const [what, holds] of checks) expect(holds, `${what}: ${summary}`).toBe(true);
});
