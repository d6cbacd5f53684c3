/** `npm run mock`: Prism on the effective document. `-- --port <n>` for another port than 4010. */
import { parseArgs } from "node:util";
import { PrismProcess } from "../contract-tests/targets/prism-process.js";
import { loadOverlays, loadVendored, requireEffectiveDocument } from "../openapi/document/load.js";

try {
  const { port } = parseArgs({ options: { port: { type: "string", default: "4010" } } }).values;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new Error(`--port takes a number from 0 to 65535, not ${JSON.stringify(port)}.`);
  const document = requireEffectiveDocument(loadVendored(), loadOverlays());
  const onOutput = (text: string) => process.stdout.write(text);
  const prism = await PrismProcess.start(document, { port: Number(port), onOutput });
  console.log(`The mock listens at ${prism.url}. It knows the document and keeps no state; stop it with Ctrl-C.`);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => void prism.close());
  const why = await prism.ended;
  if (!why.startsWith("SIGTERM")) console.error(`The mock ended: ${why}`);
} catch (error) {
  console.error(`mock: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
