import { DEFAULT } from "../contract/default.js";
import type { CallEnvironment } from "../http/call.js";
import { rateLimiter } from "../http/rate-limiter.js";
import { type MagnificOptions, settingsOf } from "../options.js";

export const TASK_ID = "046b6c7f-0b8a-43b9-b35d-6489e6daee91";

/** What a client hands to its parts, with its defaults; none of them sends anything. */
export function environmentOf(options: MagnificOptions = {}): CallEnvironment {
  const settings = settingsOf({ apiKey: "key", ...options });
  const api = (): never => {
    throw new Error("this test sends nothing");
  };
  return { settings, limiter: rateLimiter(settings.time, settings.rate), api, contract: DEFAULT };
}
