import { defineConfig } from "vitest/config";
import { TESTS } from "./wanted.mjs";

/** For mutants of the source. A mutant lives in one process, so tests that only look at other processes are left out by the groups. */
export default defineConfig({
  test: {
    include: process.env[TESTS]?.split("\n") ?? [],
    // Modules are loaded once for all test files: a mutant needs milliseconds then, where a fresh load needs half a second a file.
    isolate: false,
    // Many mutants wait for ever. A test that gives up costs less than a process that is killed and started again.
    testTimeout: 6_000,
    hookTimeout: 30_000,
  },
});
