/** Hooks that also tell a logger, a line for each event. */
import { ConfigurationError } from "../errors/request-errors.js";
import { environment } from "../util/runtime.js";
import { type Hooks, type Logger, tell } from "./hooks.js";

/** `warn`: retries, and what breaks the contract; `info`: also submits, and waits for the rate limit; `debug`: all. */
export type LogLevel = "off" | "warn" | "info" | "debug";

type Line = [at: keyof Logger, text: string];
type Lines = { readonly [Name in keyof Required<Hooks>]: (event: Parameters<NonNullable<Hooks[Name]>>[0]) => Line };

const LEVELS: readonly unknown[] = ["off", "warn", "info", "debug"] satisfies readonly LogLevel[];
const LINES: Lines = {
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

export interface LogOptions extends Hooks {
  readonly logger?: Logger | undefined;
  readonly logLevel?: LogLevel | undefined;
}

/** The hooks, each after its line. @throws {ConfigurationError} for a level that does not exist. */
export function logged({ logger, logLevel, ...hooks }: LogOptions): Hooks {
  const level = logLevel ?? environment("MAGNIFIC_LOG") ?? (logger ? "info" : "off");
  const least = LEVELS.indexOf(level);
  if (least < 0) throw new ConfigurationError(`\`logLevel\` (or MAGNIFIC_LOG) must be one of ${LEVELS.join(", ")}.`);
  if (least === 0) return hooks;
  const both = Object.entries(LINES).map(([name, lineOf]) => {
    const hook = hooks[name as keyof Hooks] as ((event: never) => unknown) | undefined;
    const told = (event: never): unknown => {
      const [at, text] = lineOf(event);
      const { operation, taskId } = event as { operation: string; taskId?: string };
      const line = `magnific: ${operation}${taskId ? ` (${taskId})` : ""}: ${text}`;
      if (LEVELS.indexOf(at) <= least)
        tell("logger", (text: string) => (logger ? logger[at](text) : console.warn(text)), line);
      return hook?.(event);
    };
    return [name, told];
  });
  return Object.fromEntries(both);
}
