/**
 * Contract testers side by side: ours and those that install from npm, each as a command against the same provider. First
 * the provider is correct, for the time; then it has one fault at a time. `--all` plays every fault, which takes long.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Fault, faultsFor } from "../../contract-tests/proof/faults.js";
import { startProvider } from "../../contract-tests/provider/provider.js";
import { ROOT } from "../../openapi/document/load.js";
import type { JsonObject } from "../../openapi/document/types.js";
import { installPeers } from "../lib/peers.js";
import { type Limit, publish, ratio, type Table, whole } from "../lib/report.js";
import { median, medianRatio, rotated } from "../lib/stats.js";
import { HERE, type Played, type Run, runTester, TESTERS, type Tester, writeDocuments } from "./testers.js";

const ROUNDS = 2;
/** Each n-th fault, from the first: chosen by counting, not by hand. */
const EVERY = 9;
/** Milliseconds after which no further fault is begun, and those that a tester has for one. */
const TOGETHER = 170_000;
const ONE = 60_000;

const all = process.argv.includes("--all");
const begin = performance.now();
installPeers(HERE);
const document = JSON.parse(readFileSync(join(ROOT, "generated/openapi.json"), "utf8")) as JsonObject;
const faults = faultsFor({ id: "task_id", status: "status", list: "generated" });
const chosen = faults.filter((_, index) => all || index % EVERY === 0);
/** Far apart ones first, so that a machine without time for all sees one of each sort. */
const spread = chosen
  .map((fault, index) => ({ fault, turn: (index * 4) % 9 }))
  .sort((a, b) => a.turn - b.turn)
  .map(({ fault }) => fault);
