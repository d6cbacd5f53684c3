/** Judges a recorded exchange: the request by the document, the response by the checks of the cases. */
import type { Json } from "../../openapi/document/types.js";
import type { Case, Credential, Expectation } from "../cases/case.js";
import type { OperationModel } from "../cases/model.js";
import { schemaFaults } from "../cases/schema-faults.js";
import type { Violation } from "../checks/check.js";
import { judge } from "../checks/checks.js";
import { undeclaredField } from "../checks/form.js";
import { essence } from "../checks/value.js";
import type { Contract } from "../contract.js";
import { type Call, type Finding, requestFindings } from "../requests/findings.js";
import { bodyValue, matched, type Received } from "../requests/read.js";
import type { Recorded } from "./recorded.js";

interface Judged {
  readonly operation: string;
  readonly violations: readonly Violation[];
}

/** Statuses that refuse a request for what it says; other refusals are about the account, the moment or what there is. */
const ABOUT_REQUEST: ReadonlySet<number> = new Set([400, 411, 413, 414, 415, 422, 431]);

export class TrafficJudge {
  readonly #contract: Contract;
  readonly #routes: readonly { readonly operation: OperationModel; readonly pattern: RegExp }[];
  readonly #bases: readonly string[];

  constructor(contract: Contract) {
    this.#contract = contract;
    this.#routes = contract.operations.map((operation) => ({ operation, pattern: patternOf(operation.path) }));
    const { servers } = contract.document;
    const urls = Array.isArray(servers) ? servers.map((each) => String((each as { url?: Json }).url)) : [];
    const paths = urls.map((url) =>
      URL.canParse(url, "http://localhost") ? new URL(url, "http://localhost") : undefined,
    );
    this.#bases = paths.flatMap((url) => url?.pathname.replace(/\/$/, "") || []);
  }

  /** @returns `undefined` where the document does not know the path. */
  judge({ received, exchange, has }: Recorded): Judged | undefined {
    const call = this.#route(received);
    if (!call) return undefined;
    const { operation } = call;
    const known = operation.method.toUpperCase() === received.method;
    const status = "failure" in exchange ? 0 : exchange.status;
    const findings = known ? this.#findings(call, has.request) : [{ place: "method", rule: received.method }];
    const authorized = isAuthorized(operation, received);
    const expect = known ? expectationOf(status, authorized, findings) : ({ is: "no method" } as const);
    const about = ABOUT_REQUEST.has(status) || (status === 404 && !operation.path.includes("{"));
    // A body that was not recorded may have been wrong.
    const opaque = status >= 400 && (!about || !has.request);
    const lenient = findings.length > 0 && known && this.#findings(repaired(call, findings), has.request).length === 0;
    const one = { ...caseOf(operation), expect, opaque, lenient };
    // Browsers ask for leave with OPTIONS: that is between them and the server.
    if (!known && /^(?:OPTIONS|HEAD)$/.test(received.method)) return { operation: operation.id, violations: [] };
    const { violations } = judge(this.#contract, one, { exchange, mock: false, guessed: false });
    const requested = [
      ...findings.map(({ place, rule }) => ({ check: "request", message: `${place} breaks ${rule}` })),
      ...(known && !authorized ? [{ check: "request", message: "no credential where the document wants one" }] : []),
      ...(findings.length === 0 ? this.#undeclared(call) : []),
    ];
    return {
      operation: operation.id,
      violations: [...requested, ...violations.filter(({ check }) => has.response || check !== "body")],
    };
  }

  #route(received: Received): Call | undefined {
    const paths = this.#bases.filter((base) => received.path.startsWith(`${base}/`));
    for (const path of [received.path, ...paths.map((base) => received.path.slice(base.length))]) {
      const there = this.#routes.filter(({ pattern }) => pattern.test(path)).map(({ operation }) => operation);
      const own = there.filter(({ method }) => method.toUpperCase() === received.method);
      // A path without a placeholder is meant rather than one with it.
      const [operation] = (own.length > 0 ? own : there).toSorted(
        (a, b) => a.path.split("{").length - b.path.split("{").length,
      );
      if (operation) return { operation, received, path: pathValues(operation.path, path) };
    }
    return undefined;
  }

  #findings(call: Call, hasBody: boolean): readonly Finding[] {
    const { document, schemas } = this.#contract;
    const found = requestFindings(document, schemas, call);
    return [...new Map(found.map((each) => [`${each.place} ${each.rule}`, each])).values()].filter(
      ({ place }) => hasBody || !place.startsWith("body"),
    );
  }

