/** Which part of the sandbox a request is for. */
import { OPERATIONS } from "../../generated/upscaler-precision/constants.js";

const TASKS: string = OPERATIONS.postAiImageUpscalerPrecision.path;

export type RouteName = "submit" | "list" | "read" | "result" | "page" | "unknown";

export interface Route {
  readonly name: RouteName;
  /** Where the path is known and the method is not: the methods that are. */
  readonly allow?: readonly string[];
  /** The task's id as it stands in the path, where there is one. */
  readonly taskId?: string;
}

const ROUTES: readonly { readonly path: RegExp; readonly methods: Readonly<Record<string, RouteName>> }[] = [
  { path: new RegExp(`^${TASKS}$`), methods: { GET: "list", POST: "submit" } },
  { path: new RegExp(`^${TASKS}/([^/]+)$`), methods: { GET: "read" } },
  { path: /^\/results\/([0-9a-f-]{36})\/\d+\.\w+$/, methods: { GET: "result", HEAD: "result" } },
  { path: /^\/(?:sandbox(?:\/.*)?)?$/, methods: { GET: "page", HEAD: "page" } },
];

export function routeOf(method: string, path: string): Route {
  for (const { path: pattern, methods } of ROUTES) {
    const match = pattern.exec(path);
    if (match === null) continue;
    const name = methods[method];
    if (name === undefined) return { name: "unknown", allow: Object.keys(methods) };
    return match[1] === undefined ? { name } : { name, taskId: match[1] };
  }
  return { name: "unknown" };
}
