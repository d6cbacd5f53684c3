/** Cases about the way to an operation: credentials, methods, paths, and media types that nobody offers. */
import type { Bases } from "../base.js";
import type { Case, Credential, WireRequest } from "../case.js";
import { idOf, isSafe } from "../id.js";
import { codeOf, type OperationModel } from "../model.js";
import { targetOf } from "../wire.js";

export function securityCases(bases: Bases, operation: OperationModel): Case[] {
  const request = bases.request(operation, bases.of(operation, "smallest"));
  const own = { operation: operation.id, kind: "security" as const, pointer: operation.securityPointer };
  const schemes = operation.security.flat().map((credential) => `/components/securitySchemes/${credential.scheme}`);
  const covers = [...new Set([operation.securityPointer, ...schemes])];
  const make = (name: string, changed: WireRequest, expect: Case["expect"], mayStart: boolean): Case => ({
    ...own,
    id: idOf(operation, "security", name),
    covers,
    request: changed,
    expect,
    mayStart,
  });
  const open = operation.security.length === 0 || operation.security.some((alternative) => alternative.length === 0);
  if (open) return [make("no credential needed", { ...request, credentials: [] }, { is: "success" }, !isSafe(request))];
  const refused = (name: string, changed: Partial<WireRequest>): Case =>
    make(name, { ...request, ...changed }, { is: "unauthorized" }, false);
  const result = [refused("no credential", { credentials: [] })];
  for (const [index, alternative] of operation.security.entries()) {
    const names = alternative.map((credential) => credential.scheme).join(" and ");
    if (index > 0)
      result.push(
        make(`${names} instead`, { ...request, credentials: alternative }, { is: "success" }, !isSafe(request)),
      );
    for (const credential of alternative) {
      const others = alternative.filter((one) => one !== credential);
      const label = operation.security.flat().length > 1 ? `${credential.scheme}, ` : "";
      if (others.length > 0) result.push(refused(`${label}missing`, { credentials: others }));
      result.push(refused(`${label}empty`, { credentials: [...others, { ...credential, form: "empty" }] }));
      for (const [name, wrong] of misplaced(credential)) {
        // Misplaced for one alternative may be in place for another.
        const known = operation.security.some((each) =>
          each.some((one) => one.in === wrong.in && one.name === wrong.name && one.form === wrong.form),
        );
        if (!known) result.push(refused(`${label}${name}`, { credentials: [...others, wrong] }));
      }
    }
  }
  return result;
}

function misplaced(credential: Credential): [string, Credential][] {
  const plain = { ...credential, form: "plain" as const };
  const result: [string, Credential][] = [];
  if (credential.in === "header") {
    const name = credential.name === "authorization" ? "x-contract-key" : `${credential.name}-wrong`;
    result.push(["in the wrong header", { ...plain, name }], ["in the query", { ...plain, in: "query" }]);
  } else result.push(["in a header", { ...plain, in: "header" }]);
  if (credential.form === "plain")
    result.push(["as bearer instead", { ...credential, in: "header", name: "authorization", form: "bearer" }]);
  if (credential.form === "bearer") result.push(["as basic instead", { ...credential, form: "basic" }]);
  if (credential.form === "basic") result.push(["as bearer instead", { ...credential, form: "bearer" }]);
  return result;
}

const METHODS_TRIED = ["GET", "PUT", "POST", "DELETE", "PATCH"];

