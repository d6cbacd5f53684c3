/** Sends one file once, by one client, and says what it took. Prints one line of JSON. */
import { senders } from "./senders.mjs";

const [name, url, path, size] = process.argv.slice(2);
let error;
const start = performance.now();
try {
  await senders[name](url, path, Number(size));
} catch (reason) {
  error = String(reason?.message ?? reason).slice(0, 120);
}
const wall = performance.now() - start;
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
console.log(JSON.stringify({ wall, cpu: (userCPUTime + systemCPUTime) / 1000, peak: maxRSS / 1024, error }));
process.exit(0);
