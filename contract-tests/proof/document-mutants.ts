/** Puts each mutant of the vendored document behind the mock: which case sees it, or does only the lock? */
import { effectiveDocument, type VendoredDocument } from "../../openapi/document/load.js";
import type { Overlay } from "../../openapi/document/overlay.js";
import type { Case } from "../cases/case.js";
import { judge } from "../checks/checks.js";
import { Contract } from "../contract.js";
import { factsIn, lockViolations } from "../lock/lock.js";
import { findingsIn } from "../run/findings.js";
import { type Known, sortKnown } from "../run/known.js";
import { exchange } from "../targets/exchange.js";
import { messageOf } from "../targets/message.js";
import { MOCK_KEY } from "../targets/mock.js";
import { prismInProcess } from "../targets/prism-in-process.js";
import type { Mutant } from "./mutants.js";

export interface MutantResult {
  readonly id: string;
  readonly operator: string;
  readonly pointer: string;
  /** `case`: an exchange differs. `lock`: nothing but the lock differs. */
  readonly killed: "case" | "lock" | "no";
  /** Id of the first case that saw it, and what it reported. */
  readonly by?: string;
  readonly said?: string;
}

const AT_ONCE = 6;

export class MutantRun {
  readonly #contract: Contract;
  readonly #vendored: readonly VendoredDocument[];
  readonly #overlays: readonly Overlay[];
  readonly #known: Known;

  constructor(vendored: readonly VendoredDocument[], overlays: readonly Overlay[], known: Known) {
    this.#contract = new Contract(vendored, overlays);
    this.#vendored = vendored;
    this.#overlays = overlays;
    this.#known = { ...known, findings: findingsIn(this.#contract.document, known.findings) };
  }

  /** @param name which vendored document the mutant stands for. */
  async play(mutant: Mutant, name: string): Promise<MutantResult> {
    const { id, operator, pointer } = mutant;
    const documents = this.#vendored.map((each) =>
      each.name === name ? { ...each, document: mutant.document } : each,
    );
    const seen = await this.#firstViolation(documents, pointer);
    if (seen) return { id, operator, pointer, killed: "case", ...seen };
    const locked = lockViolations(documents, factsIn(this.#vendored)).length > 0;
    return { id, operator, pointer, killed: locked ? "lock" : "no" };
  }

  async #firstViolation(
    documents: readonly VendoredDocument[],
    pointer: string,
  ): Promise<{ by: string; said: string } | undefined> {
    const { document } = effectiveDocument(documents, this.#overlays);
    const prism = await prismInProcess(document).catch((error: unknown) => String(error));
    if (typeof prism === "string") return { by: "the mock's start", said: prism };
    try {
      const playable = this.#contract.cases.filter(({ providerOnly }) => providerOnly === undefined);
      const cases = nearestFirst(playable, pointer);
      for (let start = 0; start < cases.length; start += AT_ONCE) {
        const found = await Promise.all(
          cases.slice(start, start + AT_ONCE).map((one) => this.#violation(prism.url, one)),
        );
        const first = found.find((each) => each !== undefined);
        if (first) return first;
      }
      return undefined;
    } finally {
      await prism.close();
    }
  }

  async #violation(base: string, one: Case): Promise<{ by: string; said: string } | undefined> {
    const message = messageOf(one.request, MOCK_KEY, { base, prefer: one.prefer });
    const played = { exchange: await exchange(message), mock: true, guessed: false };
    const { violations } = judge(this.#contract, one, played);
    if (violations.length === 0) return undefined;
    const result = { case: one, column: "mock", outcome: "violates" as const, violations };
    const [sorted] = sortKnown(this.#contract, [result], [], this.#known).results;
    const [first] = sorted?.outcome === "violates" ? sorted.violations : [];
    return first && { by: one.id, said: `${first.check}: ${first.message}` };
  }
}

/** The cases about the mutated place first: most mutants are seen by one of them. */
function nearestFirst(cases: readonly Case[], pointer: string): readonly Case[] {
  const near = (one: Case): number => {
    const related = [one.pointer, ...one.covers].map((each) => shared(each, pointer));
    return Math.max(0, ...related);
  };
  return cases
    .map((one) => ({ one, near: near(one) }))
    .sort((a, b) => b.near - a.near)
    .map(({ one }) => one);
}

function shared(a: string, b: string): number {
  if (a === b) return 1000;
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return a.startsWith("/components") === b.startsWith("/components") ? length : 0;
}
