/** Deliveries at the edges of what is accepted: headers and bodies of every shape, and what an inbox keeps. */
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { WebhookError } from "../../errors/webhook-error.js";
import { rejection } from "../../test-support/rejection.js";
import { bytesOf, rawBody, type WebhookBody } from "../body.js";
import type { WebhookEvent } from "../event.js";
import { signedHeaders, type WebhookHeaders } from "../headers.js";
import { webhookInbox } from "../inbox.js";
import { seenWebhooks, signWebhook, unwrap, verify } from "../index.js";
import { hmacKey, secretsOf } from "../secret.js";
import { signaturesOf } from "../signature.js";

const failure = (work: () => unknown): Promise<WebhookError> => rejection(Promise.resolve().then(work), WebhookError);

describe("headers", () => {
  const read = { id: "msg", timestamp: "1", signature: "v1,a" };
  const object = { "Webhook-Id": "msg", "WEBHOOK-TIMESTAMP": 1, "webhook-signature": ["v1,a"], other: null };
  const shapes: Record<string, WebhookHeaders> = {
    "an object, whatever the case of its names": object,
    "an object that says undefined too": { ...object, more: undefined },
    Headers: new Headers({ "webhook-id": "msg", "webhook-timestamp": "1", "webhook-signature": "v1,a" }),
    "a Map": new Map(Object.entries(object)),
    entries: Object.entries(object),
    "rawHeaders of Node": ["webhook-id", "msg", "Webhook-Timestamp", "1", "webhook-signature", "v1,a"],
    "rawHeaders with a value that reads like a name, and a name too many": [
      "x-note",
      "webhook-id",
      "webhook-id",
      "msg",
      "webhook-timestamp",
      "1",
      "webhook-signature",
      "v1,a",
      "x",
    ],
    "entries with odd ones among them": [["webhook-id"], 7, null, ...Object.entries(object)] as never,
  };
  for (const [name, headers] of Object.entries(shapes))
    it(`are read from ${name}`, () => expect(signedHeaders(headers)).toEqual(read));

  it("that come twice are a list, as Headers makes one", () => {
    const twice: WebhookHeaders = [
      ["webhook-id", "msg"],
      ["webhook-timestamp", "1"],
      ["webhook-signature", ["v1,a", "v1,b"]],
      ["Webhook-Signature", " v2,c "],
      ["webhook-signature", ""],
    ];
    expect(signedHeaders(twice).signature).toBe("v1,a, v1,b, v2,c");
  });

  it("that are missing are named, with the id where there is one", async () => {
    const error = await failure(() => signedHeaders({ "webhook-id": "msg", "webhook-timestamp": " " }));
    expect(error).toMatchObject({ fault: "header_missing", webhookId: "msg" });
    expect(error.message).toContain("webhook-timestamp is missing: a proxy");
    for (const none of [{}, [], undefined, null, "text"])
      expect((await failure(() => signedHeaders(none as never))).message).toContain("no headers at all");
  });
});

