/** A correct little provider for any document: it validates, keeps the ids it gave out, and responds in declared form. */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import type { JsonObject } from "../../../openapi/document/types.js";
import type { Call } from "../../requests/findings.js";
import { receive } from "../../requests/read.js";
import { type Behaviour, behaviourOf, type Reply } from "./behaviour.js";

export interface ProviderFault {
  readonly id: string;
  readonly what: string;
  /** Changes one step. */
  readonly change?: (behaviour: Behaviour, key: string) => Partial<Behaviour>;
  /** Changes the document that the provider goes by. */
  readonly document?: (document: JsonObject) => void;
  /** Writes a response in a way of its own. */
  readonly write?: (response: ServerResponse, reply: Reply) => void;
}

export interface RunningProvider {
  readonly url: string;
  readonly key: string;
  /** Responses so far, by operation and status. */
  readonly counts: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

export interface ProviderOptions {
  readonly key?: string;
  readonly fault?: ProviderFault | undefined;
}

export async function startProvider(document: JsonObject, options: ProviderOptions = {}): Promise<RunningProvider> {
  const { fault, key = "contract-key" } = options;
  const own = structuredClone(document);
  fault?.document?.(own);
  const correct = behaviourOf(own, key);
  const behaviour: Behaviour = { ...correct, ...fault?.change?.(correct, key) };
  const counts = new Map<string, number>();
  const server = createServer(async (request, response) => {
    try {
      const received = await receive(request);
      const call = behaviour.route(received);
      if (typeof call === "string") {
        write(response, behaviour.unrouted(call));
        return;
      }
      const reply = behaviour.finish(replyTo(behaviour, call), call);
      const label = `${call.operation.id} ${reply.status}`;
      counts.set(label, (counts.get(label) ?? 0) + 1);
      (fault?.write ?? write)(response, reply);
    } catch {
      response.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    key,
    counts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function replyTo(behaviour: Behaviour, call: Call): Reply {
  if (!behaviour.authenticated(call)) return behaviour.refusal(call, [401]);
  const [finding] = behaviour.findings(call);
  if (finding) return behaviour.refusal(call, finding.rule === "media type" ? [415, 422, 400] : [422, 400]);
  return behaviour.exists(call) ? behaviour.success(call) : behaviour.refusal(call, [404]);
}

function write(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, headers);
  response.end(headers["content-encoding"] === "gzip" ? gzipSync(body) : body);
}
