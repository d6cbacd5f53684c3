/** `npm run contract:proof`: what the contract suite sees of mutants and faults. */
import { proof } from "../contract-tests/magnific/proof.js";

// Prism's server keeps timers of its own, so the process is ended rather than left to end.
process.exit(await proof(process.argv.slice(2)));
