import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileOrNothing, startServer, testReceiver } from "../receiver-test.js";

const NEXT = "node_modules/next/dist/bin/next";
process.env.NEXT_TELEMETRY_DISABLED = "1";

const out = await mkdtemp(join(tmpdir(), "webhook-nextjs-"));
try {
  execFileSync(process.execPath, [NEXT, "build"], { stdio: ["ignore", "ignore", "inherit"] });
  await testReceiver(
    async (settings) => {
      const args = [NEXT, "start", "--hostname", "127.0.0.1", "--port", "0"];
      const { origin, close } = await startServer(process.execPath, args, { ...settings, OUT: out });
      return { url: `${origin}/api/magnific`, saved: (name) => fileOrNothing(join(out, name)), close };
    },
    { downloads: 2 },
  );
} finally {
  for (const folder of [out, ".next"]) await rm(folder, { recursive: true, force: true });
}
