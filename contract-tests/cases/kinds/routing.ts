/** Cases about methods and paths that the document does not declare: once for each path. */
import type { Bases } from "../base.js";
import type { Case, WireRequest } from "../case.js";
import { caseOf, pathItemOf } from "../draft.js";
import type { OperationModel } from "../model.js";
import { targetOf } from "../wire.js";

const METHODS_TRIED = ["GET", "PUT", "POST", "DELETE", "PATCH"];

export function* routingCases(bases: Bases, operations: readonly OperationModel[]): Generator<Case> {
  const paths = new Set<string>();
  const tried = new Set<string>();
  for (const operation of operations) {
    if (paths.has(operation.path)) continue;
    paths.add(operation.path);
    // What is wrong with a body does not matter without one.
    const { body: _, unfit: __, ...bare } = bases.request(operation, bases.of(operation, "smallest"));
    const request: WireRequest = { ...bare, query: "", headers: {} };
    const pointer = pathItemOf(operation);
    const make = (name: string, changed: Partial<WireRequest>, expect: Case["expect"], mockOnly?: string): Case =>
      caseOf(operation, {
        label: ["routing", name],
        kind: "routing",
        pointer,
        request: { ...request, ...changed },
        expect,
        mockOnly,
      });
    const here = operations.filter((other) => fits(other.path, targetOf(request)));
    for (const method of METHODS_TRIED)
      if (!here.some((other) => other.method.toUpperCase() === method))
        yield make(method, { method }, { is: "no method" });
    for (const [name, template, mockOnly] of siblingsOf(operation.path)) {
      if (tried.has(template) || operations.some((other) => fits(other.path, targetOf({ ...request, template }))))
        continue;
      tried.add(template);
      yield make(name, { template }, { is: "no path" }, mockOnly);
    }
  }
}

function* siblingsOf(path: string): Generator<[string, string, string?]> {
  const steps = path.split("/");
  const last = steps.findLastIndex((step) => step !== "" && !step.includes("{"));
  const literal = steps[last];
  yield ["path below", `${path}/contract-probe/below`];
  if (literal !== undefined) {
    const named = (name: string): string => steps.with(last, name).join("/");
    yield ["longer name", named(`${literal}-contract`)];
    if (literal.length > 1) yield ["shorter name", named(literal.slice(0, -1))];
    const upper = literal.toUpperCase();
    if (literal !== upper) yield ["upper case", named(upper), "servers may ignore case in paths"];
  }
  const parent = steps.slice(0, -1).join("/");
  if (parent !== "" && !parent.endsWith("}")) yield ["parent path", parent];
}

/** Whether a concrete path falls under a template. */
function fits(template: string, path: string): boolean {
  const steps = template.split("/");
  const own = path.split("?")[0]?.split("/") ?? [];
  return (
    steps.length === own.length &&
    steps.every((step, index) => step === own[index] || (step.includes("{") && own[index] !== ""))
  );
}
