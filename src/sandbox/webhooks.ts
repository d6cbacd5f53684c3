/** Deliveries to a task's `webhook_url`: signed, retried, and made to fail on demand. */
import { randomBytes } from "node:crypto";
import type { TaskFacts } from "../contract/contract.js";
import { abortScope, sleep } from "../util/abort-scope.js";
import { isLoopback } from "../util/address.js";
import { signWebhook } from "../webhook/sign.js";
import type { Context } from "./context.js";
import type { WebhookBehaviour } from "./life-cycle.js";
import { type WebhookEntry, withoutSecrets } from "./log.js";
import { nameOf, records } from "./store.js";
import { detailOf, type TaskDetail, type TaskRecord } from "./task.js";

/** What is left to do of a delivery; plain JSON, so that it survives a restart. */
interface Delivery {
  /** A duplicated webhook has two of these and one `webhookId`. */
  readonly id: string;
  readonly webhookId: string;
  readonly target: string;
  readonly taskId: string;
  readonly detail: TaskDetail;
  /** The field of the detail with the result URLs: paths here, since the origin may change when the sandbox starts again. */
  readonly results: string;
  readonly origin: string | undefined;
  /** To be signed with a secret that nobody has. */
  readonly forged: boolean;
  /** Number of the next attempt, from 1, and when it is due. */
  readonly attempt: number;
  readonly dueAt: number;
}

type Outcome = Pick<WebhookEntry, "outcome" | "status" | "reason">;

export class Webhooks {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Resumes the deliveries that an earlier run left. */
  async restore(): Promise<void> {
    const found = await records<Delivery>(this.#context.store, "webhooks");
    for (const delivery of found.sort((a, b) => a.dueAt - b.dueAt)) {
      if (this.#mayReach(delivery)) void this.#run(delivery);
      else await this.#forget(delivery);
    }
  }

  /** Announces the status of a task. Resolves, before anything is sent, when a restart would resume the delivery. */
  async announce(names: TaskFacts, task: TaskRecord, behaviour: WebhookBehaviour): Promise<void> {
    const now = this.#context.time.now();
    const { id: taskId, webhookUrl: target = "", origin } = task;
    const about = { target, origin, taskId, detail: detailOf(names, task, ""), results: names.results };
    const dueAt = behaviour === "late" ? now + this.#context.webhooks.lateByMs : now;
    const first = { id: randomId(), webhookId: messageId(), ...about, forged: false, attempt: 1, dueAt };
    if (!this.#mayReach(first)) return;
    if (behaviour === "lose")
      return this.#log({ ...first, attempt: 0 }, { outcome: "not_sent", reason: "lost, as scripted" });
    const deliveries: Delivery[] = [first];
    if (behaviour === "duplicate") deliveries.push({ ...first, id: randomId() });
    if (behaviour === "forge") deliveries.push({ ...first, id: randomId(), webhookId: messageId(), forged: true });
    for (const delivery of deliveries) await this.#keep(delivery);
    for (const delivery of deliveries) void this.#run(delivery);
  }

  /** Whether a delivery may go to its target; if not, that is logged. */
  #mayReach(delivery: Delivery): boolean {
    const { targets } = this.#context.webhooks;
    const url = URL.canParse(delivery.target) ? new URL(delivery.target) : undefined;
    const allows = (to: URL) =>
      typeof targets === "function" ? targets(to) : targets === "any" || isLoopback(to.hostname);
    if (url !== undefined && /^https?:$/.test(url.protocol) && allows(url)) return true;
    const reason = "the sandbox sends webhooks only to this machine; see the option webhooks.targets";
    this.#log({ ...delivery, attempt: 0 }, { outcome: "not_sent", reason });
    return false;
  }

  #log({ taskId, webhookId, target, attempt }: Delivery, result: Outcome): void {
    const { time, log } = this.#context;
    const facts = { taskId, webhookId, target: withoutSecrets(target), attempt };
    log.add({ event: "webhook", at: time.now(), ...facts, ...result });
  }

  /** Delivers, with retries, until the sandbox closes; what is not delivered then stays in the store. */
  async #run(first: Delivery): Promise<void> {
    const { time, closing } = this.#context;
    try {
      for (let delivery = first; ; ) {
        if (delivery.dueAt > time.now()) await sleep(time, delivery.dueAt - time.now(), closing);
        closing.throwIfAborted();
        const result = await this.#attempt(delivery);
        closing.throwIfAborted();
        this.#log(delivery, result);
        const delay = this.#context.webhooks.retryDelaysMs[delivery.attempt - 1];
        if (result.outcome === "delivered" || delay === undefined) return await this.#forget(delivery);
        delivery = { ...delivery, attempt: delivery.attempt + 1, dueAt: time.now() + delay };
        // Where it cannot be kept, a restart repeats an attempt, which is not a reason to stop.
        void this.#keep(delivery).catch(() => {});
      }
    } catch (error) {
      if (!closing.aborted) throw error;
    }
  }

  async #attempt(delivery: Delivery): Promise<Outcome> {
    const { time, log, closing } = this.#context;
    const { webhookId: id, detail, results, forged, target, origin = this.#context.origin() } = delivery;
    const body = { ...detail, [results]: [detail[results] ?? []].flat().map((path) => origin + path) };
    const secret = forged ? randomId() : this.#context.webhooks.secret;
    const signed = await signWebhook({ body, secret, id, timestamp: new Date(time.now()) });
    const headers = { ...signed.headers, "user-agent": "magnific-sandbox", connection: "close" };
    const scope = abortScope(time, this.#context.webhooks.timeoutMs, closing);
    log.counts.webhooks++;
    try {
      const request = { method: "POST", headers, body: signed.body, redirect: "manual", signal: scope.signal } as const;
      const { status, body: received } = await fetch(target, request);
      await received?.cancel();
      return { outcome: status >= 200 && status < 300 ? "delivered" : "refused", status };
    } catch (error) {
      const { code, message } = ((error as Error).cause ?? error) as { code?: string; message: string };
      return { outcome: "failed", reason: scope.endedBy === "deadline" ? "no response in time" : (code ?? message) };
    } finally {
      scope.close();
    }
  }

  async #keep(delivery: Delivery): Promise<void> {
    await this.#context.store.write(nameOf("webhooks", delivery.id, "json"), JSON.stringify(delivery));
  }

  async #forget(delivery: Delivery): Promise<void> {
    await this.#context.store.remove(nameOf("webhooks", delivery.id, "json")).catch(() => {});
  }
}

const randomId = (): string => randomBytes(12).toString("hex");
const messageId = (): string => `msg_${randomId()}`;
