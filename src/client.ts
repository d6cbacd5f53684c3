/** The client: what it offers, and nothing of how. */
import type { TaskOperations } from "../generated/index.js";
import { type Api, rawClient } from "./api/raw-client.js";
import type { TaskContract } from "./contract/contract.js";
import { DEFAULT, type DefaultContract, type UpscaleRequest } from "./contract/default.js";
import { logged } from "./http/log.js";
import { rateLimiter } from "./http/rate-limiter.js";
import { type MagnificOptions, settingsOf } from "./options.js";
import { type ClientParts, TaskOperation } from "./submit/operation.js";
import type { UpscaleOptions } from "./submit/submit.js";
import type { CompletedTask } from "./task/task.js";
import { once } from "./util/runtime.js";

/** The paths whose POST makes a task, in the vendored documents. */
export type TaskPath = keyof TaskOperations;

/**
 * A client. It is the Precision Upscaler, and offers the other operations by `operation`. Make one and share it: its requests
 * share one rate limit.
 *
 * @example
 * const magnific = new Magnific();
 * const done = await magnific.upscale({ image: await imageFile("portrait.jpg"), sharpen: 60 });
 * await done.images[0].save("portrait@2x.png");
 */
export class Magnific extends TaskOperation<DefaultContract> {
  readonly #client: { readonly api: () => Api } & ClientParts;

  /** @throws {ConfigurationError} for options that cannot work: no key, plain http to a host, a browser. */
  constructor(options: MagnificOptions = {}) {
    // The raw client alone tells no hook.
    const settings = { ...settingsOf(options), hooks: logged(options) };
    const api = once(() => rawClient(settings));
    const client = { settings, limiter: rateLimiter(settings.time, settings.rate), api };
    super(client, DEFAULT);
    this.#client = client;
  }

  /** Submits, and waits until the task is COMPLETED. Throws as `submit` and `wait` do. The same as `run`. */
  upscale(request: UpscaleRequest, options: UpscaleOptions = {}): Promise<CompletedTask> {
    return this.run(request, options);
  }

  /**
   * Another operation that makes tasks, with the methods of this one, typed by its document. It is loaded when it is first used.
   * Its methods reject with a `ConfigurationError` when no vendored document has the path.
   */
  operation<Path extends TaskPath>(path: Path): TaskOperation<TaskOperations[Path]["contract"]>;
  /**
   * An operation that this package does not have. Its methods reject with a `ConfigurationError` when the contract is of another path.
   * @param contract The `contract` of the module that your own build generated.
   */
  operation<C extends TaskContract>(path: C["submit"]["path"], contract: C): TaskOperation<C>;
  operation(path: string, contract?: TaskContract): TaskOperation<TaskContract> {
    if (path === DEFAULT.submit.path && contract === undefined)
      return new TaskOperation<TaskContract>(this.#client, DEFAULT);
    return new TaskOperation<TaskContract>(this.#client, async () => {
      const { loadContract } = await import("./contract/load.js");
      return loadContract(path, contract);
    });
  }

  /**
   * The raw client: openapi-fetch typed by the provider's document, with the key. No retries, no checks, no rate limit.
   * Everything else here is sent through it too, so middleware of yours sees every request.
   */
  get api(): Api {
    return this.#client.api();
  }
}
