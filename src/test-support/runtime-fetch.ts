/**
 * Loads the runtime's own `fetch` before a test can import undici from npm, which would become the dispatcher of all
 * later files in the same worker: they would test that undici instead.
 */
new Headers();
