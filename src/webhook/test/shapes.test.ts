/** Deliveries at the edges of what is accepted, headers and bodies of every shape, and what an inbox keeps. */
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { WebhookError } from "../../errors/webhook-error.js";
import { rejection } from "../../test-support/rejection.js";
import {
  seenWebhooks,
  signWebhook,
  unwrap,
  verify,
  type WebhookBody,
  type WebhookEvent,
  type WebhookHeaders,
  webhookInbox,
} from "../index.js";

const secret = "secret";
const TASK = '{"task_id":"t","status":"CREATED"}';
const signed = await signWebhook({ body: TASK, secret, id: "msg" });
const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature } = signed.headers;

const read = async (delivery: object): Promise<string> =>
  Buffer.from((await verify(delivery as never, { secret })).body).toString();
const refusal = (delivery: unknown, options: object = {}): Promise<WebhookError> =>
  rejection(unwrap(delivery as never, { secret, ...options }), WebhookError);

describe("headers", () => {
  const object = {
    "Webhook-Id": id,
    "WEBHOOK-TIMESTAMP": Number(timestamp),
    "webhook-signature": [signature],
    x: null,
  };
  const flat = ["webhook-id", id, "webhook-timestamp", timestamp, "webhook-signature", signature];
  const shapes: Record<string, WebhookHeaders> = {
    "an object, whatever the case of its names": object,
    "an object with undefined values": { ...object, more: undefined },
    Headers: new Headers(signed.headers),
    "a Map": new Map(Object.entries(object)),
    entries: Object.entries(object),
    "rawHeaders of Node": flat,
    "rawHeaders with a value that reads like a name, and a name too many": ["x-note", "webhook-id", ...flat, "x"],
    "entries with odd ones among them": [["webhook-id"], 7, null, ...Object.entries(object)] as never,
  };
  for (const [name, headers] of Object.entries(shapes))
    it(`are read from ${name}`, async () => expect(await read({ headers, body: TASK })).toBe(TASK));

  it("that are repeated are a list, as Headers makes one", async () => {
    const other = ["webhook-signature", [" v1,x ", ""]] as const;
    const headers = [other, ...Object.entries(object), ["Webhook-Signature", ""]] as never;
    expect(await read({ headers, body: TASK })).toBe(TASK);
  });

  it("that are missing are named, with the id where there is one", async () => {
    const error = await refusal({ headers: { "webhook-id": "msg", "webhook-timestamp": " " }, body: TASK });
    expect(error).toMatchObject({ fault: "header_missing", webhookId: "msg" });
    expect(error.message).toContain("webhook-timestamp is missing: a proxy");
    for (const headers of [{}, [], undefined, null, "text"])
      expect((await refusal({ headers, body: TASK })).message).toContain("no headers were passed");
    for (const delivery of [undefined, null, 7, "text"]) expect((await refusal(delivery)).fault).toBe("header_missing");
  });
});

