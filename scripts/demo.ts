/** `npm run demo`: a photograph through the client, and back enlarged. */
import { mkdir, stat } from "node:fs/promises";
import { extname, join, parse, relative } from "node:path";
import { ROOT } from "../openapi/document/load.js";
import { Magnific } from "../src/index.js";
import { imageFile } from "../src/node.js";
import { startSandbox } from "../src/sandbox/index.js";
import { sizeOf, writeBeforeAfter } from "./demo/before-after.js";
import { type DemoOptions, demoOptions, USAGE } from "./demo/options.js";
import { showProgress } from "./demo/progress.js";

/** Long enough to watch the statuses change, short enough not to wait. */
const DEMO_LIFE = [{ status: "CREATED", ms: 600 }, { status: "IN_PROGRESS", ms: 1200 }, "COMPLETED"];

async function run(options: DemoOptions): Promise<void> {
  if (options.live) {
    console.log("LIVE: the photograph goes to the Magnific API. This is one paid call on your key.\n");
    return await upscale(new Magnific(), options);
  }
  console.log(
    "An embedded stand-in (the sandbox) plays the provider: nothing is sent out, nothing costs, no key is needed.\n",
  );
  await using sandbox = await startSandbox({ lifeCycle: DEMO_LIFE });
  const poll = { first: 200, factor: 1, max: 200 };
  await upscale(new Magnific({ apiKey: sandbox.key, baseUrl: sandbox.url, poll }), options);
  console.log(
    "\nThe stand-in resampled and filtered the picture; Magnific's model would have added real detail.\n" +
      "With a key of your own: MAGNIFIC_API_KEY=… npm run demo -- --live (one paid call)",
  );
}

async function upscale(magnific: Magnific, options: DemoOptions): Promise<void> {
  const source = options.image ?? join(ROOT, "scripts/demo/astronaut.jpg");
  console.log(`Source  ${await facts(source)}`);

  const task = await magnific.submit({ image: await imageFile(source) });
  console.log(`Task    ${task.id}`);
  const progress = showProgress(process.stdout);
  const done = await task.wait({ onStatus: ({ status }) => progress.status(status) }).finally(() => progress.end());

  await mkdir(options.out, { recursive: true });
  const { name } = parse(source);
  const [image] = done.images;
  const result = join(options.out, `${name}-upscaled${extname(new URL(image.url).pathname)}`);
  await image.save(result);
  console.log(`Result  ${await facts(result)}`);
  const both = join(options.out, `${name}-before-after.png`);
  await writeBeforeAfter(source, result, both);
  console.log(`Both    ${await facts(both)}`);
}

async function facts(file: string): Promise<string> {
  const [{ width, height }, { size }] = [await sizeOf(file), await stat(file)];
  return `${relative(process.cwd(), file)}  ${width} x ${height} pixels, ${Math.round(size / 1000).toLocaleString("en")} kB`;
}

/** What went wrong, as far as the user can mend it; 2 for a wrong call, 1 for a run that failed. */
async function main(args: readonly string[]): Promise<number> {
  let options: DemoOptions;
  try {
    options = demoOptions(args);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  if (options.live && !process.env.MAGNIFIC_API_KEY) {
    console.error(
      "--live needs your key in the environment: MAGNIFIC_API_KEY=… npm run demo -- --live (one paid call)",
    );
    return 2;
  }
  try {
    await run(options);
    return 0;
  } catch (error) {
    console.error(`\nThe demo failed: ${(error as Error).message}`);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
