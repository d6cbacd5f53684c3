/** One client in a process of its own. Told over IPC: how long, how many in flight. Answers with calls, wall time and CPU. */
import { readFileSync } from "node:fs";
import { clients } from "./clients.mjs";

const [name, url, imagePath] = process.argv.slice(2);
const image = readFileSync(imagePath);
const call = await clients[name](url);
const EXPECTED = "046b6c7f-0b8a-43b9-b35d-6489e6daee91";

async function run(milliseconds, inFlight) {
  let calls = 0;
  const cpu = process.cpuUsage();
  const start = performance.now();
  const end = start + milliseconds;
  const lane = async () => {
    while (performance.now() < end) {
      const id = await call(image);
      if (id !== EXPECTED) throw new Error(`${name} gave ${id}`);
      calls++;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { calls, wall, cpu: (user + system) / 1000 };
}

process.on("message", async ({ milliseconds, inFlight }) => {
  try {
    process.send(await run(milliseconds, inFlight));
  } catch (error) {
    process.send({ error: String(error?.stack ?? error) });
  }
});
process.on("disconnect", () => process.exit(0));
process.send({ ready: true });
