/** The facts of a hook as a line of text: loaded with the first logger. */
import type { Hooks, Logger } from "./hooks.js";

type Line<Name extends keyof Hooks> = (event: Parameters<NonNullable<Hooks[Name]>>[0]) => [keyof Logger, string];

const LINES: { readonly [Name in keyof Required<Hooks>]: Line<Name> } = {
  onRequest: ({ attempt, body, unchecked }) => [
    unchecked ? "warn" : "debug",
    `attempt ${attempt}${body ? `, ${body.length ?? "?"} bytes of ${body.type}` : ""}${unchecked ? `, unchecked fields: ${unchecked.join(", ")}` : ""}`,
  ],
  onResponse: ({ operation, status = "no response", code, duration, requestId }) => [
    operation.startsWith("GET ") ? "debug" : "info",
    `${status} after ${Math.round(duration)} ms${code ? `, ${code}` : ""}${requestId ? `, request ${requestId}` : ""}`,
  ],
  onRetry: ({ attempt, code, after }) => [
    "warn",
    `attempt ${attempt} failed (${code}), retry in ${Math.round(after)} ms`,
  ],
  onWait: ({ reason, after }) => [
    reason === "poll" ? "debug" : "info",
    `waits ${Math.ceil(after)} ms ${reason === "poll" ? "until the next poll" : "for the rate limit"}`,
  ],
  onContractViolation: ({ place, message }) => [
    "warn",
    `breaks the contract at ${place || "the response"}: ${message}`,
  ],
};

/** @returns The level of the line, and its text. */
export function lineOf(name: keyof Hooks, event: never): [keyof Logger, string] {
  const { operation, taskId } = event as { operation: string; taskId?: string };
  const [level, text] = (LINES[name] as (event: never) => [keyof Logger, string])(event);
  return [level, `magnific: ${operation}${taskId ? ` (${taskId})` : ""}: ${text}`];
}
