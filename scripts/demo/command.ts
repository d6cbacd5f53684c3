/** The demo: sends a photograph through the client and saves the enlarged result. */
import { mkdir, stat } from "node:fs/promises";
import { extname, join, parse, relative } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../../openapi/document/load.js";
import { Magnific } from "../../src/index.js";
import { imageFile } from "../../src/node.js";
import { startSandbox } from "../../src/sandbox/index.js";
import { sizeOf, writeBeforeAfter } from "./before-after.js";
import { showProgress } from "./progress.js";

const USAGE = `npm run demo [-- options]

Sends a photograph through the client and writes the result and a before/after picture.

  --image <file>  another photograph        (default: scripts/demo/astronaut.jpg)
  --out <folder>  where the pictures go     (default: out)
  --live          the real API instead of the embedded stand-in; needs MAGNIFIC_API_KEY and costs one paid call
  --help          this text
`;
const LIVE = "MAGNIFIC_API_KEY=… npm run demo -- --live (one paid call)";

/** Long enough to watch the statuses change, short enough not to wait. */
const LIFE_CYCLE = [{ status: "CREATED", ms: 600 }, { status: "IN_PROGRESS", ms: 1200 }, "COMPLETED"];

function readOptions(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      image: { type: "string", default: join(ROOT, "scripts/demo/astronaut.jpg") },
      out: { type: "string", default: "out" },
      live: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.live && !process.env.MAGNIFIC_API_KEY)
    throw new Error(`--live needs your key in the environment: ${LIVE}`);
  return values;
}

type Options = ReturnType<typeof readOptions>;

async function run(options: Options): Promise<void> {
  if (options.live) {
    console.log("LIVE: the photograph is sent to the Magnific API. This is one paid call on your key.\n");
    return await upscale(new Magnific(), options);
  }
  console.log(
    "An embedded server (the sandbox) stands in for the provider: nothing leaves this machine or costs money.\n",
  );
  await using sandbox = await startSandbox({ lifeCycle: LIFE_CYCLE });
  const poll = { first: 200, factor: 1, max: 200 };
  await upscale(new Magnific({ apiKey: sandbox.key, baseUrl: sandbox.url, poll }), options);
  console.log("\nThe stand-in resampled and filtered the picture; Magnific's model would have added real detail.");
  console.log(`With your own key: ${LIVE}`);
}

async function upscale(magnific: Magnific, { image, out }: Options): Promise<void> {
  console.log(`Source  ${await describe(image)}`);
  const task = await magnific.submit({ image: await imageFile(image) });
  console.log(`Task    ${task.id}`);
  const progress = showProgress(process.stdout);
  const done = await task.wait({ onStatus: ({ status }) => progress.show(status) }).finally(() => progress.end());

  await mkdir(out, { recursive: true });
  const [upscaled] = done.images;
  const result = join(out, `${parse(image).name}-upscaled${extname(new URL(upscaled.url).pathname)}`);
  await upscaled.save(result, { overwrite: true });
  console.log(`Result  ${await describe(result)}`);
  const both = join(out, `${parse(image).name}-before-after.png`);
  await writeBeforeAfter(image, result, both);
  console.log(`Both    ${await describe(both)}`);
}

async function describe(file: string): Promise<string> {
  const [{ width, height }, { size }] = [await sizeOf(file), await stat(file)];
  return `${relative(process.cwd(), file)}  ${width} x ${height} pixels, ${Math.round(size / 1000).toLocaleString("en")} kB`;
}

/** Returns the exit code. */
export async function demo(args: readonly string[]): Promise<number> {
  let options: Options | undefined;
  try {
    options = readOptions(args);
    if (options.help) console.log(USAGE);
    else await run(options);
    return 0;
  } catch (error) {
    const { message } = error as Error;
    // Without options the call was wrong.
    console.error(options === undefined ? `${message}\n\n${USAGE}` : `\nThe demo failed: ${message}`);
    return options === undefined ? 2 : 1;
  }
}