/** Once per path: every other method, and the paths beside it. */
export function routingCases(bases: Bases, operations: readonly OperationModel[]): Case[] {
  const paths = new Map<string, OperationModel>();
  for (const operation of operations) if (!paths.has(operation.path)) paths.set(operation.path, operation);
  const taken = new Set<string>();
  return [...paths.values()].flatMap((operation) => {
    const { body: _, query: _query, ...bare } = bases.request(operation, bases.of(operation, "smallest"));
    const request: WireRequest = { ...bare, query: "", headers: {} };
    const path = targetOf(request);
    const item = operation.pointer.slice(0, operation.pointer.lastIndexOf("/"));
    const declared = new Set(
      operations.filter((other) => fits(other.path, path)).map((other) => other.method.toUpperCase()),
    );
    const make = (
      name: string,
      pointer: string,
      changed: Partial<WireRequest>,
      expect: Case["expect"],
      mockOnly?: string,
    ): Case => ({
      id: `${operation.path} · routing · ${name}`,
      kind: "routing",
      operation: operation.id,
      pointer,
      covers: [pointer, item],
      request: { ...request, ...changed },
      expect,
      ...(mockOnly === undefined ? {} : { mockOnly }),
      mayStart: false,
    });
    const methods = METHODS_TRIED.filter((method) => !declared.has(method)).map((method) =>
      make(method, item, { method }, { is: "no method" }),
    );
    const siblings = siblingsOf(operation.path).flatMap(([name, template, mockOnly]) => {
      const concrete = targetOf({ ...request, template });
      if (taken.has(template) || operations.some((other) => fits(other.path, concrete))) return [];
      taken.add(template);
      return [make(name, item, { template }, { is: "no path" }, mockOnly)];
    });
    return [...methods, ...siblings];
  });
}

function siblingsOf(path: string): [string, string, string?][] {
  const steps = path.split("/");
  const last = steps.findLastIndex((step) => step !== "" && !step.includes("{"));
  const literal = steps[last];
  const parent = steps.slice(0, -1).join("/");
  const result: [string, string, string?][] = [["path below", `${path}/contract-probe/below`]];
  if (literal !== undefined) {
    result.push(["longer name", steps.with(last, `${literal}-contract`).join("/")]);
    if (literal.length > 1) result.push(["shorter name", steps.with(last, literal.slice(0, -1)).join("/")]);
    if (literal !== literal.toUpperCase()) {
      result.push([
        "upper case",
        steps.with(last, literal.toUpperCase()).join("/"),
        "servers may take paths without regard to case",
      ]);
    }
  }
  if (parent !== "" && !parent.endsWith("}")) result.push(["parent path", parent]);
  return result;
}

/** Whether a concrete path falls under a template. */
export function fits(template: string, path: string): boolean {
  const steps = template.split("/");
  const own = path.split("?")[0]?.split("/") ?? [];
  return (
    steps.length === own.length &&
    steps.every((step, index) => step === own[index] || (step.includes("{") && own[index] !== ""))
  );
}

/** Media types that an answer could come in, were they offered. */
const OFFERED_NOWHERE = ["application/xml", "text/plain", "text/html", "text/x-contract"];

/** For each status, an `Accept` that none of its answers can satisfy. */
export function unacceptableCases(bases: Bases, operation: OperationModel): Case[] {
  const request = bases.request(operation, bases.of(operation, "smallest"));
  // Asked for a type that the status lacks, the mock falls back to a success that has it.
  const fallback = operation.responses.filter((response) => /^2|default/.test(response.status));
  return operation.responses.flatMap((response) => {
    if (response.content.length === 0) return [];
    const offered = [response, ...fallback].flatMap((each) => each.content.map((media) => media.mediaType));
    if (offered.some((type) => type.includes("*")) || fallback.some((each) => each.content.length === 0)) return [];
    return OFFERED_NOWHERE.filter((type) => !offered.includes(type)).map((type) => ({
      id: idOf(operation, response.status, "not offered", type),
      kind: "negotiation" as const,
      operation: operation.id,
      pointer: `${response.pointer}/content`,
      covers: [`${response.pointer}/content`],
      request: { ...request, headers: { ...request.headers, accept: type } },
      prefer: { code: codeOf(response.status, operation.responses) },
      expect: { is: "not acceptable" as const },
      mockOnly: "a provider may answer with what it has",
      mayStart: !isSafe(request),
    }));
  });
}
