/** The client: what it offers, and nothing of how. */
import { fetchTask, listTasks } from "./api/operations.js";
import { type Api, rawClient } from "./api/raw-client.js";
import type { CallEnvironment } from "./http/call.js";
import { type CallOptions, checkCall } from "./http/call-options.js";
import { tell } from "./http/hooks.js";
import { rateLimiter } from "./http/rate-limiter.js";
import { type MagnificOptions, settingsOf } from "./options.js";
import type { ReconcileOptions, Reconciliation } from "./submit/reconcile.js";
import type { UpscaleRequest } from "./submit/request.js";
import { checkUpscale, requestDigest, type SubmitOptions, submit, type UpscaleOptions } from "./submit/submit.js";
import type { ClientContext } from "./task/context.js";
import { type TaskHandle, taskHandle } from "./task/handle.js";
import type { CompletedTask } from "./task/task.js";
import { type TaskList, taskList } from "./task/task-list.js";
import { type ClientWebhooks, clientWebhooks } from "./webhook/client-webhooks.js";

/**
 * A client of the Precision Upscaler. Make one and share it: its requests share one rate limit.
 *
 * @example
 * const magnific = new Magnific();
 * const done = await magnific.upscale({ image: await imageFile("portrait.jpg"), sharpen: 60 });
 * await done.images[0].save("portrait@2x.png");
 */
export class Magnific {
  readonly #environment: CallEnvironment;
  readonly #context: ClientContext;
  #api: Api | undefined;
  #webhooks: ClientWebhooks | undefined;

  /** @throws {ConfigurationError} for options that cannot work: no key, plain http to a host, a browser. */
  constructor(options: MagnificOptions = {}) {
    const settings = settingsOf(options);
    const { time, poll, results, fetch, rate, hooks } = settings;
    const environment = { settings, limiter: rateLimiter(time, rate), api: () => this.api };
    this.#environment = environment;
    this.#context = {
      time,
      poll,
      results,
      fetch,
      fetchTask: (id, call) => fetchTask(environment, id, call),
      listTasks: (call) => listTasks(environment, call),
      reportViolation: (violation) => tell("onContractViolation", hooks.onContractViolation, violation),
      reportWait: (event) => tell("onWait", hooks.onWait, event),
    };
  }

  /**
   * Sends an image to be upscaled and returns as soon as the provider has made the task. It costs credits, and it is
   * retried only when it provably did not run: every error says so in `submission`.
   * @throws {InvalidRequestError} listing every fault of fields and image, before anything is sent.
   * @throws {MagnificError} for anything else; see `code`.
   */
  submit(request: UpscaleRequest, options: SubmitOptions = {}): Promise<TaskHandle> {
    return submit(this.#environment, this.#context, request, options);
  }

  /**
   * The digest that a store knows this request by. Reads the image to its end and sends nothing.
   * @throws {InvalidRequestError} as `submit` does, also for an image that can be read only once.
   */
  digest(request: UpscaleRequest, options: Pick<SubmitOptions, "signal" | "extraBody"> = {}): Promise<string> {
    return requestDigest(this.#environment, request, options);
  }

  /** Submits, and waits until the task is COMPLETED. Throws as `submit` and `wait` do. */
  async upscale(request: UpscaleRequest, options: UpscaleOptions = {}): Promise<CompletedTask> {
    checkUpscale(options);
    const { submit: sending, ...waiting } = options;
    const task = await this.submit(request, { ...sending, signal: options.signal });
    return task.wait(waiting);
  }

  /** A task by its id, whichever process submitted it. Sends nothing yet. @throws {InvalidRequestError} when it is not a task id. */
  task(id: string): TaskHandle {
    return taskHandle(this.#context, id);
  }

  /** All tasks of the key with their statuses, without their images: the provider's list has no paging and no parameters. */
  async tasks(options: CallOptions = {}): Promise<TaskList> {
    checkCall(options, {});
    return taskList(await this.#context.listTasks(options));
  }

  /**
   * What became of submits with an unknown outcome, by the provider's list: nothing (`none`, and it is safe to forget them and to
   * submit again), perhaps one of `tasks` (`candidates`), or `cannot_say`. It does not guess: see `ReconcileOptions`. Sends and
   * forgets nothing.
   * @throws {ConfigurationError} without a store. @throws {StoreError} @throws {MagnificError} when the list cannot be read.
   */
  async reconcile(options: ReconcileOptions = {}): Promise<Reconciliation> {
    const { reconcile } = await import("./submit/reconcile.js");
    return reconcile(this.#environment, (call) => this.tasks(call), options);
  }

  /** Checks and reads deliveries to `webhook_url`. */
  get webhooks(): ClientWebhooks {
    this.#webhooks ??= clientWebhooks(this.#context, this.#environment.settings.webhooks);
    return this.#webhooks;
  }

  /**
   * The raw client: openapi-fetch typed by the provider's document, with the key. No retries, no checks, no rate limit.
   * Everything else here is sent through it too, so middleware of yours sees every request.
   */
  get api(): Api {
    this.#api ??= rawClient(this.#environment.settings);
    return this.#api;
  }
}
