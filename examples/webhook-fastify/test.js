import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileOrNothing, startServer, testReceiver } from "../receiver-test.js";

const out = await mkdtemp(join(tmpdir(), "webhook-fastify-"));
try {
  await testReceiver(
    async (settings) => {
      const { origin, close } = await startServer(process.execPath, ["server.js"], {
        ...settings,
        OUT: out,
        PORT: "0",
      });
      return { url: `${origin}/magnific`, saved: (name) => fileOrNothing(join(out, name)), close };
    },
    { downloads: 1 },
  );
} finally {
  await rm(out, { recursive: true, force: true });
}
