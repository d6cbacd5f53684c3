/** Which part of the sandbox a request is for. */
import type { SandboxOperation } from "./operation.js";

export type RouteName = "submit" | "list" | "read" | "result" | "page" | "unknown";

export interface Route {
  readonly name: RouteName;
  /** Of a submit, a list or a read. */
  readonly operation?: SandboxOperation | undefined;
  /** Where the path is known and the method is not: the methods that are. */
  readonly allow?: readonly string[];
  /** The task's id as it stands in the path, where there is one. */
  readonly taskId?: string;
}

/** A path, and what each method of it is. */
interface Place {
  readonly path: RegExp;
  readonly methods: Readonly<Record<string, Pick<Route, "name" | "operation">>>;
}

const OWN: readonly Place[] = [
  { path: /^\/results\/([0-9a-f-]{36})\/\d+\.\w+$/, methods: { GET: { name: "result" }, HEAD: { name: "result" } } },
  { path: /^\/sandbox\/(?:fault|script)$/, methods: { POST: { name: "page" } } },
  { path: /^\/(?:sandbox(?:\/.*)?)?$/, methods: { GET: { name: "page" }, HEAD: { name: "page" } } },
];

/** Routes of these operations and of the sandbox itself. */
export function router(operations: readonly SandboxOperation[]): (method: string, path: string) => Route {
  const methods = new Map<string, Place["methods"]>();
  const add = (pattern: string, method: string, name: RouteName, operation: SandboxOperation): void => {
    methods.set(pattern, { [method]: { name, operation }, ...methods.get(pattern) });
  };
  for (const operation of operations) {
    const { submit, list, read } = operation.task;
    add(patternOf(submit.path), "POST", "submit", operation);
    if (list !== undefined) add(patternOf(list.path), "GET", "list", operation);
    add(patternOf(read.path, read.parameter), "GET", "read", operation);
  }
  // A path without parameters is that path, even where a template matches it too.
  const sorted = [...methods].sort(([a], [b]) => Number(a.includes("[^/]")) - Number(b.includes("[^/]")));
  const places = [...sorted.map(([pattern, of]) => ({ path: new RegExp(pattern), methods: of })), ...OWN];
  return (method, path) => {
    for (const place of places) {
      const match = place.path.exec(path);
      if (match === null) continue;
      const found = place.methods[method];
      if (found === undefined) return { name: "unknown", allow: Object.keys(place.methods).sort() };
      return match[1] === undefined ? found : { ...found, taskId: match[1] };
    }
    return { name: "unknown" };
  };
}

/** @param parameter The one whose value is captured. */
function patternOf(template: string, parameter?: string): string {
  const parts = template.split(/\{([^{}]+)\}/).map((part, index) => {
    if (index % 2 === 0) return part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
    return part === parameter ? "([^/]+)" : "[^/]+";
  });
  return `^${parts.join("")}$`;
}
