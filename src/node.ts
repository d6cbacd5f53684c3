/**
 * What only Node and runtimes like it have: files as images, a store in files, batches, `fetch` over undici.
 *
 * @module magnific-client/node
 */
export { dispatcherFetch, type UndiciDispatcher, type UndiciResponse } from "./api/dispatcher-fetch.js";
export * from "./batch/index.js";
export { FileError } from "./errors/request-errors.js";
export { imageFile } from "./files/image-file.js";
export type { ImageSource } from "./image/source.js";
export { fileTaskStore } from "./store/file-task-store.js";
