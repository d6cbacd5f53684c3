/** What only Node and runtimes like it have: files as images, a store in files. `magnific-client/node`. */
export { FileError } from "./errors/file-error.js";
export type { ImageSource } from "./image/source.js";
export { imageFile } from "./image-file.js";
