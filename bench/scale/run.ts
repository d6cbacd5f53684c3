/**
 * How the way from the page to the client scales: a quarter, half and all of a document of the provider's size, each step
 * in a process of its own. A step's figure holds the reading of the document; the curve is what counts.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Limit, publish, ratio, type Table, whole } from "../lib/report.js";

const PARTS = ["0.25", "0.5", "1"] as const;
const STEPS = [
  ["read", "read and checked"],
  ["compare", "compared with a changed copy"],
  ["generate", "generate: types and validators"],
  ["types", "generate, and type-check it"],
  ["cases", "contract cases derived"],
  ["vendor", "npm run vendor, the whole command"],
] as const;
const WORKER = fileURLToPath(new URL("worker.ts", import.meta.url));

type Figures = Readonly<Record<string, number>>;

async function run(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "scale-"));
  let contract: Figures = {};
  const data: Record<string, Record<string, Figures>> = {};
  try {
    for (const part of PARTS) {
      const made: Record<string, Figures> = { make: await measure("make", part, folder) };
      for (const [step] of STEPS) made[step] = await measure(step, part, folder);
      data[part] = made;
    }
    contract = await measure("contract", "1", folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const of = (part: string, step: string, figure: string): number => data[part]?.[step]?.[figure] ?? Number.NaN;
  const table: Table = {
    title: "From the document to the client",
    about: `Seconds on the clock, seconds of CPU time, and MB at the peak of all processes together, by the size of the document: ${PARTS.map((part) => `${whole(of(part, "read", "operations"))} operations in ${ratio(of(part, "make", "bytes") / 1e6)} MB`).join(", ")}. The last column is the CPU time for the whole over that for half: 2 is linear, less means that a fixed part weighs.`,
    columns: [
      "step",
      ...PARTS.flatMap((part) => [`${whole(of(part, "read", "operations"))} ops s`, "CPU s", "MB"]),
      "×",
    ],
    rows: STEPS.map(([step, title]) => [
      title,
      ...PARTS.flatMap((part) => [
        ratio(of(part, step, "milliseconds") / 1000),
        ratio(of(part, step, "cpu")),
        whole(of(part, step, "peak") / 1e6),
      ]),
      ratio(of("1", step, "cpu") / of("0.5", step, "cpu")),
    ]),
  };
  const { cases = 0, conforms = 0, known = 0, violates = 0, others = 0, slices = 0 } = contract;
  const { milliseconds = 0, cpu = 0, peak = 0 } = contract;
  const played: Table = {
    title: "The whole contract against the mock",
    about: `Prism gets the document in ${slices} slices, one after the other: with the whole in one piece its time for a request grows with the operations, which is the one cost here that is not linear. Known are defects of the mock itself.`,
    columns: ["cases", "conform", "known", "violate", "s", "CPU s", "MB"],
    rows: [[...[cases, conforms, known, violates, milliseconds / 1000, cpu, peak / 1e6].map(whole)]],
  };
  const seconds = of("1", "generate", "milliseconds") / 1000;
  const limits: Limit[] = [
    { what: "generate the whole in under 30 s", measured: `${ratio(seconds)} s`, holds: seconds < 30 },
    {
      what: "the generated types compile",
      measured: `${of("1", "types", "errors")} errors`,
      holds: of("1", "types", "errors") === 0,
    },
    {
      what: "contract cases for every operation",
      measured: `${whole(of("1", "cases", "cases"))} cases, ${whole(of("1", "cases", "met"))} of ${whole(of("1", "cases", "operations"))} operations`,
      holds: of("1", "cases", "met") === of("1", "read", "operations"),
    },
    {
      what: "the whole contract in 10 minutes",
      measured: `${whole(milliseconds / 1000)} s`,
      holds: milliseconds < 600_000,
    },
    {
      what: "the whole contract is green",
      measured: `${whole(violates)} of ${whole(cases)} cases are not`,
      holds: cases > 0 && violates + others === 0,
    },
    { what: "in 1 GB: the whole contract", measured: `${whole(peak / 1e6)} MB`, holds: peak < 1e9 },
    ...STEPS.map(([step, title]) => {
      const times = of("1", step, "cpu") / of("0.5", step, "cpu");
      return { what: `about linear: ${title}`, measured: `×${ratio(times)} for twice the size`, holds: times < 2.7 };
    }),
    // The command is several programs one in the other; what it needs is in the table.
    ...STEPS.filter(([step]) => step !== "vendor").map(([step, title]) => {
      const peak = of("1", step, "peak") / 1e6;
      return { what: `in 1 GB: ${title}`, measured: `${whole(peak)} MB`, holds: peak < 1000 };
    }),
  ];
  return publish({ name: "scale", tables: [table, played], limits, data: { ...data, contract } });
}

async function measure(step: string, part: string, folder: string): Promise<Figures> {
  const child = spawn(process.execPath, ["--import", "tsx", WORKER, step, part, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`The step "${step}" failed at part ${part} (exit ${code}).`);
  return JSON.parse(text) as Figures;
}

process.exitCode = (await run()) ? 0 : 1;
