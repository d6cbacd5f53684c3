/** Runs the program in a runtime that resolves packages by itself. Copied beside the installed package. Prints its failures as JSON. */
import { Magnific, MagnificError } from "magnific-client";
import { signWebhook, unwrap } from "magnific-client/webhook";
import { run } from "./program.mjs";

const [baseUrl, apiKey, transport] = process.argv.slice(2);
const options = { baseUrl, apiKey };
if (transport === "nodeFetch") {
  const { nodeFetch } = await import("magnific-client/node");
  options.fetch = nodeFetch();
}
const failures = await run({ Magnific, MagnificError, signWebhook, unwrap }, options);
console.log(`FAILURES ${JSON.stringify(failures)}`);
process.exit(0);
