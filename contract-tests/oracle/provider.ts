/** Case × exchange with a provider → verdict. A provider has a life of its own: schema instead of equality, and some things cannot be known. */
import type { Case } from "../cases/case.js";
import { type OperationModel, responseFor } from "../cases/model.js";
import type { Contract } from "../contract.js";
import type { Exchange } from "../targets/exchange.js";
import { type Answer, declaredAnswer } from "./answer.js";
import type { Judgement, Violation } from "./verdict.js";

/** @param guessed the path names something that the provider may not know. */
export function judgeProvider(contract: Contract, one: Case, exchange: Exchange, guessed: boolean): Judgement {
  if (!exchange.answered)
    return { violations: [{ check: "transport", message: `${exchange.failure}: ${exchange.detail}` }] };
  const operation = contract.operation(one.operation);
  const { status } = exchange;
  const { expect } = one;
  if (expect.is === "no method" || expect.is === "no path") return { violations: unrouted(exchange) };
  const body = declared(contract, operation, exchange);
  if (expect.is === "unauthorized") {
    const right =
      status === 401 || (status === 403 && operation.responses.some((response) => response.status === "403"));
    return {
      violations: right
        ? body
        : [{ check: accepted(status), message: `is answered with ${status}, expected 401` }, ...body],
    };
  }
  // What the account or the moment does not allow says nothing about the request; in what form it is said can be judged.
  if (status === 402 || status === 429) {
    return body.length > 0
      ? { violations: body }
      : { violations: [], untestable: status === 402 ? "the account has no credits" : "the provider's rate limit" };
  }
  if (status === 401)
    return {
      violations: [{ check: "status", message: "is 401, although the key was given where the document says" }, ...body],
    };
  if (expect.is === "success" || expect.is === "answer")
    return { violations: success(operation, status, body, one.opaque === true || guessed) };
  return { violations: refused(one, status, body) };
}

function accepted(status: number): Violation["check"] {
  return status >= 200 && status < 300 ? "accepted" : "status";
}

/** The answer against what is declared for its status. */
function declared(contract: Contract, operation: OperationModel, answer: Answer): Violation[] {
  const response = responseFor(operation.responses, answer.status);
  if (!response) {
    const redirect =
      answer.status >= 300 && answer.status < 400
        ? `; it points to ${answer.headers.location ?? "nowhere"} and was not followed`
        : "";
    return [{ check: "status", message: `is ${answer.status}, which is not declared${redirect}` }];
  }
  return declaredAnswer(contract, response, answer, { mock: false });
}

function success(operation: OperationModel, status: number, body: readonly Violation[], lenient: boolean): Violation[] {
  if (status >= 200 && status < 300) return [...body];
  // A made-up image or id may be refused, in declared form.
  const mayRefuse = lenient && status >= 400 && status < 500;
  const noSuccess = !operation.responses.some(
    (response) => /^2/.test(response.status) || response.status === "default",
  );
  if (mayRefuse || (noSuccess && status < 400)) return [...body];
  return [{ check: "status", message: `is ${status}, expected a success` }, ...body];
}

/** Statuses that refuse something other than what the request says. */
const ABOUT_OTHERS = new Set([403, 404, 405, 406, 408]);

function refused(one: Case, status: number, body: readonly Violation[]): Violation[] {
  if (status >= 200 && status < 300) return [{ check: "accepted", message: `was accepted with ${status}` }];
  const causes = one.expect.is === "refused" ? one.expect.causes : [];
  const aboutPath = causes.some((cause) => cause.place[0] === "path");
  const right = status >= 400 && status < 500 && (!ABOUT_OTHERS.has(status) || (status === 404 && aboutPath));
  return right ? [...body] : [{ check: "status", message: `is ${status}, expected a refusal of the request` }, ...body];
}

function unrouted({ status }: Answer): Violation[] {
  if (status >= 400 && status < 500) return [];
  return [
    {
      check: status < 300 ? "accepted" : "routing",
      message: `is answered with ${status}, though the document has no such operation`,
    },
  ];
}
