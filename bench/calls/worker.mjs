/** One client. For each `{ milliseconds, inFlight }` from its parent it sends back its calls a second and the CPU time of a call. */
const [peer, transport, url, encoded] = process.argv.slice(2);
const image = Buffer.from(encoded, "base64");
const { client } = await import(`../peers/${peer}.mjs`);
const { dispatcherFetch, Agent } = transport ? { ...(await import(transport)), ...(await import("undici")) } : {};
const call = client(url, dispatcherFetch?.(new Agent()));

process.on("message", async ({ milliseconds, inFlight }) => {
  let calls = 0;
  const cpu = process.cpuUsage();
  const start = performance.now();
  const lane = async () => {
    while (performance.now() < start + milliseconds) {
      if ((await call(image)).length !== 36) throw new Error(`${peer} did not return the id of a task`);
      calls++;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  process.send({ rate: calls / seconds, cpu: (user + system) / calls });
});
process.on("disconnect", () => process.exit(0));
process.send("ready");
