/** An image that a task made, ready to be fetched. */
import { type AbortScope, abortScope } from "../util/abort-scope.js";
import { concatBytes } from "../util/bytes.js";
import { A_BOOLEAN, about, type Kinds } from "../util/check-options.js";
import { sleep } from "../util/time.js";
import type { Part } from "./attempt.js";
import type { ResultContext } from "./context.js";
import { download } from "./download.js";
import { expiryOf } from "./expiry.js";
import { type DownloadOptions, downloadLimits } from "./options.js";
import { type SavedImage, saveParts, startedOver } from "./save.js";

/** Milliseconds between two tries to write into a pipe that takes nothing. */
const PIPE_PAUSE = 20;

export interface SaveOptions extends DownloadOptions {
  /**
   * Whether a file that is there already is replaced, as a whole and at once. Default: true. With false it is left
   * alone, and `save` rejects with a `FileError` before anything is fetched.
   */
  readonly overwrite?: boolean | undefined;
}

/**
 * One result of a completed task. Each method fetches it anew: without the API key, cookies or referrer, only from the
 * hosts that `results.hosts` allows, redirects checked hop by hop, and taken up again where it breaks.
 *
 * All methods reject with `ResultError` (`result_refused`, `result_expired`, `download_failed`), `TimeoutError` or
 * `AbortedError`, each with the `taskId`.
 */
export class ResultImage {
  /** Where the provider keeps the image. Signed URLs live for hours: store the bytes, not the URL. */
  readonly url: string;
  /** When the URL expires, where it says so itself. */
  declare readonly expiresAt?: Date;
  readonly #context: ResultContext;
  readonly #taskId: string | undefined;

  /** @internal Made by the client. */
  constructor(context: ResultContext, url: string, taskId?: string) {
    this.url = url;
    const expiresAt = expiryOf(url);
    if (expiresAt !== undefined) Object.defineProperty(this, "expiresAt", { value: expiresAt, enumerable: true });
    this.#context = context;
    this.#taskId = taskId;
  }

  /**
   * Streams the image into a file: written beside the target, synced, then moved onto it, so that no half image ever
   * stands under that name.
   *
   * @throws {FileError} when the file cannot be written. @throws {ConfigurationError} in a runtime without files.
   */
  async save(path: string | URL, options: SaveOptions = {}): Promise<SavedImage> {
    this.#check(options, { overwrite: A_BOOLEAN });
    const { overwrite, ...download } = options;
    const pause = (): Promise<void> => sleep(this.#context.time, PIPE_PAUSE, options.signal);
    return saveParts(this.#download(download), path, overwrite ?? true, this.#taskId, pause);
  }

  /** The whole image in memory. */
  async bytes(options: DownloadOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    return concatBytes((await this.#whole(options)).chunks);
  }

  /** The whole image as a Blob whose `type` is told by its first bytes. */
  async blob(options: DownloadOptions = {}): Promise<Blob> {
    const { chunks, type } = await this.#whole(options);
    return new Blob(chunks, { type });
  }

  /**
   * The image as it comes; nothing is fetched before the first read. Where a break cannot be mended without starting
   * over, the stream fails, since what was read cannot be taken back. Cancelling it ends the download.
   */
  stream(options: DownloadOptions = {}): ReadableStream<Uint8Array<ArrayBuffer>> {
    let scope: AbortScope | undefined;
    let parts: AsyncGenerator<Part, void, void> | undefined;
    let begun = false;
    return new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        pull: async (controller) => {
          scope ??= this.#scopeOf(options);
          parts ??= this.#download({ ...options, signal: scope.signal });
          try {
            const { done, value } = await parts.next();
            if (done) {
              scope.close();
              controller.close();
              return;
            }
            if (value.fresh && begun) throw startedOver(this.#taskId);
            begun = true;
            controller.enqueue(value.bytes);
          } catch (error) {
            scope.close();
            await parts.return();
            throw error;
          }
        },
        cancel: async () => {
          scope?.abort();
          await parts?.return().catch(() => {});
        },
      },
      { highWaterMark: 0 },
    );
  }

  #scopeOf(options: DownloadOptions): AbortScope {
    this.#check(options);
    return abortScope(this.#context.time, Number.POSITIVE_INFINITY, options.signal);
  }

  /** Before a file is opened, or a stream read. */
  #check(options: DownloadOptions, more: Kinds = {}): void {
    about({ taskId: this.#taskId }, () => {
      downloadLimits(options, this.#context.results.maxBytes, more);
    });
  }

  #download(options: DownloadOptions): AsyncGenerator<Part, void, void> {
    return download(this.#context, { url: this.url, taskId: this.#taskId }, options);
  }

  async #whole(
    options: DownloadOptions,
  ): Promise<{ readonly chunks: Uint8Array<ArrayBuffer>[]; readonly type: string }> {
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let type = "";
    for await (const part of this.#download(options)) {
      if (part.fresh) chunks.length = 0;
      chunks.push(part.bytes);
      type = part.type;
    }
    return { chunks, type };
  }
}
