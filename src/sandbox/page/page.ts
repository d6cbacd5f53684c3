/** The page at `/`. */

import type { IncomingMessage } from "node:http";
import type { Time } from "../../time.js";
import { type Answer, Refusal } from "../answer.js";
import type { Store } from "../store.js";
import type { Tasks } from "../tasks.js";

export interface PageContext {
  readonly tasks: Tasks;
  readonly store: Store;
  readonly time: Time;
  readonly origin: string;
}

export async function answerPage(_context: PageContext, _url: URL, _request: IncomingMessage): Promise<Answer> {
  throw new Refusal(404, "Not found");
}