const testers = TESTERS.filter(({ missing }) => missing === undefined);
const folder = mkdtempSync(join(tmpdir(), "bench-contract-"));
try {
  writeDocuments(document, folder);
  if (!report(await timed(), await searched())) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

type Runs = ReadonlyMap<Tester, readonly Run[]>;

async function play(tester: Tester, fault: Fault | undefined): Promise<Run> {
  const provider = await startProvider(document, fault ? { fault } : {});
  try {
    return await runTester(tester, provider, folder, ONE);
  } finally {
    await provider.close();
  }
}

/** On the correct provider, one after the other, so that each has the machine for itself. */
async function timed(): Promise<Runs> {
  const runs = new Map<Tester, Run[]>(testers.map((tester) => [tester, []]));
  for (let round = 0; round < ROUNDS; round++)
    for (const tester of rotated(testers, round)) runs.get(tester)?.push(await play(tester, undefined));
  return runs;
}

/** What was played with each fault; `undefined` where there was no time left. */
type Found = ReadonlyMap<Tester, ReadonlyMap<Fault, Played | "no end" | undefined>>;

/** With a fault at a time; time does not count, so the slow one runs beside the others. */
async function searched(): Promise<Found> {
  const found = new Map<Tester, Map<Fault, Played | "no end" | undefined>>(testers.map((each) => [each, new Map()]));
  const slow = testers.filter(({ name }) => /Specmatic/.test(name));
  const quick = testers.filter((tester) => !slow.includes(tester));
  const search = async (lane: readonly Tester[]): Promise<void> => {
    for (const fault of spread)
      for (const tester of lane) {
        const over = !all && performance.now() - begin > TOGETHER;
        found.get(tester)?.set(fault, over ? undefined : ((await play(tester, fault)).played ?? "no end"));
      }
  };
  await Promise.all([search(quick), search(slow)]);
  return found;
}

function report(runs: Runs, found: Found): boolean {
  const [ours] = testers;
  const times = (tester: Tester | undefined): number[] =>
    (tester === undefined ? [] : (runs.get(tester) ?? [])).map(({ milliseconds }) => milliseconds);
  const correct = (tester: Tester): Played => {
    const all = (runs.get(tester) ?? []).flatMap(({ played }) => (played === undefined ? [] : [played]));
    // What fails now and then does not count as passed.
    return { cases: median(all.map(({ cases }) => cases)), passed: Math.min(...all.map(({ passed }) => passed)) };
  };
  const isFound = (tester: Tester, fault: Fault): boolean | undefined => {
    const played = found.get(tester)?.get(fault);
    return played === undefined || played === "no end" ? undefined : played.passed < correct(tester).passed;
  };
  const row = (tester: Tester): string[] => {
    const { cases, passed } = correct(tester);
    const seconds = median(times(tester)) / 1000;
    const verdicts = chosen.map((fault) => isFound(tester, fault)).filter((each) => each !== undefined);
    return [
      tester.name,
      ratio(medianRatio(times(tester), times(ours))),
      ratio(seconds),
      whole(cases),
      whole(cases / seconds),
      whole(cases - passed),
      `${verdicts.filter(Boolean).length} of ${verdicts.length}`,
    ];
  };
  const table: Table = {
    title: "Contract: ours beside the testers that install from npm",
    about: `Each as one command, start included, on the same document (vendored page and overlays; for Dredd a path parameter has another name) and the same provider; medians of ${ROUNDS} interleaved rounds. "False alarms" are cases that fail on the correct provider. A fault is found when fewer cases pass than with the correct provider; played were ${all ? "all" : `each ${EVERY}th`} of ${faults.length}.`,
    columns: ["tester", "time ×ours", "wall s", "cases", "cases/s", "false alarms", "faults found"],
    rows: testers.map(row),
  };
  const word = (tester: Tester, fault: Fault): string => {
    const verdict = isFound(tester, fault);
    if (verdict !== undefined) return verdict ? "found" : "–";
    return found.get(tester)?.get(fault) === "no end" ? "no end" : "not run";
  };
  const each: Table = {
    title: "Fault by fault",
    about: `What a provider does wrong, and who sees it. "No end": the tester was stopped after ${ONE / 1000} s, or ended without a result.`,
    columns: ["fault", ...testers.map(({ name }) => name)],
    rows: chosen.map((fault) => [`${fault.group}: ${fault.what}`, ...testers.map((tester) => word(tester, fault))]),
  };
  const mine = ours === undefined ? undefined : correct(ours);
  const seen = (ours === undefined ? [] : chosen.map((fault) => isFound(ours, fault))).filter(
    (one) => one !== undefined,
  );
  const count = (tester: Tester): number => chosen.filter((fault) => isFound(tester, fault)).length;
  const best = Math.max(0, ...testers.slice(1).map(count));
  const limits: Limit[] = [
    {
      what: "ours passes the correct provider",
      measured: `${mine?.passed} of ${mine?.cases}`,
      holds: mine !== undefined && mine.cases > 0 && mine.passed === mine.cases,
    },
    {
      what: "ours finds every fault it was given",
      measured: `${seen.filter(Boolean).length} of ${seen.length}; the best peer ${best}`,
      holds: seen.length > 0 && seen.every(Boolean),
    },
  ];
  const late = testers.flatMap((tester) => {
    const missed = chosen.filter((fault) => isFound(tester, fault) === undefined).length;
    return missed === 0
      ? []
      : [`${tester.name}: ${missed} of ${chosen.length} faults, since the time for them was over`];
  });
  const notRun = [
    ...TESTERS.flatMap(({ name, missing }) => (missing === undefined ? [] : [`${name}: ${missing}`])),
    ...late,
  ];
  const data = testers.map((tester) => ({
    tester: tester.name,
    runs: (runs.get(tester) ?? []).map(({ milliseconds, played }) => ({ milliseconds, ...played })),
    faults: chosen.map((fault) => ({ fault: fault.id, played: found.get(tester)?.get(fault) ?? null })),
  }));
  return publish({ name: "contract", tables: [table, each], limits, notRun, data });
}
