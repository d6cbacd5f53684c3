/** Lints a document by Redocly's strictest rules and by our own, and tells known flaws from new ones. */
import { createConfig, lintFromString } from "@redocly/openapi-core";
import type { VendoredDocument } from "../../openapi/document/load.js";
import { modelOf } from "../cases/model.js";
import {
  contradictions,
  requestExamples,
  shadowed,
  templatesLeft,
  unknownInputs,
  unreachable,
} from "./example-rules.js";
import type { Flaw } from "./flaw.js";
import { KNOWN_FLAWS, type KnownFlaw } from "./known-flaws.js";
import {
  borrowedSchemas,
  componentNames,
  emptyErrors,
  laxInputs,
  orphanIds,
  responseHeaders,
  undeclaredStatuses,
  unknownDescriptions,
} from "./shape-rules.js";

export function ownFlaws({ document }: Pick<VendoredDocument, "document">): Flaw[] {
  const operations = modelOf(document).filter((operation) => !operation.callback);
  return [
    ...unknownInputs(document, operations),
    ...templatesLeft(document),
    ...unknownDescriptions(operations, document),
    ...requestExamples(operations, document),
    ...contradictions(document),
    ...shadowed(operations, document),
    ...unreachable(operations, document),
    ...componentNames(document),
    ...borrowedSchemas(operations, document),
    ...undeclaredStatuses(operations),
    ...responseHeaders(operations),
    ...emptyErrors(operations, document),
    ...laxInputs(operations, document),
    ...orphanIds(operations, document),
  ];
}

/** Redocly's `recommended-strict`, where every warning is an error. */
export async function redoclyFlaws({ name, text }: Pick<VendoredDocument, "name" | "text">): Promise<Flaw[]> {
  const config = await createConfig({ extends: ["recommended-strict"] });
  const problems = await lintFromString({ source: text, absoluteRef: `/${name}`, config });
  return problems.map(({ ruleId, message, location }) => ({
    rule: `redocly/${ruleId}`,
    pointer: (location[0]?.pointer ?? "").replace(/^#/, ""),
    message,
  }));
}

export interface Diagnosis {
  readonly known: readonly { readonly flaw: Flaw; readonly reason: string }[];
  readonly fresh: readonly Flaw[];
  /** Listed as known, and not there any more. */
  readonly vanished: readonly KnownFlaw[];
}

export function diagnosisOf(flaws: readonly Flaw[], list: readonly KnownFlaw[] = KNOWN_FLAWS): Diagnosis {
  const matches = (flaw: Flaw, entry: KnownFlaw): boolean =>
    entry.rule === flaw.rule &&
    entry.pointers.includes(flaw.pointer) &&
    (entry.says === undefined || entry.says.some((part) => flaw.message.includes(part)));
  const known: { flaw: Flaw; reason: string }[] = [];
  const fresh: Flaw[] = [];
  for (const flaw of flaws) {
    const entry = list.find((each) => matches(flaw, each));
    if (entry) known.push({ flaw, reason: entry.reason });
    else fresh.push(flaw);
  }
  const vanished = list.flatMap((entry): KnownFlaw[] => {
    const pointers = entry.pointers.filter(
      (pointer) => !flaws.some((flaw) => matches(flaw, entry) && flaw.pointer === pointer),
    );
    const says = entry.says?.filter(
      (part) => !flaws.some((flaw) => matches(flaw, entry) && flaw.message.includes(part)),
    );
    if (pointers.length > 0) return [{ ...entry, pointers }];
    return says && says.length > 0 ? [{ ...entry, says }] : [];
  });
  return { known, fresh, vanished };
}