describe("a body", () => {
  const { headers } = signed;
  const bytes = new Uint8Array(Buffer.from(`-${TASK}-`));
  async function* chunks(...parts: unknown[]): AsyncGenerator<Uint8Array> {
    for (const part of parts) {
      if (part instanceof Error) throw part;
      yield part as Uint8Array;
    }
  }

  it("is read from text, bytes in any view, and streams of either", async () => {
    const inside = bytes.subarray(1, -1);
    const bodies: WebhookBody[] = [
      TASK,
      inside,
      bytes.slice(1, -1).buffer,
      new DataView(bytes.buffer, 1, inside.byteLength),
      chunks(inside.subarray(0, 9), TASK.slice(9)),
    ];
    for (const body of bodies) expect(await read({ headers, body })).toBe(TASK);
    expect(await read({ headers, body: btoa(TASK), isBase64Encoded: true })).toBe(TASK);
    expect((await refusal({ headers, body: btoa(TASK), isBase64Encoded: false })).fault).toBe("signature_mismatch");
  });

  it("is a copy, which later writes do not reach", async () => {
    for (const body of [bytes.slice(1, -1), bytes.slice(1, -1).buffer]) {
      const verified = await verify({ headers, body }, { secret });
      new Uint8Array(body instanceof ArrayBuffer ? body : body.buffer)[0] = 0;
      expect(Buffer.from(verified.body).toString()).toBe(TASK);
    }
  });

  it("is read as it is where the object only resembles a fetch Request, and from a Request of another realm", async () => {
    const arrayBuffer = (): unknown => undefined;
    for (const more of [{ bodyUsed: false }, { arrayBuffer }, { bodyUsed: false, arrayBuffer: true }])
      expect(await read({ headers, body: TASK, ...more })).toBe(TASK);
    const request = new Request("https://example.com/", { method: "POST", headers, body: TASK });
    const foreign: object = runInNewContext(
      "({ __proto__: null, headers: it.headers, body: it.body, bodyUsed: false, arrayBuffer() {}, clone: () => it.clone() })",
      { it: request },
    );
    expect(await read(foreign)).toBe(TASK);
    // Still readable after verify.
    expect(await request.text()).toBe(TASK);
  });

  it("that was read or parsed before is refused as such", async () => {
    for (const body of [null, undefined, chunks()])
      expect((await refusal({ headers, body })).message).toContain("no body");
    for (const [body, kind] of [
      [{}, "an object"],
      [[1], "an array"],
      [true, "a boolean"],
    ] as const) {
      const error = await refusal({ headers, body });
      expect(error).toMatchObject({ fault: "body_parsed", webhookId: "msg" });
      expect(error.message).toContain(`it is ${kind},`);
    }
  });

  it("that breaks off or is not base64 is unreadable, with the reason", async () => {
    const broken = await refusal({ headers, body: chunks(bytes, new Error("reset")) });
    expect(broken).toMatchObject({ fault: "body_unreadable", webhookId: "msg", cause: { message: "reset" } });
    const odd = await refusal({ headers, body: "no base64!", isBase64Encoded: true });
    expect(odd).toMatchObject({ fault: "body_unreadable", webhookId: "msg" });
  });

  it("may have 1 MiB and not a byte more; a longer stream is cancelled", async () => {
    const half = new Uint8Array(524_288);
    expect((await refusal({ headers, body: chunks(half, half) })).fault).toBe("signature_mismatch");
    expect((await refusal({ headers, body: chunks(half, half, new Uint8Array(1)) })).fault).toBe("body_unreadable");
    let cancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(600_000)),
      cancel() {
        cancelled = true;
      },
    });
    const request = { body: stream, bodyUsed: false, headers: new Headers(headers), arrayBuffer: () => {} };
    expect((await refusal(request)).fault).toBe("body_unreadable");
    expect(cancelled).toBe(true);
  });
});

