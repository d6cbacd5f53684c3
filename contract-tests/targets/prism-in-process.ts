/**
 * Prism inside this process, for the many documents of the proof. Its `createServer` is called experimental by its makers,
 * so this is the only file that knows it. Runs use the command ({@link ./prism-process.ts}).
 */
import { createRequire } from "node:module";
import "./one-locale.mjs";
import type { JsonObject } from "../../openapi/document/types.js";
import { mockDocument } from "./prism-document.js";

interface PrismServer {
  listen(port: number, host: string): Promise<string>;
  close(): Promise<void>;
}

interface PrismModules {
  readonly createServer: (operations: unknown, options: unknown) => PrismServer;
  readonly getHttpOperationsFromSpec: (document: unknown) => Promise<readonly unknown[]>;
  readonly configureExtensionsUserProvided: (document: unknown, options: unknown) => Promise<void>;
}

const require = createRequire(import.meta.url);
let modules: PrismModules | undefined;

function load(): PrismModules {
  modules ??= {
    ...(require("@stoplight/prism-http-server") as Pick<PrismModules, "createServer">),
    ...(require("@stoplight/prism-cli/dist/operations.js") as Pick<PrismModules, "getHttpOperationsFromSpec">),
    ...(require("@stoplight/prism-cli/dist/extensions.js") as Pick<PrismModules, "configureExtensionsUserProvided">),
  };
  return modules;
}

const silent = (): void => {};
const logger: Record<string, unknown> = Object.fromEntries(
  ["trace", "debug", "info", "success", "warn", "error", "fatal"].map((level) => [level, silent]),
);
logger.child = () => logger;

export interface InProcessPrism {
  readonly url: string;
  close(): Promise<void>;
}

/** The same settings as the command is started with. @throws when Prism makes nothing of the document. */
export async function prismInProcess(document: JsonObject): Promise<InProcessPrism> {
  const prism = load();
  const own = mockDocument(document);
  const operations = await prism.getHttpOperationsFromSpec(structuredClone(own));
  if (operations.length === 0) throw new Error("No operations found in the document.");
  await prism.configureExtensionsUserProvided(structuredClone(own), { fillProperties: false });
  const server = prism.createServer(operations, {
    cors: false,
    components: { logger },
    config: {
      isProxy: false,
      checkSecurity: true,
      validateRequest: true,
      validateResponse: true,
      errors: false,
      upstreamProxy: undefined,
      mock: { dynamic: false, ignoreExamples: false },
    },
  });
  const url = await server.listen(0, "127.0.0.1");
  return { url, close: () => server.close() };
}
