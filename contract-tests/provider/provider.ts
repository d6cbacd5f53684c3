/** A correct little provider for any document: it validates, keeps the ids it gave out, and answers in declared form. */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { JsonObject } from "../../openapi/document/types.js";
import { type Answer, type Behaviour, behaviourOf, type Call } from "./behaviour.js";
import { receive } from "./read-request.js";

export interface ProviderFault {
  readonly id: string;
  readonly what: string;
  /** Changes one step. */
  readonly change?: (behaviour: Behaviour) => Partial<Behaviour>;
  /** Changes the document that the provider goes by. */
  readonly document?: (document: JsonObject) => void;
  /** Writes an answer in a way of its own. */
  readonly write?: (response: ServerResponse, answer: Answer, call: Call) => void;
}

export interface RunningProvider {
  readonly url: string;
  readonly key: string;
  /** Answers given so far, by operation and status. */
  readonly counts: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

export interface ProviderOptions {
  readonly key?: string;
  readonly fault?: ProviderFault;
}

export async function startProvider(document: JsonObject, options: ProviderOptions = {}): Promise<RunningProvider> {
  const { fault, key = "contract-key" } = options;
  const own = structuredClone(document);
  fault?.document?.(own);
  const correct = behaviourOf(own, key);
  const behaviour: Behaviour = { ...correct, ...fault?.change?.(correct) };
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    receive(request)
      .then((received) => {
        const call = behaviour.route(received);
        if (typeof call === "string") {
          write(response, behaviour.unrouted(call, received));
          return;
        }
        const answer = behaviour.finish(answerOf(behaviour, call), call);
        const label = `${call.operation.id} ${answer.status}`;
        counts.set(label, (counts.get(label) ?? 0) + 1);
        if (fault?.write) fault.write(response, answer, call);
        else write(response, answer);
      })
      .catch(() => response.destroy());
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

function answerOf(behaviour: Behaviour, call: Call): Answer {
  if (!behaviour.authenticated(call)) return behaviour.refusal(call, [401]);
  const [finding] = behaviour.findings(call);
  if (finding) return behaviour.refusal(call, finding.rule === "media type" ? [415, 422, 400] : [422, 400]);
  return behaviour.exists(call) ? behaviour.success(call) : behaviour.refusal(call, [404]);
}

export function write(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, headers);
  response.end(body);
}