  /** Fields of the request that the document does not know. */
  #undeclared({ operation, received }: Call): Violation[] {
    const type = essence(received.headers["content-type"]);
    const media = operation.request.find((each) => each.mediaType.toLowerCase() === type);
    if (received.body === "" || media?.schema === undefined) return [];
    const { document, schemas } = this.#contract;
    return schemaFaults(schemas, media.schema, bodyValue(document, media, received), "request")
      .filter(({ check }) => check === undeclaredField.name)
      .map(({ message }) => ({ check: undeclaredField.name, message: `of the request: ${message}` }));
  }
}

function patternOf(template: string): RegExp {
  const steps = template
    .split("/")
    .map((step) => (/^\{.+\}$/.test(step) ? "[^/]+" : step.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")));
  return new RegExp(`^${steps.join("/")}$`);
}

function pathValues(template: string, path: string): Record<string, string> {
  try {
    return matched(template, path) ?? {};
  } catch {
    // Percent signs that encode nothing: the parameter is missing, which is told.
    return {};
  }
}

/** The key itself is not known here: whether one was sent is. */
function isAuthorized({ security }: OperationModel, received: Received): boolean {
  return security.length === 0 || security.some((all) => all.every((one) => carries(received, one)));
}

function carries({ headers, query }: Received, { in: place, name, form }: Credential): boolean {
  if (place === "query") return Boolean(query.get(name));
  const text = (place === "header" ? headers[name] : headers.cookie) ?? "";
  if (place === "cookie") return text.split(/; */).some((each) => each.startsWith(`${name}=`) && each !== `${name}=`);
  return form === "plain" ? text !== "" : new RegExp(`^${form} .`, "i").test(text);
}

function expectationOf(status: number, authorized: boolean, findings: readonly Finding[]): Expectation {
  if (status === 401 || (!authorized && findings.length === 0)) return { is: "unauthorized" };
  const elsewhere = status >= 400 && status < 500 && !ABOUT_REQUEST.has(status);
  if (findings.length === 0 || elsewhere) return { is: "success" };
  const causes = findings.map(({ place, rule }) => ({ place: place.split("."), rule }));
  return { is: "refused", causes, within: false };
}

/** As a lenient provider may read it: base64 without padding or with line breaks, JSON under its older label. */
function repaired(call: Call, findings: readonly Finding[]): Call {
  const { headers, body } = call.received;
  const texts = findings.filter(({ rule, place }) => rule === "format" && place.startsWith("body."));
  const names = new Set(texts.map(({ place }) => place.split(".").at(-1)));
  const whole = (text: string): string => {
    const line = text.replace(/[\r\n]/g, "");
    return /^[A-Za-z0-9+/]+$/.test(line) ? line.padEnd(Math.ceil(line.length / 4) * 4, "=") : line;
  };
  const read = (name: string, value: unknown): unknown =>
    names.has(name) && typeof value === "string" ? whole(value) : value;
  const label = headers["content-type"]?.replace(/^text\/json\b/, "application/json");
  return {
    ...call,
    received: {
      ...call.received,
      headers: label === undefined ? headers : { ...headers, "content-type": label },
      body: names.size === 0 ? body : JSON.stringify(JSON.parse(body, read)),
    },
  };
}

/** What the checks want to know of a case; nothing is sent. */
function caseOf({ id, pointer, method, path }: OperationModel): Case {
  const request = { method, template: path, pathValues: {}, query: "", headers: {}, credentials: [] };
  const expect = { is: "success" } as const;
  return { id, kind: "positive", operation: id, pointer, covers: [], request, expect, mayStart: false };
}
