/** Hooks that also tell a logger. */
import { ConfigurationError } from "../errors/request-errors.js";
import { type Hooks, type Logger, tell } from "./hooks.js";

/** `warn`: retries, and what breaks the contract; `info`: also submits, and waits for the rate limit; `debug`: all. */
export type LogLevel = "off" | "warn" | "info" | "debug";

const LEVELS: readonly unknown[] = ["off", "warn", "info", "debug"] satisfies readonly LogLevel[];
const NAMES = [
  "onRequest",
  "onResponse",
  "onRetry",
  "onWait",
  "onContractViolation",
] as const satisfies readonly (keyof Hooks)[];
const print = (line: string): void => console.warn(line);

/** The hooks, each after its line. @throws {ConfigurationError} for a level that does not exist. */
export function logged(hooks: Hooks, logger: Logger | undefined, level: unknown = logger ? "info" : "off"): Hooks {
  const least = LEVELS.indexOf(level);
  if (least < 0) throw new ConfigurationError(`\`logLevel\` (or MAGNIFIC_LOG) must be one of ${LEVELS.join(", ")}.`);
  if (least === 0) return hooks;
  const to = logger ?? { debug: print, info: print, warn: print };
  let line: ((name: keyof Hooks, event: never) => [keyof Logger, string]) | undefined;
  const loading = import("./log-lines.js").then(({ lineOf }) => {
    line = lineOf;
  });
  const both = NAMES.map((name) => {
    const write = (event: never): void => {
      const [at, text] = line?.(name, event) ?? ["debug", ""];
      if (LEVELS.indexOf(at) <= least) to[at](text);
    };
    const told = (event: never): unknown => (line ? write(event) : loading.then(() => write(event)));
    const both = (event: never): unknown => {
      tell("logger", told, event);
      return hooks[name]?.(event);
    };
    return [name, both];
  });
  return Object.fromEntries(both);
}
