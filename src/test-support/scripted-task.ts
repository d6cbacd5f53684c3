import { Magnific } from "../client.js";
import type { ContractViolation } from "../http/hooks.js";
import type { MagnificOptions } from "../options.js";
import { TASK_ID } from "./client-context.js";
import { pngOf } from "./png.js";
import { VirtualTime } from "./virtual-time.js";

/** A response as status, JSON body and headers; an error that `fetch` rejects with; or no response until the signal fires. */
export type Step =
  | readonly [status: number, body?: unknown, headers?: Readonly<Record<string, string>>]
  | Error
  | "hang";

/** A response of the status operation. */
export function told(status: string, generated: readonly string[] = [], id: string = TASK_ID): Step {
  return [200, { data: { task_id: id, status, generated } }, { "x-request-id": `ak-${status.toLowerCase()}` }];
}

/** What a user's client makes of a task whose polls are served by script, the last step for ever; time is virtual. */
export async function scripted(
  steps: readonly Step[],
  {
    submitted = "CREATED",
    time = new VirtualTime(),
    ...options
  }: MagnificOptions & { readonly submitted?: string | false; readonly time?: VirtualTime } = {},
) {
  const start = time.now();
  /** When the task was polled, in milliseconds from the submit. */
  const polls: number[] = [];
  const signals: AbortSignal[] = [];
  const violations: ContractViolation[] = [];
  const fetch = (async (_url: string, { method, signal }: RequestInit & { signal: AbortSignal }) => {
    if (method === "POST") return responseOf(told(submitted || "CREATED"), signal);
    signals.push(signal);
    return responseOf(steps[Math.min(polls.push(time.now() - start), steps.length) - 1] ?? "hang", signal);
  }) as typeof globalThis.fetch;
  const onContractViolation = (violation: ContractViolation): void => void violations.push(violation);
  const magnific = new Magnific({ apiKey: "key", fetch, time, retry: 0, rate: false, onContractViolation, ...options });
  const task = submitted === false ? magnific.task(TASK_ID) : await magnific.submit({ image: pngOf(100) });
  return { time, polls, signals, violations, magnific, task };
}

async function responseOf(step: Step, signal: AbortSignal): Promise<Response> {
  if (step instanceof Error) throw step;
  if (step === "hang") return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const [status, body = {}, headers = {}] = step;
  return Response.json(body, { status, headers });
}
