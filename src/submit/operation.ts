/** An operation that makes tasks, as a client offers it. */
import { listTasks } from "../api/operations.js";
import type { PendingStatus, TaskContract, TaskRequest } from "../contract/contract.js";
import type { CallEnvironment } from "../http/call.js";
import { type CallOptions, checkCall } from "../http/call-options.js";
import { lazyHandle, type TaskHandle, taskHandle } from "../task/handle.js";
import type { CompletedTask } from "../task/task.js";
import { type TaskList, taskList } from "../task/task-list.js";
import { once } from "../util/runtime.js";
import { type ClientWebhooks, clientWebhooks } from "../webhook/client-webhooks.js";
import type { ReconcileOptions, Reconciliation } from "./reconcile.js";
import { checkRun, type RunOptions, type SubmitOptions, submit } from "./submit.js";

/** What all operations of a client share. */
export type ClientParts = Omit<CallEnvironment, "contract">;

/** An operation whose POST makes a task that costs credits. Its requests share the client's rate limit and settings. */
export class TaskOperation<C extends TaskContract> {
  readonly #client: ClientParts;
  readonly #load!: () => Promise<C>;
  #ready: (CallEnvironment & { readonly contract: C }) | undefined;
  readonly #webhooks = once(() => clientWebhooks(() => this.#prepared(), this.#client.settings));

  /** @internal Made by the client. */
  constructor(client: ClientParts, contract: C | (() => Promise<C>)) {
    this.#client = client;
    if (typeof contract === "function") this.#load = contract;
    else this.#ready = { ...client, contract };
  }

  async #prepared(): Promise<CallEnvironment & { readonly contract: C }> {
    this.#ready ??= { ...this.#client, contract: await this.#load() };
    return this.#ready;
  }

  /** What the document says of the operation: its paths, statuses and image fields. @throws {ConfigurationError} when there is none. */
  async contract(): Promise<C> {
    return (await this.#prepared()).contract;
  }

  /**
   * Sends a request and returns as soon as the provider has made the task. It costs credits, and it is retried only when it
   * provably did not run: every error says so in `submission`.
   * @throws {InvalidRequestError} listing every fault of fields and images, before anything is sent.
   * @throws {MagnificError} for anything else; see `code`.
   */
  async submit(request: TaskRequest<C>, options: SubmitOptions = {}): Promise<TaskHandle<PendingStatus<C>>> {
    return (await submit(await this.#prepared(), request, options)) as TaskHandle<PendingStatus<C>>;
  }

  /** Submits, and waits until the task is COMPLETED. Throws as `submit` and `wait` do. */
  async run(request: TaskRequest<C>, options: RunOptions<PendingStatus<C>> = {}): Promise<CompletedTask> {
    checkRun((await this.#prepared()).contract, options);
    const { submit: sending, ...waiting } = options;
    const task = await this.submit(request, { ...sending, signal: options.signal });
    return task.wait(waiting);
  }

  /**
   * The digest that a store knows this request by. Reads the images to their end and sends nothing.
   * @throws {InvalidRequestError} as `submit` does, also for an image that can be read only once.
   */
  async digest(request: TaskRequest<C>, options: Pick<SubmitOptions, "signal" | "extraBody"> = {}): Promise<string> {
    const environment = await this.#prepared();
    const { requestDigest } = await import("./submit-once.js");
    return requestDigest(environment, request, options);
  }

  /** A task by its id, whichever process submitted it. Sends nothing yet. @throws {InvalidRequestError} when it is not a task id. */
  task(id: string): TaskHandle<PendingStatus<C>> {
    const handle =
      this.#ready === undefined
        ? lazyHandle(id, async () => taskHandle(await this.#prepared(), id))
        : taskHandle(this.#ready, id);
    return handle as TaskHandle<PendingStatus<C>>;
  }

  /**
   * All tasks of the key with their statuses, without their results: the provider's lists have no paging and no parameters.
   * @throws {ConfigurationError} when the document has no list of them.
   */
  async tasks(options: CallOptions = {}): Promise<TaskList> {
    checkCall(options, {});
    const environment = await this.#prepared();
    return taskList(environment.contract, await listTasks(environment, options));
  }

  /**
   * What became of submits with an unknown outcome, by the provider's list: nothing (`none`, and it is safe to forget them and to
   * submit again), perhaps one of `tasks` (`candidates`), or `cannot_say`. It does not guess: see `ReconcileOptions`. Sends and
   * forgets nothing.
   * @throws {ConfigurationError} without a store. @throws {StoreError} @throws {MagnificError} when the list cannot be read.
   */
  async reconcile(options: ReconcileOptions = {}): Promise<Reconciliation> {
    const environment = await this.#prepared();
    const { reconcile } = await import("./reconcile.js");
    return reconcile(environment, (call) => this.tasks(call), options);
  }

  /** Checks and reads deliveries about tasks of this operation to the address that its requests name. */
  get webhooks(): ClientWebhooks {
    return this.#webhooks();
  }
}
