/** Runs the program in a runtime that resolves packages by itself, next to the installed package. Prints its failures as JSON. */
import { Magnific, MagnificError } from "magnific-client";
import { signWebhook, unwrap } from "magnific-client/webhook";
import { run } from "./program.mjs";

const [baseUrl, apiKey, undici] = process.argv.slice(2);
const options = { baseUrl, apiKey };
if (undici !== undefined) {
  const { dispatcherFetch } = await import("magnific-client/node");
  const { default: module } = await import(undici);
  options.fetch = dispatcherFetch(new module.Agent());
}
const failures = await run({ Magnific, MagnificError, signWebhook, unwrap }, options);
console.log(`FAILURES ${JSON.stringify(failures)}`);
process.exit(0);
