/**
 * Before each test file. Files share the modules of their worker, so an `afterAll` at the top of a module that several
 * import would run after the first of them only.
 */
import { afterAll } from "vitest";
import { removeTempFolders } from "./temp-folder.js";

// Loads the runtime's own `fetch` before a test can import undici from npm, which would become the dispatcher of all
// later files in the same worker: they would test that undici instead.
new Headers();
afterAll(removeTempFolders);
