/** What is known about mutants of the provider's page. */
import type { Equivalent, LockOnly } from "../proof/score.js";

export const EQUIVALENTS: readonly Equivalent[] = [
  {
    id: "flip nullable at /components/schemas/task-detail/allOf/1/nullable",
    reason: "The other branch of the allOf (task) is not nullable, so null stays refused.",
  },
  {
    id: "drop type at /components/schemas/task-detail/allOf/1/type",
    reason: "The other branch of the allOf (task) is an object already.",
  },
  {
    id: "drop type at /components/schemas/task/properties/status/type",
    reason: "Every value of the enum next to it is a string.",
  },
];

export const LOCK_ONLY: readonly LockOnly[] = [
  {
    operator: /default$/,
    pointer: /\/default$/,
    reason: "A default is applied by the provider; no response repeats it.",
  },
  {
    operator: /example/,
    pointer: /\/components\/schemas\/(?:task|task-detail|.*\/properties\/[^/]+)\/example/,
    reason:
      "An example of a nested schema or property, shadowed by the one of the schema around it: no request reaches it.",
  },
  {
    operator: /^(?:not required|required|add required)/,
    pointer: /^\/components\/schemas\/.*\/required/,
    reason: "The mock generates every property of a response, required or not.",
  },
  {
    operator: /^close object/,
    pointer: /\/additionalProperties$/,
    reason: "The mock sends no undeclared field in its responses, so an object closed to them looks the same.",
  },
  {
    operator: /^drop (?:type|items)$/,
    pointer: /\/(?:type|items)$/,
    reason: "The mock generates from the other keywords what the dropped one said.",
  },
  {
    operator: /^add format$/,
    pointer: /\/format$/,
    reason: "A string of a format is still the string that was declared.",
  },
  {
    operator: /^add property$/,
    pointer: /\/properties$/,
    reason: "A new optional field of an open request object: what does not name it cannot notice it.",
  },
  {
    operator: /^vendor media type$/,
    pointer: /\/requestBody\//,
    reason: "The mock takes any +json media type for the declared one (a known defect of it).",
  },
  {
    operator: /^flip nullable$/,
    pointer: /request-content_2\/nullable$/,
    reason: "To the mock a body of null is an absent body, and an absent one is refused before its schema is read.",
  },
];
