import { parseArgs } from "node:util";

export interface DemoOptions {
  readonly live: boolean;
  readonly help: boolean;
  readonly image: string | undefined;
  readonly out: string;
}

export const USAGE = `npm run demo [-- options]

Sends a photograph through the client and writes the result and a before/after picture.

  --image <file>  another photograph          (default: scripts/demo/astronaut.jpg)
  --out <folder>  where the pictures go       (default: out)
  --live          the real API instead of the embedded stand-in; needs MAGNIFIC_API_KEY and costs one paid call
  --help          this text
`;

/** Throws a TypeError that says what is wrong with the arguments. */
export function demoOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      live: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
      image: { type: "string" },
      out: { type: "string", default: "out" },
    },
  });
  return { live: values.live, help: values.help, image: values.image, out: values.out };
}
