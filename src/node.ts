/**
 * What only Node and runtimes like it have: files as images, a store in files, batches, a faster `fetch`.
 *
 * @module magnific-client/node
 */
export * from "./batch/index.js";
export { FileError } from "./errors/file-error.js";
export { imageFile } from "./files/image-file.js";
export type { ImageSource } from "./image/source.js";
export { fileTaskStore } from "./store/file-task-store.js";
export type { UndiciDispatcher } from "./transport/dispatcher.js";
export { dispatcherFetch } from "./transport/dispatcher-fetch.js";
export type { LightFetch } from "./transport/light-fetch.js";
export { type NodeFetch, type NodeFetchOptions, nodeFetch } from "./transport/node-fetch.js";
export { TransportError } from "./transport/transport-error.js";
