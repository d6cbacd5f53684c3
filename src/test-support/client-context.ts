import { DEFAULT } from "../contract/default.js";
import type { ContractViolation } from "../http/hooks.js";
import type { ClientContext } from "../task/context.js";
import { systemTime } from "../util/time.js";

export const TASK_ID = "046b6c7f-0b8a-43b9-b35d-6489e6daee91";

/** What a client would hand to its parts, with its defaults; a test replaces what it is about. */
export function clientContext(
  replaced: Partial<ClientContext> = {},
): ClientContext & { readonly violations: ContractViolation[] } {
  const violations: ContractViolation[] = [];
  return {
    contract: DEFAULT,
    time: systemTime,
    poll: { first: 2_000, factor: 1.5, max: 10_000, jitter: 0.2, timeout: 1_800_000 },
    results: { hosts: ["magnific.com", "freepik.com"], origin: "https://api.magnific.com", maxBytes: 1024 ** 3 },
    fetch: () => globalThis.fetch,
    fetchTask: () => Promise.reject(new Error("this test reads no task")),
    listTasks: () => Promise.reject(new Error("this test lists no tasks")),
    reportViolation: (violation) => violations.push(violation),
    reportWait: () => {},
    ...replaced,
    violations,
  };
}