describe("a timestamp", () => {
  const at = async (changed: string): Promise<string> =>
    (await refusal({ headers: { ...signed.headers, "webhook-timestamp": changed }, body: TASK }, { now: () => 0 }))
      .message;

  it("has at most eleven digits; more look like milliseconds", async () => {
    expect(await at("99999999999")).toContain("No signature matches");
    expect(await at("999999999999")).toContain("It looks like milliseconds.");
    for (const odd of ["12x", "x12", "1".repeat(300)]) expect(await at(odd)).toContain('seconds since the epoch: "');
    for (const odd of ["12x", "x1760749154000", "1760749154000x"]) expect(await at(odd)).toMatch(/"\.$/);
    expect(await at("a".repeat(100))).toContain(`"${"a".repeat(40)}".`);
  });

  it("is compared to the millisecond", async () => {
    const moment = 1_760_749_154_000;
    const delivery = await signWebhook({ body: TASK, secret, timestamp: new Date(moment) });
    const off = (ms: number) => ({ secret, tolerance: 10, now: () => moment + ms });
    expect((await unwrap(delivery, off(10_000))).timestamp).toEqual(new Date(moment));
    expect((await unwrap(delivery, off(-10_000))).task.id).toBe("t");
    expect((await refusal(delivery, off(10_001))).fault).toBe("too_old");
    expect((await refusal(delivery, off(-10_001))).fault).toBe("too_new");
  });
});

describe("an inbox", () => {
  const event = (task: string, status: "CREATED" | "COMPLETED", n: number): WebhookEvent => ({
    id: `msg-${n}`,
    timestamp: new Date(n),
    task: { id: task, status, images: [], raw: {} },
  });
  const listener = () => {
    const ids: string[] = [];
    return { ids, hear: (heard: WebhookEvent<unknown>) => void ids.push(heard.id) };
  };

  it("gives a subscriber the latest event of a task, or its result for good; ids in any case", () => {
    const inbox = webhookInbox();
    for (const [n, [task, status]] of (
      [
        ["T", "CREATED"],
        ["t", "COMPLETED"],
        ["t", "CREATED"],
      ] as const
    ).entries())
      inbox.deliver(event(task, status, n));
    const { ids, hear } = listener();
    inbox.subscribe("T", hear);
    expect(ids).toEqual(["msg-1"]);
    inbox.deliver(event("t", "CREATED", 4));
    expect(ids).toEqual(["msg-1", "msg-4"]);
  });

  // @tests WebhookInboxOptions.remember
  it("remembers the last thousand tasks, or as many as `remember` says, the newest by their latest event", () => {
    for (const [options, most] of [
      [undefined, 1000],
      [{ remember: 2 }, 2],
    ] as const) {
      const inbox = webhookInbox(options);
      for (let n = 0; n <= most; n++) inbox.deliver(event(`t${n}`, "CREATED", n));
      const { ids, hear } = listener();
      for (let n = 0; n <= most; n++) inbox.subscribe(`t${n}`, hear);
      expect([ids.length, ids[0]]).toEqual([most, "msg-1"]);
    }
    const inbox = webhookInbox({ remember: 2 });
    for (const [n, task] of ["a", "b", "a", "c"].entries()) inbox.deliver(event(task, "CREATED", n));
    const { ids, hear } = listener();
    for (const task of ["a", "b", "c"]) inbox.subscribe(task, hear);
    expect(ids).toEqual(["msg-2", "msg-3"]);
    expect(() => webhookInbox({ remember: Number.NaN })).toThrow("`remember` must be a whole number of at least 0");
  });

  it("calls each subscription until that one ends", () => {
    const inbox = webhookInbox();
    const { ids, hear } = listener();
    const [first, second] = [inbox.subscribe("t", hear), inbox.subscribe("t", hear)];
    inbox.subscribe("other", hear);
    first();
    first();
    inbox.deliver(event("t", "CREATED", 1));
    second();
    inbox.deliver(event("t", "CREATED", 2));
    const third = inbox.subscribe("t", hear);
    first();
    inbox.deliver(event("t", "CREATED", 3));
    third();
    expect(ids).toEqual(["msg-1", "msg-2", "msg-3"]);
  });
});

it("seenWebhooks() remembers ten thousand ids by default", () => {
  const seen = seenWebhooks();
  const until = new Date();
  for (let n = 0; n < 10_000; n++) seen.add(String(n), until);
  expect(seen.add("0", until)).toBe(false);
  seen.add("10000", until);
  expect(seen.add("0", until)).toBe(true);
});

it("the test signer signs text and bytes as they are, anything else as JSON, now and under an id of its own", async () => {
  for (const body of ['{"a":1}', new Uint8Array(Buffer.from('{"a":1}')), { a: 1 }]) {
    const before = Math.floor(Date.now() / 1000);
    const { headers, body: wire } = await signWebhook({ body, secret });
    expect(Buffer.from(wire).toString()).toBe('{"a":1}');
    expect(headers["content-type"]).toBe("application/json");
    expect(headers["webhook-id"]).toMatch(/^msg_[\da-f-]{36}$/);
    expect(Number(headers["webhook-timestamp"])).toBeGreaterThanOrEqual(before);
    expect(Number(headers["webhook-timestamp"])).toBeLessThanOrEqual(Date.now() / 1000);
  }
  const { headers } = await signWebhook({ body: "x", secret: ["a", "b"], timestamp: new Date(1999) });
  expect(headers["webhook-timestamp"]).toBe("1");
  expect(headers["webhook-signature"]).toMatch(/^v1,\S{44} v1,\S{44}$/);
});
