/** The client: what it offers, and nothing of how. */

import { fetchTask, listTasks, report } from "./api/operations.js";
import { type Api, doorOf, transportOf } from "./api/raw-client.js";
import type { Exchanger } from "./http/call.js";
import { type CallOptions, checkCall } from "./http/call-options.js";
import { rateBudget } from "./http/rate-limiter.js";
import { type MagnificOptions, settingsOf } from "./options.js";
import type { UpscaleRequest } from "./submit/request.js";
import { checkUpscale, requestDigest, type SubmitOptions, submit, type UpscaleOptions } from "./submit/submit.js";
import type { ClientContext } from "./task/context.js";
import { type TaskHandle, taskHandle } from "./task/handle.js";
import type { CompletedTask } from "./task/task.js";
import { type TaskList, taskList } from "./task/task-list.js";
import { type ClientWebhooks, clientWebhooks } from "./webhook/client-webhooks.js";

/**
 * A client of the Precision Upscaler. Make one and share it: its requests keep one rate budget.
 *
 * @example
 * const magnific = new Magnific();
 * const done = await magnific.upscale({ image: await imageFile("portrait.jpg"), sharpen: 60 });
 * await done.images[0].save("portrait@2x.png");
 */
export class Magnific {
  readonly #exchanger: Exchanger;
  readonly #context: ClientContext;
  #door: Api | undefined;
  #webhooks: ClientWebhooks | undefined;

  /** @throws {ConfigurationError} for options that cannot work: no key, plain http to a host, a browser. */
  constructor(options: MagnificOptions = {}) {
    const settings = settingsOf(options);
    const { time, poll, results, fetch, rate } = settings;
    let transport: Api | undefined;
    const api = (): Api => {
      transport ??= transportOf(settings);
      return transport;
    };
    const exchanger: Exchanger = { settings, api, budget: rateBudget(time, rate) };
    this.#exchanger = exchanger;
    this.#context = {
      time,
      poll,
      results,
      fetch,
      fetchTask: (id, call) => fetchTask(exchanger, id, call),
      listTasks: (call) => listTasks(exchanger, call),
      reportViolation: (violation) => report(exchanger, violation),
    };
  }

  /**
   * Sends an image to be upscaled and returns as soon as the provider has made the task. It costs credits, and it is sent
   * again only when it provably did not run: every error says so in `submission`.
   *
   * @throws {InvalidRequestError} listing every fault of fields and image, before anything is sent.
   * @throws {MagnificError} whatever else; see `code`.
   */
  submit(request: UpscaleRequest, options: SubmitOptions = {}): Promise<TaskHandle> {
    return submit(this.#exchanger, this.#context, request, options);
  }

  /**
   * The digest that a store knows this request by: of its image, its parameters and the server. Reads the image to its
   * end and sends nothing.
   *
   * @throws {InvalidRequestError} as `submit` does, also for an image that can be read only once.
   */
  digest(request: UpscaleRequest, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<string> {
    return requestDigest(this.#exchanger, request, options);
  }

  /** Submits, and waits until the task is COMPLETED. Throws as `submit` and `wait` do. */
  async upscale(request: UpscaleRequest, options: UpscaleOptions = {}): Promise<CompletedTask> {
    checkUpscale(options);
    const { submit: sending, ...waiting } = options;
    const task = await this.submit(request, { ...sending, signal: options.signal });
    return task.wait(waiting);
  }

  /** Takes a task up by its id, from whatever process it was submitted. Sends nothing yet. @throws {InvalidRequestError} when it is no task id. */
  task(id: string): TaskHandle {
    return taskHandle(this.#context, id);
  }

  /** All tasks of the key with their statuses, without their images: the provider's list has no paging and no parameters. */
  async tasks(options: CallOptions = {}): Promise<TaskList> {
    checkCall(options, {});
    return taskList(await this.#context.listTasks(options));
  }

  /** Checks and reads deliveries to `webhook_url`. */
  get webhooks(): ClientWebhooks {
    this.#webhooks ??= clientWebhooks(this.#context, this.#exchanger.settings.webhooks);
    return this.#webhooks;
  }

  /** The raw door: openapi-fetch typed by the provider's document, with the key. No retries, no checks, no rate budget. */
  get api(): Api {
    this.#door ??= doorOf(this.#exchanger.settings);
    return this.#door;
  }
}
