/** An image that a task made, ready to be fetched. */
import type { Settings } from "../options.js";
import { inScope } from "../util/abort-scope.js";
import { concatBytes } from "../util/bytes.js";
import { A_BOOLEAN, about, type Kinds } from "../util/check-options.js";
import { streamOf } from "../util/stream-of.js";
import type { Download } from "./download.js";
import { expiryOf } from "./expiry.js";
import { type DownloadOptions, downloadLimits } from "./options.js";
import type { SavedImage } from "./save.js";

export interface SaveOptions extends DownloadOptions {
  /** Whether an existing file is replaced, as a whole and at once. Default: false: `save` rejects with a `FileError` before anything is fetched. */
  readonly overwrite?: boolean | undefined;
}

/**
 * One result of a completed task. Each method fetches it anew: without the API key, cookies or referrer, only from the
 * hosts that `results.hosts` allows, with redirects checked hop by hop, and resumed where it breaks off. All reject with
 * `ResultError` (`result_refused`, `result_expired`, `download_failed`), `TimeoutError` or `AbortedError`, with the `taskId`.
 */
export class ResultImage {
  /** Where the provider keeps the image. Signed URLs live for hours: store the bytes, not the URL. */
  readonly url: string;
  /** When the URL expires, where it says so itself. */
  declare readonly expiresAt?: Date;
  readonly #settings: Settings;
  readonly #taskId: string | undefined;

  /** @internal Made by the client. */
  constructor(settings: Settings, url: string, taskId?: string) {
    this.url = url;
    const expiresAt = expiryOf(url);
    if (expiresAt !== undefined) Object.defineProperty(this, "expiresAt", { value: expiresAt, enumerable: true });
    this.#settings = settings;
    this.#taskId = taskId;
  }

  /**
   * Streams the image into a file next to the target, synced, then moved onto it: never half an image. A symlink stays,
   * and its target is written; a named pipe or `/dev/stdout` is written into; other devices are refused.
   *
   * @throws {FileError} when the file exists and `overwrite` is not set, or cannot be written. @throws {ConfigurationError} in a runtime without files.
   */
  async save(path: string | URL, options: SaveOptions = {}): Promise<SavedImage> {
    const write = async (download: Download): Promise<SavedImage> => {
      const { saveParts } = await import("./save.js");
      return saveParts(download, path, options.overwrite ?? false, this.#taskId, this.#settings.time);
    };
    return this.#within(options, write, { overwrite: A_BOOLEAN });
  }

  /** The whole image in memory. */
  async bytes(options: DownloadOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    return concatBytes((await this.#whole(options)).chunks);
  }

  /** The whole image as a Blob whose `type` is that of its first bytes. */
  async blob(options: DownloadOptions = {}): Promise<Blob> {
    const { chunks, type } = await this.#whole(options);
    return new Blob(chunks, { type });
  }

  /**
   * The image as it arrives; nothing is fetched before the first read. Where the download could only start over, the
   * stream fails, since what was read cannot be taken back. Cancelling it ends the download.
   */
  stream(options: DownloadOptions = {}): ReadableStream<Uint8Array<ArrayBuffer>> {
    const stop = new AbortController();
    const chunks = this.#chunks(options, stop.signal);
    return streamOf(chunks, async () => {
      stop.abort();
      await chunks.return().catch(() => {});
    });
  }

  async *#chunks(options: DownloadOptions, stop: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
    const { parts, scope, reported } = await this.#open(options, {}, stop);
    let begun = false;
    try {
      for await (const { bytes, fresh } of parts) {
        if (fresh && begun) throw (await import("./download.js")).startedOver(this.#taskId);
        begun = true;
        yield bytes;
      }
    } catch (error) {
      throw reported(error);
    } finally {
      scope.close();
    }
  }

  async #whole(options: DownloadOptions): Promise<{ chunks: Uint8Array<ArrayBuffer>[]; type: string }> {
    return this.#within(options, async ({ parts }) => {
      const chunks: Uint8Array<ArrayBuffer>[] = [];
      let type = "";
      for await (const part of parts) {
        if (part.fresh) chunks.length = 0;
        chunks.push(part.bytes);
        type = part.type;
      }
      return { chunks, type };
    });
  }

  async #within<T>(options: DownloadOptions, work: (download: Download) => Promise<T>, more?: Kinds): Promise<T> {
    const download = await this.#open(options, more);
    return inScope(download.scope, () => work(download), download.reported);
  }

  /** Loads the code that downloads: a program that only submits does not carry it. */
  async #open(options: DownloadOptions, more?: Kinds, stop?: AbortSignal): Promise<Download> {
    const { results } = this.#settings;
    const limits = about({ taskId: this.#taskId }, () => downloadLimits(options, results.maxBytes, more));
    const { openDownload } = await import("./download.js");
    return openDownload(this.#settings, this.url, this.#taskId, limits, options.signal, stop);
  }
}
