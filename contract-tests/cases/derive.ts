/** Document → cases. Pure: the same document gives the same cases in the same order. */
import type { JsonObject } from "../../openapi/document/types.js";
import type { DocumentSchemas } from "../../openapi/document/validation.js";
import { Bases } from "./base.js";
import type { Case } from "./case.js";
import { type Site, withoutRepeats, withUniqueIds } from "./draft.js";
import { bodyCases } from "./kinds/bodies.js";
import { parameterCases } from "./kinds/parameters.js";
import { responseCases, unacceptableCases, undocumentedCases } from "./kinds/responses.js";
import { routingCases } from "./kinds/routing.js";
import { securityCases } from "./kinds/security.js";
import { wholeCases } from "./kinds/whole.js";
import { modelOf, type OperationModel } from "./model.js";

/** The operations that a client calls: callbacks are the provider's calls and run nowhere here. */
export function callable(document: JsonObject): OperationModel[] {
  return modelOf(document).filter((operation) => !operation.callback);
}

const KINDS: readonly ((site: Site) => Iterable<Case>)[] = [
  wholeCases,
  responseCases,
  parameterCases,
  bodyCases,
  securityCases,
  unacceptableCases,
  undocumentedCases,
];

export function casesOf(document: JsonObject, schemas?: DocumentSchemas): Case[] {
  const bases = new Bases(document, schemas);
  const operations = callable(document);
  const cases = operations.flatMap((operation) => KINDS.flatMap((kind) => [...kind({ bases, operation })]));
  return withUniqueIds(withoutRepeats([...cases, ...routingCases(bases, operations)]));
}
