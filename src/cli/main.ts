#!/usr/bin/env node
/** `magnific`: the call that this process was started with. */
import { setFlagsFromString } from "node:v8";
import type { Shell } from "./commands/command.js";
import { EXIT } from "./exit.js";
import { DEFAULT_OPERATION, OPERATIONS } from "./operation.js";
import { call } from "./program.js";
import { terminalOf } from "./terminal.js";

// A batch runs for hours and waits most of the time: it collects its garbage soon instead of taking ever more memory.
setFlagsFromString("--optimize-for-size");
setFlagsFromString("--heap-growing-percent=20");

const shell: Shell = {
  terminal: terminalOf(process),
  debug: process.argv.includes("--debug"),
  operations: OPERATIONS,
  operation: DEFAULT_OPERATION,
  json: false,
  exit: (code) => {
    process.exitCode = code;
  },
};

await call(shell, process.argv);
// The output could not be written.
process.on("exit", () => {
  if (shell.terminal.broken !== undefined && !process.exitCode) process.exitCode = EXIT.failed;
});
