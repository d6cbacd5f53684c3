import { describe, expect, it, onTestFinished, vi } from "vitest";
import { ResultImage } from "../../result/result-image.js";
import { environmentOf, TASK_ID } from "../../test-support/client-context.js";
import { VirtualTime } from "../../test-support/virtual-time.js";
import { clientWebhooks } from "../client-webhooks.js";
import { type SignWebhookOptions, seenWebhooks, signWebhook, type WebhookOptions } from "../index.js";

const time = new VirtualTime();
const environment = environmentOf({ time });
const URL_OF_IMAGE = "https://cdn.freepik.com/a.png?token=exp=1760749154~hmac=0";

const webhooksWith = (options?: WebhookOptions) => clientWebhooks(async () => environment, { time, webhooks: options });

const signed = (options: Partial<SignWebhookOptions> = {}) =>
  signWebhook({
    body: { task_id: TASK_ID, status: "COMPLETED", generated: [URL_OF_IMAGE] },
    secret: "a",
    timestamp: new Date(time.now()),
    ...options,
  });

describe("webhooks of a client", () => {
  it("give images that can be saved, and keep the task's id in their errors", async () => {
    const { task } = await webhooksWith({ secret: "a" }).unwrap(await signed());
    expect(task.images[0]).toBeInstanceOf(ResultImage);
    expect(task.images[0]?.expiresAt).toEqual(new Date(1_760_749_154_000));
    await expect(task.images[0]?.bytes()).rejects.toMatchObject({ code: "result_expired", taskId: TASK_ID });
  });

  it("refuse what is not an options object, as a rejection", async () => {
    const webhooks = webhooksWith({ secret: "a" });
    const delivery = await signed();
    for (const options of [5, null] as never[]) {
      await expect(webhooks.unwrap(delivery, options)).rejects.toMatchObject({ code: "configuration" });
      await expect(webhooks.verify(delivery, options)).rejects.toMatchObject({ code: "configuration" });
    }
  });

  const old = { timestamp: new Date(time.now() - 400_000) };
  const base64 = { encoding: "base64", secret: "YWJj" } as const;
  /** What a delivery is signed with, the option that accepts it, and one that does not. */
  it.each<readonly [string, Partial<SignWebhookOptions>, WebhookOptions, WebhookOptions]>([
    ["secret", { secret: "b" }, { secret: "b" }, { secret: "a" }],
    ["encoding", base64, base64, { ...base64, encoding: "utf8" }],
    ["tolerance", old, { tolerance: 500 }, { tolerance: 300 }],
    ["now", { timestamp: new Date(5_000) }, { now: () => 5_000 }, { now: () => 9_999_000 }],
  ])("%s: the client's default, unless the call says otherwise", async (_name, options, right, wrong) => {
    const delivery = await signed(options);
    const [accepting, refusing] = [right, wrong].map((own) => webhooksWith({ secret: "a", ...own }));
    const refusal = { code: "webhook_invalid" };
    for (const method of ["unwrap", "verify"] as const) {
      await accepting?.[method](delivery);
      await refusing?.[method](delivery, right);
      await expect(refusing?.[method](delivery)).rejects.toMatchObject(refusal);
      await expect(accepting?.[method](delivery, wrong)).rejects.toMatchObject(refusal);
    }
  });

  it("seen: the client's default, unless the call says otherwise", async () => {
    const given = await signed();
    const webhooks = webhooksWith({ secret: "a", seen: seenWebhooks() });
    await webhooks.unwrap(given);
    await expect(webhooks.unwrap(given)).rejects.toMatchObject({ fault: "replayed" });
    await webhooks.unwrap(given, { seen: seenWebhooks() });
  });

  it("without a secret refuse everything", async () => {
    vi.stubEnv("MAGNIFIC_WEBHOOK_SECRET", "");
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(webhooksWith().unwrap(await signed())).rejects.toMatchObject({ fault: "secret_missing" });
  });
});
