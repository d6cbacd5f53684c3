import { Command } from "commander";
import { expect, it } from "vitest";
import type { RequestFields } from "../../contract/contract.js";
import { DEFAULT_FIELDS } from "../../contract/default.js";
import { SLIDERS } from "../../test-support/document.js";
import { fieldOptions, RESERVED } from "../fields.js";
import { programOf } from "../program.js";
import { run, shellOf } from "./here.js";

const TASK = { images: { front: "base64" }, webhook: "notify" } as const;
const FIELDS: RequestFields = {
  front: { required: true, type: "string", format: "byte" },
  notify: { required: false, type: "string", format: "uri" },
  denoise: {
    required: false,
    type: "integer",
    minimum: -5,
    maximum: 50,
    default: 3,
    description: "Removes noise. Slow.",
  },
  keepRatio: { required: false, type: "boolean", default: true, description: "NSFW\nfilter" },
  weight: { required: false, type: "number", minimum: 0.5 },
  style: { required: true, type: "string", enum: ["oil", "chalk"] },
  times: { required: false, type: "integer", enum: [2, 4] },
  prompt: { required: false, type: "string" },
  masks: { required: false, type: "array" },
  out: { required: false, type: "integer" },
  no_grain: { required: false, type: "boolean" },
};
const parsed = (...args: string[]) => {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  const fields = fieldOptions(FIELDS, TASK);
  for (const { options } of fields) for (const option of options) command.addOption(option);
  const values = command.parse(["--style", "oil", ...args], { from: "user" }).opts();
  return Object.fromEntries(
    fields.flatMap(({ name, attribute }) => (attribute in values ? [[name, values[attribute]]] : [])),
  );
};

it("each field of a request but images and the webhook is a flag with its bounds, its default and its description", () => {
  const help = fieldOptions(FIELDS, TASK).flatMap(({ options }) => options.map((one) => [one.flags, one.description]));
  expect(help).toEqual([
    ["--denoise <-5-50>", "removes noise (the provider's default: 3)"],
    ["--keep-ratio", "NSFW filter (the provider's default: true)"],
    ["--no-keep-ratio", "the opposite of --keep-ratio"],
    ["--weight <number>", "weight"],
    ["--style <value>", "style"],
    ["--times <value>", "times"],
    ["--prompt <text>", "prompt"],
    ["--masks <json>", "masks"],
    ["--field-out <integer>", "out"],
    ["--field-no-grain", "no grain"],
    ["--no-field-no-grain", "the opposite of --field-no-grain"],
  ]);
});

it.each<[string[], object]>([
  [["--denoise", "-5", "--weight", "0.75", "--no-keep-ratio"], { denoise: -5, weight: 0.75, keepRatio: false }],
  [["--times", "4", "--prompt", "a b", "--masks", "[1]"], { times: 4, prompt: "a b", masks: [1] }],
  [["--field-out", "7", "--field-no-grain", "--keep-ratio"], { out: 7, no_grain: true, keepRatio: true }],
])("%j is what the document means by it", (args, values) => {
  expect(parsed(...args)).toEqual({ style: "oil", ...values });
});

it.each([
  [["--denoise", "51"], "It must be a whole number from -5 to 50."],
  [["--denoise", "1.5"], "It must be a whole number"],
  [["--weight", "0.4"], "It must be a number of at least 0.5."],
  [["--times", "3"], "Allowed choices are 2, 4."],
  [["--masks", "{"], "It must be JSON:"],
])("%j is refused before anything is sent", (args, message) => {
  expect(() => parsed(...args)).toThrow(message);
});

it("a required field is a required flag", () => {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  for (const { options } of fieldOptions(FIELDS, TASK)) for (const option of options) command.addOption(option);
  expect(() => command.parse([], { from: "user" })).toThrow("required option '--style <value>' not specified");
});

it("no field can take the name of a flag that a command has", async () => {
  const { shell } = shellOf();
  const own = new Set(Object.keys(DEFAULT_FIELDS).map((name) => name.replaceAll("_", "-")));
  const flags = programOf(shell)
    .commands.filter((command) => ["submit", "upscale"].includes(command.name()))
    .flatMap((command) => command.options.map(({ long }) => (long ?? "").slice(2)));
  const free = flags.filter((flag) => !own.has(flag.replace(/^no-/, "")) || flag === "webhook-url");
  expect(free.filter((flag) => !RESERVED.has(flag))).toEqual([]);
});

it("the help and the completion of the command name every slider", async () => {
  for (const command of ["submit", "upscale"]) {
    const help = (await run([command, "--help"])).out.join("\n");
    const words = (await run(["__complete", "--", command, "--"])).out.join("\n");
    for (const [name, { minimum, maximum }] of SLIDERS) {
      expect(help).toContain(`--${name.replaceAll("_", "-")} <${minimum}-${maximum}>`);
      expect(words).toContain(`--${name.replaceAll("_", "-")}\t`);
    }
  }
});
