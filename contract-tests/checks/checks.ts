/** Every check of an exchange, in the order in which failures are reported. */
import type { Case } from "../cases/case.js";
import { responseFor } from "../cases/model.js";
import type { Contract } from "../contract.js";
import type { Exchange } from "../targets/exchange.js";
import type { Check, Subject, Violation } from "./check.js";
import { accepted, expectedOf, isRouting, routing, status, statusFailure, untestable } from "./expected.js";
import { body, encoding, equality, headers, mediaType, schema, undeclaredField, unpopulated } from "./form.js";
import { cause, ownViolation } from "./mock.js";

export const CHECKS: readonly Check[] = [
  accepted,
  routing,
  status,
  mediaType,
  encoding,
  body,
  schema,
  undeclaredField,
  headers,
  equality,
  unpopulated,
  cause,
  ownViolation,
];

/** The names of those that look at what came, not at whether it was right to send it. */
export const ABOUT_RESPONSES: ReadonlySet<string> = new Set(
  [mediaType, encoding, body, schema, undeclaredField, headers, equality, unpopulated].map(({ name }) => name),
);

/** What the names of violations mean that no exchange shows, or that another column reports. */
const OTHERS: Readonly<Record<string, string>> = {
  transport: "The server completes an HTTP response within the limits of time and size.",
  example: "Each example of the document satisfies its own schema.",
  lock: "The vendored documents say what the lock says; `-- --accept` takes a change on.",
  document: "Documents, overlays and the list of what is known fit together.",
  flow: "What one call answers holds for the calls after it: ids, the list, whose it is.",
  sent: "The client sends what the case says, once.",
  "typed result": "The client returns or throws what the response says.",
};

export function meaningOf(check: string): string {
  return CHECKS.find(({ name }) => name === check)?.holds ?? OTHERS[check] ?? "";
}

export interface Judgement {
  readonly violations: readonly Violation[];
  /** Why the exchange says nothing about the case. */
  readonly untestable?: string | undefined;
}

export interface Played {
  readonly exchange: Exchange;
  readonly mock: boolean;
  readonly guessed: boolean;
}

export function judge(contract: Contract, one: Case, { exchange, mock, guessed }: Played): Judgement {
  if ("failure" in exchange)
    return { violations: [{ check: "transport", message: `${exchange.failure}: ${exchange.detail}` }] };
  const operation = contract.operation(one.operation);
  const bare: Subject = { contract, case: one, operation, response: exchange, mock, guessed };
  // Of a mock only the expected response is looked at; what a provider sends instead is checked as well.
  const expected = statusFailure(bare) === undefined ? expectedOf(bare)?.declared : undefined;
  const declared = mock ? expected : responseFor(operation.responses, exchange.status);
  const subject: Subject = { ...bare, declared: isRouting(one) ? undefined : declared };
  const violations = CHECKS.flatMap((check) =>
    check
      .run(subject)
      .map((found): Violation => ({ check: check.name, ...(typeof found === "string" ? { message: found } : found) })),
  );
  return { violations, untestable: violations.length === 0 ? untestable(subject) : undefined };
}
