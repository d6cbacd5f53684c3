/** `npm run mock`: Prism on the effective document. `-- --port <n>` for another port than 4010. */
import { parseArgs } from "node:util";
import { MockError, PrismProcess } from "../contract-tests/targets/prism-process.js";
import { loadOverlays, loadVendored, requireEffectiveDocument } from "./document/load.js";

const { values } = parseArgs({ options: { port: { type: "string", default: "4010" } } });

try {
  const document = requireEffectiveDocument(loadVendored(), loadOverlays());
  const prism = await PrismProcess.start(document, {
    port: Number(values.port),
    onOutput: (text) => process.stdout.write(text),
  });
  console.log(`The mock answers at ${prism.url}. It knows the document and no state; stop it with Ctrl-C.`);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => void prism.close());
  const why = await prism.ended;
  if (!why.startsWith("SIGTERM")) console.error(`The mock ended: ${why}`);
} catch (error) {
  console.error(`mock: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof MockError ? 2 : 1;
}
