/** What calls mean together: who makes a thing, who reads it, who lists it. Derived from paths and the name of the id. */
import { Builder } from "../cases/build.js";
import type { Case } from "../cases/case.js";
import type { OperationModel, Parameter } from "../cases/model.js";
import type { Contract } from "../contract.js";
import { bare, scalars } from "../targets/provider.js";

/** `POST path` answers an id, `GET path/{id}` reads it, `GET path` lists it. */
export interface Flow {
  /** The valid request that makes something. */
  readonly make: Case;
  readonly read: Case;
  readonly list?: Case | undefined;
  /** A parameter of the list says that there are more pages than the first. */
  readonly paged: boolean;
  readonly id: Parameter;
  readonly steps: Readonly<Record<Step, Case>>;
}

/** What a flow is held to: its case's id ends with it. */
export const STEPS = {
  own: "is read under its own id",
  unknown: "an id that nobody made is refused",
  two: "two calls make two ids",
  list: "is in the list",
  key: "is not shown to a wrong key",
} as const;
export type Step = keyof typeof STEPS;

export function flowsOf(contract: Contract): Flow[] {
  const builder = new Builder(contract.document, "response");
  const valid = (operation: OperationModel | undefined): Case | undefined =>
    contract.cases.find(
      (one) => one.operation === operation?.id && one.kind === "positive" && one.expect.is === "success",
    );
  const getOf = (fits: (path: string) => boolean) =>
    contract.operations.find(({ method, path }) => method === "get" && fits(path));
  return contract.operations.flatMap((maker): Flow[] => {
    if (maker.method !== "post" || maker.path.includes("{")) return [];
    const reader = getOf(
      (path) => path.startsWith(`${maker.path}/{`) && /^\/\{[^/]+\}$/.test(path.slice(maker.path.length)),
    );
    const id = reader?.parameters.find((parameter) => parameter.in === "path");
    const lister = getOf((path) => path === maker.path);
    const [make, read, list] = [maker, reader, lister].map(valid);
    const paged = lister?.parameters.some(({ name }) => /page|offset|cursor|after/i.test(name)) ?? false;
    if (!reader || !id || !make || !read) return [];
    // An answer without the id leads nowhere.
    const answers = maker.responses.filter(({ status }) => /^2/.test(status)).flatMap(({ content }) => content);
    if (!answers.some(({ schema }) => schema && idsIn(builder.at(schema, "full"), id).length > 0)) return [];
    const about = { kind: "flow", pointer: id.pointer, covers: [], expect: { is: "flow" } } as const;
    const { operation, request } = make;
    const step = (name: Step): Case => ({
      ...about,
      ...{ id: `${operation} · flow · ${STEPS[name]}`, operation, request, rule: name },
      mayStart: name !== "unknown" && make.mayStart,
    });
    const steps = {
      own: step("own"),
      unknown: step("unknown"),
      two: step("two"),
      list: step("list"),
      key: step("key"),
    };
    return [{ make, read, list, paged, id, steps }];
  });
}

/** Every id in a value: what has the parameter's name, or else is called `id`. */
export function idsIn(value: Parameters<typeof scalars>[0], id: Parameter): string[] {
  const all = [...scalars(value)];
  const named = all.filter(([name]) => bare(name) === bare(id.name));
  return (named.length > 0 ? named : all.filter(([name]) => bare(name) === "id")).map(([, text]) => text);
}