describe("a body", () => {
  const text = (body: WebhookBody, more: object = {}): Promise<string> =>
    rawBody({ headers: {}, body, ...more }, "msg").then((bytes) => Buffer.from(bytes).toString());
  async function* chunks(...parts: unknown[]): AsyncGenerator<Uint8Array> {
    for (const part of parts) {
      if (part instanceof Error) throw part;
      yield part as Uint8Array;
    }
  }

  it("is read from text, bytes in any view, and streams of either", async () => {
    const bytes = bytesOf("-body-");
    expect(await text("body")).toBe("body");
    expect(await text("Ym9keQ==", { isBase64Encoded: true })).toBe("body");
    expect(await text("Ym9keQ==", { isBase64Encoded: false })).toBe("Ym9keQ==");
    expect(await text(bytes.buffer)).toBe("-body-");
    expect(await text(bytes.subarray(1, 5))).toBe("body");
    expect(await text(new DataView(bytes.buffer, 1, 4))).toBe("body");
    expect(await text(chunks(bytesOf("bo"), "dy"))).toBe("body");
  });

  it("is a copy, which later writes do not reach", async () => {
    const bytes = bytesOf("body");
    for (const body of [bytes.buffer, bytes]) {
      const read = await rawBody({ headers: {}, body }, "msg");
      bytes[0] = 0;
      expect(read[0]).toBe(0x62);
      bytes[0] = 0x62;
    }
  });

  it("of what is no fetch Request is read as it is, whatever else the object has of one", async () => {
    const request = new Request("https://example.com/", { method: "POST", body: "body" });
    const { bodyUsed } = request;
    const arrayBuffer = (): unknown => undefined;
    for (const more of [{ bodyUsed }, { arrayBuffer }, { bodyUsed, arrayBuffer: true }])
      expect(await text("body", more)).toBe("body");
    expect(await rawBody(request, "msg")).toEqual(bytesOf("body"));
  });

  it("of a Request of another realm can still be read after verify", async () => {
    const { headers, body } = await signWebhook({ body: "{}", secret: "secret" });
    const request = new Request("https://example.com/", { method: "POST", headers, body });
    const foreign: unknown = runInNewContext(
      "({ __proto__: null, headers: it.headers, body: it.body, bodyUsed: false, arrayBuffer() {}, clone: () => it.clone() })",
      { it: request },
    );
    await verify(foreign as Request, { secret: "secret" });
    expect(await request.text()).toBe("{}");
  });

  it("of no delivery is missing its headers first", async () => {
    for (const none of [undefined, null, 7, "text"])
      await expect(verify(none as never, { secret: "secret" })).rejects.toMatchObject({ fault: "header_missing" });
  });

  it("that something read before is said to be so", async () => {
    for (const none of [null, undefined, chunks()])
      expect((await failure(() => text(none))).message).toContain("no body");
    for (const [parsed, kind] of [
      [{}, "an object"],
      [[1], "an array"],
      [true, "a boolean"],
    ] as const) {
      const error = await failure(() => text(parsed as never));
      expect(error).toMatchObject({ fault: "body_parsed", webhookId: "msg" });
      expect(error.message).toContain(`it is ${kind},`);
    }
  });

  it("that breaks off is unreadable, with its reason", async () => {
    const error = await failure(() => text(chunks(bytesOf("bo"), new Error("reset"))));
    expect(error).toMatchObject({ fault: "body_unreadable", webhookId: "msg", cause: { message: "reset" } });
    const none = await failure(() => text("no base64!", { isBase64Encoded: true }));
    expect(none).toMatchObject({ fault: "body_unreadable", webhookId: "msg", cause: expect.anything() });
  });

  it("may have 1 MiB, and no byte more", async () => {
    const half = new Uint8Array(524_288);
    expect((await text(chunks(half, half))).length).toBe(1_048_576);
    expect((await failure(() => text(chunks(half, half, new Uint8Array(1))))).fault).toBe("body_unreadable");
  });

  it("that is too long is not read on: its stream is given up", async () => {
    let cancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(600_000)),
      cancel() {
        cancelled = true;
      },
    });
    const request = { body: stream, bodyUsed: false, headers: new Headers(), arrayBuffer: () => {} };
    expect((await failure(() => rawBody(request as never, "msg"))).fault).toBe("body_unreadable");
    expect(cancelled).toBe(true);
  });
});

