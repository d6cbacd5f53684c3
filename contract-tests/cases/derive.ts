/** Document → cases. Pure: the same document gives the same cases in the same order. */
import type { JsonObject } from "../../openapi/document/types.js";
import type { DocumentSchemas } from "../../openapi/document/validation.js";
import { Bases } from "./base.js";
import type { Case } from "./case.js";
import { withoutRepeats, withUniqueIds } from "./id.js";
import { routingCases, securityCases, unacceptableCases } from "./kinds/access.js";
import { answerCases, undocumentedCases } from "./kinds/answers.js";
import { bodyCases } from "./kinds/bodies.js";
import { parameterCases } from "./kinds/parameters.js";
import { wholeCases } from "./kinds/whole.js";
import { modelOf, type OperationModel } from "./model.js";

/** The operations that a client calls: callbacks are the provider's calls and run nowhere here. */
export function callable(document: JsonObject): OperationModel[] {
  return modelOf(document).filter((operation) => !operation.callback);
}

export function casesOf(document: JsonObject, schemas?: DocumentSchemas): Case[] {
  const bases = new Bases(document, schemas);
  const operations = callable(document);
  const cases = operations.flatMap((operation) => [
    ...wholeCases(bases, operation),
    ...answerCases(bases, operation),
    ...parameterCases(bases, operation),
    ...bodyCases(bases, operation),
    ...securityCases(bases, operation),
    ...unacceptableCases(bases, operation),
    ...undocumentedCases(bases, operation),
  ]);
  return withUniqueIds(withoutRepeats([...cases, ...routingCases(bases, operations)]));
}
