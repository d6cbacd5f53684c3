/** Which of the sandbox's doors a request knocks at. */
import { OPERATIONS } from "../../generated/constants.js";

const TASKS_PATH: string = OPERATIONS.postAiImageUpscalerPrecision.path;

export type RouteName = "submit" | "list" | "read" | "result" | "page" | "unknown";

export interface Route {
  readonly name: RouteName;
  /** The path is known, the method is not: the methods that are. */
  readonly allow?: readonly string[];
  /** The task's id as it stands in the path, where there is one. */
  readonly taskId?: string;
}

export function routeOf(method: string, path: string): Route {
  if (path === TASKS_PATH) {
    if (method === "POST") return { name: "submit" };
    return method === "GET" ? { name: "list" } : { name: "unknown", allow: ["GET", "POST"] };
  }
  if (path.startsWith(`${TASKS_PATH}/`)) {
    const taskId = path.slice(TASKS_PATH.length + 1);
    if (taskId === "" || taskId.includes("/")) return { name: "unknown" };
    return method === "GET" ? { name: "read", taskId } : { name: "unknown", allow: ["GET"] };
  }
  const result = /^\/results\/([0-9a-f-]{36})\/\d+\.\w+$/.exec(path);
  if (result?.[1] !== undefined) {
    return method === "GET" || method === "HEAD"
      ? { name: "result", taskId: result[1] }
      : { name: "unknown", allow: ["GET", "HEAD"] };
  }
  if (path === "/" || path === "/sandbox" || path.startsWith("/sandbox/")) {
    return method === "GET" || method === "HEAD" ? { name: "page" } : { name: "unknown", allow: ["GET", "HEAD"] };
  }
  return { name: "unknown" };
}
