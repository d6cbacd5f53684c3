/** The mock inside this process, which costs a test a tenth of the command. */
import type { JsonObject } from "../../openapi/document/types.js";
import { exchange } from "../targets/exchange.js";
import { messageOf } from "../targets/message.js";
import { MOCK_KEY } from "../targets/mock.js";
import { prismInProcess } from "../targets/prism-in-process.js";
import type { Target } from "../targets/target.js";

export async function mockInProcess(document: JsonObject): Promise<Target> {
  const { url, close } = await prismInProcess(document);
  return {
    name: "mock",
    ground: "mock",
    url,
    notes: [],
    urlFor: async () => url,
    arranged: (cases) => cases,
    close,
    play: async (one) => {
      const sent = { base: url, prefer: one.prefer, shellKey: MOCK_KEY };
      return { exchange: await exchange(messageOf(one.request, MOCK_KEY, sent)), guessed: false, sent };
    },
  };
}
