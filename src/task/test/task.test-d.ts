import { describe, expectTypeOf, it } from "vitest";
import type { TaskStatus } from "../../contract/default.js";
import type { ResultImage } from "../../result/result-image.js";
import type { WebhookDelivery } from "../../webhook/delivery.js";
import type { TaskHandle } from "../handle.js";
import type { Task } from "../task.js";

declare const handle: TaskHandle;
declare const task: Task;

describe("a task", () => {
  it("has images when it is COMPLETED, the first one for certain", async () => {
    expectTypeOf((await handle.wait()).images[0]).toEqualTypeOf<ResultImage>();
    if (task.status === "COMPLETED") expectTypeOf(task.images[0]).toEqualTypeOf<ResultImage>();
    // @ts-expect-error Only a completed task has images.
    task.images;
  });

  it("says the provider's own status where the document does not know it", () => {
    if (task.status === "UNKNOWN") expectTypeOf(task.wireStatus).toEqualTypeOf<string>();
    expectTypeOf(task.status).toEqualTypeOf<TaskStatus | "UNKNOWN">();
  });

  it("takes no option that it does not know", () => {
    // @ts-expect-error A typo.
    handle.wait({ timeOut: 1 });
    // @ts-expect-error onStatus belongs to wait.
    handle.statuses({ onStatus: () => {} });
  });
});

describe("a delivery", () => {
  it("is a fetch Request or what frameworks have, but never a parsed body", () => {
    expectTypeOf<Request>().toExtend<WebhookDelivery>();
    expectTypeOf<{ headers: NodeJS.Dict<string | string[]>; body: Buffer }>().toExtend<WebhookDelivery>();
    expectTypeOf<{
      headers: Record<string, string | undefined>;
      body: string;
      isBase64Encoded: boolean;
    }>().toExtend<WebhookDelivery>();
    expectTypeOf<{ headers: Headers; body: { task_id: string } }>().not.toExtend<WebhookDelivery>();
  });
});
