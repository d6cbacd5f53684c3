/** `npm run contract`: the contract suite. */
import { contract } from "../contract-tests/magnific/command.js";

for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }))
  process.once(signal, () => process.exit(code));

process.exitCode = await contract(process.argv.slice(2), process);
