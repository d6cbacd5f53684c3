/** `npm run demo`: the main job on a fresh machine. */
import { demo } from "./demo/command.js";

process.exitCode = await demo(process.argv.slice(2));
