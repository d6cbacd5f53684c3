import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{src,contract-tests,scripts,openapi}/**/*.test.ts"],
    typecheck: { enabled: true, include: ["src/**/*.test-d.ts"], tsconfig: "./tsconfig.types.json" },
    // Files of a worker share what they import: a third less CPU. A test restores what it changes of the process.
    isolate: false,
    setupFiles: ["src/test-support/setup.ts"],
    // Much of the time is spent in processes that the tests start: every core has a worker.
    maxWorkers: "100%",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Processes take their time to start where the machine has other work too.
    expect: { poll: { timeout: 15_000 } },
    reporters: process.env.CI ? ["default", ["junit", { outputFile: "reports/junit.xml" }]] : ["default"],
  },
});