describe("a timestamp", () => {
  const secret = "secret";
  const at = async (timestamp: string, now: number): Promise<unknown> => {
    const { headers, body } = await signWebhook({ body: { task_id: "t", status: "CREATED" }, secret });
    const changed = { ...headers, "webhook-timestamp": timestamp };
    return (await failure(() => unwrap({ headers: changed, body }, { secret, now: () => now }))).message;
  };

  it("has eleven digits at most; more look like milliseconds, anything else like nothing", async () => {
    expect(await at("99999999999", 0)).toContain("No signature matches");
    expect(await at("999999999999", 0)).toContain("It looks like milliseconds.");
    for (const odd of ["12x", "x12", "1".repeat(300)]) expect(await at(odd, 0)).toContain('seconds since the epoch: "');
    for (const odd of ["12x", "x1760749154000", "1760749154000x"]) expect(await at(odd, 0)).toMatch(/"\.$/);
    expect(await at("a".repeat(100), 0)).toContain(`"${"a".repeat(40)}".`);
  });

  it("is looked at to the millisecond", async () => {
    const moment = 1_760_749_154_000;
    const signed = await signWebhook({
      body: { task_id: "t", status: "CREATED" },
      secret,
      timestamp: new Date(moment),
    });
    const off = (ms: number): Promise<WebhookEvent> =>
      unwrap(signed, { secret, tolerance: 10, now: () => moment + ms });
    expect((await off(10_000)).timestamp).toEqual(new Date(moment));
    expect((await off(-10_000)).task.id).toBe("t");
    expect((await failure(() => off(10_001))).fault).toBe("too_old");
    expect((await failure(() => off(-10_001))).fault).toBe("too_new");
  });
});

describe("signatures", () => {
  const good = Buffer.alloc(32, 1).toString("base64");
  it("are base64 of 32 bytes behind a version, in a list of sixteen at most", () => {
    expect(signaturesOf(`v1,${good} v2,${good}\tv3,${good},`).length).toBe(3);
    for (const odd of [good, `,${good}`, `v1,${good},x`, `x,v1,${good}`, "v1,", ""])
      expect(signaturesOf(odd), odd).toEqual([]);
    for (const size of [31, 33]) expect(signaturesOf(`v1,${Buffer.alloc(size, 1).toString("base64")}`)).toEqual([]);
    expect(signaturesOf(`v1,${good} `.repeat(40)).length).toBe(16);
  });
});

describe("secrets", () => {
  it("are all used, and none may be empty", () => {
    expect(secretsOf(["a", "b"])).toEqual(["a", "b"]);
    for (const [given, says] of [
      [[], "There is no webhook secret"],
      ["", "A webhook secret is empty"],
      [" \n", "A webhook secret is empty"],
      [["a", ""], "A webhook secret is empty"],
      [[7 as never], "A webhook secret is empty"],
    ] as const)
      expect(() => secretsOf(given), JSON.stringify(given)).toThrow(says);
  });

  it("are keys that nobody can read back, and never empty ones", async () => {
    for (const encoding of ["utf8", "base64"] as const) {
      expect((await hmacKey("a2V5", encoding)).extractable).toBe(false);
    }
    expect(() => hmacKey("", "base64")).toThrow("is no base64");
    await expect(hmacKey("", "utf8")).rejects.toThrow();
  });
});

describe("an inbox", () => {
  const event = (id: string, status: "CREATED" | "COMPLETED", n = 0): WebhookEvent => ({
    id: `msg-${n}`,
    timestamp: new Date(n),
    task: { id, status, images: [], raw: {} },
  });
  const heard = (): { readonly ids: string[]; readonly hear: (event: WebhookEvent<unknown>) => void } => {
    const ids: string[] = [];
    return { ids, hear: ({ id }) => void ids.push(id) };
  };

  it("tells of a task what came last, and of a result for good; ids in any case", () => {
    const inbox = webhookInbox();
    inbox.deliver(event("T", "CREATED", 1));
    inbox.deliver(event("t", "COMPLETED", 2));
    inbox.deliver(event("t", "CREATED", 3));
    const { ids, hear } = heard();
    inbox.subscribe("T", hear);
    expect(ids).toEqual(["msg-2"]);
    inbox.deliver(event("t", "CREATED", 4));
    expect(ids).toEqual(["msg-2", "msg-4"]);
  });

  it("keeps the last thousand tasks, or as many as it is told to", () => {
    for (const [options, most] of [
      [undefined, 1000],
      [{ remember: 2 }, 2],
    ] as const) {
      const inbox = webhookInbox(options);
      for (let n = 0; n <= most; n++) inbox.deliver(event(`t${n}`, "CREATED", n));
      const { ids, hear } = heard();
      for (let n = 0; n <= most; n++) inbox.subscribe(`t${n}`, hear);
      expect([ids.length, ids[0]]).toEqual([most, "msg-1"]);
    }
  });

  it("counts a task that is heard of again among the newest", () => {
    const inbox = webhookInbox({ remember: 2 });
    expect(() => webhookInbox({ remember: Number.NaN })).toThrow("`remember` must be a whole number of at least 0");
    for (const [n, id] of ["a", "b", "a", "c"].entries()) inbox.deliver(event(id, "CREATED", n));
    const { ids, hear } = heard();
    for (const id of ["a", "b", "c"]) inbox.subscribe(id, hear);
    expect(ids).toEqual(["msg-2", "msg-3"]);
  });

  it("tells each subscription until that one ends", () => {
    const inbox = webhookInbox();
    const { ids, hear } = heard();
    const first = inbox.subscribe("t", hear);
    const second = inbox.subscribe("t", hear);
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

it("ten thousand ids are remembered unless told otherwise", () => {
  const seen = seenWebhooks();
  const until = new Date();
  for (let n = 0; n < 10_000; n++) seen.add(String(n), until);
  expect(seen.add("0", until)).toBe(false);
  seen.add("10000", until);
  expect(seen.add("0", until)).toBe(true);
});

describe("the test signer", () => {
  it("signs text and bytes as they are, and anything else as JSON, now and under an id of its own", async () => {
    const secret = "secret";
    for (const body of ['{"a":1}', bytesOf('{"a":1}'), { a: 1 }]) {
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
});
