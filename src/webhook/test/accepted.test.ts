/** Genuine deliveries, in any shape of headers and body, and what they say. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { runInNewContext } from "node:vm";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { ConfigurationError } from "../../errors/request-errors.js";
import { rejection } from "../../test-support/rejection.js";
import {
  seenWebhooks,
  signWebhook,
  unwrap,
  verify,
  WebhookError,
  type WebhookEvent,
  type WebhookHeaders,
  type WebhookOptions,
} from "../index.js";
import { BASE64_SIGNATURE, BODY, chunks, HEADERS, NOW, OPTIONS, SECRET } from "./vector.js";

const read = async (delivery: unknown, options: WebhookOptions = OPTIONS): Promise<string> =>
  new TextDecoder().decode((await verify(delivery as never, options)).body);
const withSignature = (signature: string) => ({
  headers: { ...HEADERS, "webhook-signature": signature },
  body: BODY,
});
const genuine = HEADERS["webhook-signature"].slice(3);
const other = BASE64_SIGNATURE.slice(3);

// @tests WebhookOptions.secret
it("the test vector of the provider's documentation is accepted and read", async () => {
  expect(await unwrap({ headers: HEADERS, body: BODY }, OPTIONS)).toEqual({
    id: "msg_2kq",
    timestamp: new Date(NOW),
    task: {
      id: "046b6c7f-0b8a-43b9-b35d-6489e6daee91",
      status: "COMPLETED",
      images: ["https://ai-statics.freepik.com/completed_task_image.jpg"],
      raw: JSON.parse(BODY),
    },
  } satisfies WebhookEvent);
});

// @tests SignWebhookOptions.encoding, SignWebhookOptions.id, SignWebhookOptions.timestamp, SignWebhookOptions.body, SignWebhookOptions.secret, WebhookOptions.encoding
it("the test signer signs as the provider does, in both readings of the secret", async () => {
  const delivery = { body: BODY, id: "msg_2kq", timestamp: new Date(NOW + 999), secret: SECRET };
  expect((await signWebhook(delivery)).headers).toEqual({ ...HEADERS, "content-type": "application/json" });
  const decoded = await signWebhook({ ...delivery, encoding: "base64" });
  expect(decoded.headers["webhook-signature"]).toBe(BASE64_SIGNATURE);
  expect(await read(decoded, { ...OPTIONS, encoding: "base64" })).toBe(BODY);
});

it("the test signer signs text and bytes as they are, anything else as JSON, now and under an id of its own", async () => {
  for (const body of ['{"a":1}', new Uint8Array(Buffer.from('{"a":1}')), { a: 1 }]) {
    const before = Math.floor(Date.now() / 1000);
    const { headers, body: wire } = await signWebhook({ body, secret: "a" });
    expect(Buffer.from(wire).toString()).toBe('{"a":1}');
    expect(headers["webhook-id"]).toMatch(/^msg_[\da-f-]{36}$/);
    expect(Number(headers["webhook-timestamp"])).toBeGreaterThanOrEqual(before);
    expect(Number(headers["webhook-timestamp"])).toBeLessThanOrEqual(Date.now() / 1000);
  }
});

it.each([
  `v2,${genuine}`,
  `v1,${other} v1,${genuine}`,
  `v2,${genuine}   v1,${other}`,
  `v1,${other}\tv9,${genuine}`,
  `v1,${other}, v1,${genuine}`,
  `nonsense v1,${genuine}`,
  `${`v1,${other} `.repeat(15)}v1,${genuine}`,
])("accepts the signature %s", async (signature) => {
  expect(await read(withSignature(signature))).toBe(BODY);
});

it("accepts any of several secrets, and that of the environment where none is passed", async () => {
  for (const secret of [
    ["old", SECRET],
    [SECRET, "new"],
  ])
    expect(await read({ headers: HEADERS, body: BODY }, { ...OPTIONS, secret })).toBe(BODY);
  const delivery = await signWebhook({ body: BODY, secret: ["a", "b"] });
  for (const secret of ["a", "b"]) expect(await read(delivery, { secret })).toBe(BODY);
  vi.stubEnv("MAGNIFIC_WEBHOOK_SECRET", SECRET);
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await read({ headers: HEADERS, body: BODY }, { now: () => NOW })).toBe(BODY);
});

// @tests WebhookOptions.tolerance, WebhookOptions.now
it.each([
  [300, 300],
  [300, -300],
  [300, 0],
  [10, 10],
  [10, -10],
  [0, 0],
])("accepts with a tolerance of %d s what was sent %d s ago", async (tolerance, seconds) => {
  const now = (): number => NOW + seconds * 1000;
  expect(await read({ headers: HEADERS, body: BODY }, { secret: SECRET, tolerance, now })).toBe(BODY);
});

it("uses the real clock and the defaults where options are left out or null", async () => {
  const nothing = { now: null, seen: null, tolerance: null, encoding: null } as never;
  const delivery = await signWebhook({ body: BODY, secret: SECRET });
  for (const options of [{ secret: SECRET }, { secret: SECRET, ...(nothing as object) }])
    expect(await read(delivery, options)).toBe(BODY);
});

// @tests WebhookOptions.encoding
it("a secret that begins with whsec_ is read as Standard Webhooks has it, and otherwise only where the option says so", async () => {
  const plain = Buffer.from("standard webhooks secret").toString("base64");
  const secret = `whsec_${plain}`;
  const delivery = await signWebhook({ body: BODY, secret: plain, encoding: "base64" });
  for (const encoding of [undefined, "base64"] as const) expect(await read(delivery, { secret, encoding })).toBe(BODY);
  expect(await read(await signWebhook({ body: BODY, secret }), { secret: plain, encoding: "base64" })).toBe(BODY);
  const hint = await rejection(read(delivery, { secret, encoding: "utf8" }), WebhookError);
  expect(hint).toMatchObject({ fault: "signature_mismatch", message: expect.stringContaining('`encoding: "base64"`') });
  const literal = await signWebhook({ body: BODY, secret, encoding: "utf8" });
  expect(await read(literal, { secret, encoding: "utf8" })).toBe(BODY);
  expect(await rejection(read(literal, { secret }), WebhookError)).toMatchObject({
    fault: "signature_mismatch",
    message: expect.stringContaining('`encoding: "utf8"`'),
  });
  expect(await rejection(read(delivery, { secret: "whsec_not base64" }), ConfigurationError)).toMatchObject({
    message: expect.stringContaining("whsec_"),
  });
});

it("the event of an AWS load balancer is verified by its multi-value headers alone", async () => {
  const multiValueHeaders = Object.fromEntries(Object.entries(HEADERS).map(([name, value]) => [name, [value]]));
  const event = { multiValueHeaders, body: Buffer.from(BODY).toString("base64"), isBase64Encoded: true };
  for (const more of [{}, { headers: null }]) expect(await read({ ...event, ...more })).toBe(BODY);
  // Where both are there they say the same.
  expect(await read({ ...event, headers: HEADERS })).toBe(BODY);
  expect((await unwrap(event, OPTIONS)).id).toBe("msg_2kq");
});

describe("headers", () => {
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature } = HEADERS;
  const object = {
    "Webhook-Id": id,
    "WEBHOOK-TIMESTAMP": Number(timestamp),
    "webhook-signature": [signature],
    x: null,
  };
  const flat = Object.entries(HEADERS).flat();
  const shapes: Record<string, WebhookHeaders> = {
    "an object, whatever the case of its names": object,
    "an object with undefined values": { ...object, more: undefined },
    "rawHeaders with a value that reads like a name, and a name too many": ["x-note", "webhook-id", ...flat, "x"],
    "entries with odd ones among them": [["webhook-id"], 7, null, ...Object.entries(object)] as never,
    "repeated entries, which are a list as Headers makes one": [
      ["webhook-signature", [" v1,x ", ""]],
      ...Object.entries(object),
      ["Webhook-Signature", ""],
    ],
  };
  it.each(Object.entries(shapes))("are read from %s", async (_shape, headers) => {
    expect(await read({ headers, body: BODY })).toBe(BODY);
  });
});

describe("a body", () => {
  const padded = new Uint8Array(Buffer.from(`-${BODY}-`));
  const inside = padded.subarray(1, -1);
  const arrayBuffer = (): unknown => undefined;
  const foreign = (request: Request): unknown =>
    runInNewContext(
      "({ __proto__: null, headers: it.headers, body: it.body, bodyUsed: false, arrayBuffer() {}, clone: () => it.clone() })",
      { it: request },
    );
  it.each<[string, object]>([
    ["a part of a buffer", { body: inside }],
    ["a DataView", { body: new DataView(padded.buffer, 1, inside.byteLength) }],
    ["a stream of bytes and of text", { body: chunks(inside.subarray(0, 9), BODY.slice(9)) }],
    ["base64", { body: btoa(BODY), isBase64Encoded: true }],
    ["what has a flag as a Request has", { body: BODY, bodyUsed: false }],
    ["what has a method as a Request has", { body: BODY, arrayBuffer }],
    ["what has an odd method", { body: BODY, bodyUsed: false, arrayBuffer: true }],
  ])("is read from %s", async (_shape, delivery) => {
    expect(await read({ headers: HEADERS, ...delivery })).toBe(BODY);
  });

  it("is a copy, which later writes do not reach", async () => {
    for (const body of [padded.slice(1, -1), padded.slice(1, -1).buffer]) {
      const verified = await verify({ headers: HEADERS, body }, OPTIONS);
      new Uint8Array(body instanceof ArrayBuffer ? body : body.buffer)[0] = 0;
      expect(Buffer.from(verified.body).toString()).toBe(BODY);
    }
  });

  it("of a fetch Request, also of another realm, can be read after verify()", async () => {
    const request = new Request("https://example.com/", { method: "POST", headers: HEADERS, body: BODY });
    expect(await read(foreign(request))).toBe(BODY);
    expect(await read(request)).toBe(BODY);
    expect((await unwrap(request, OPTIONS)).id).toBe("msg_2kq");
    expect(request.bodyUsed).toBe(true);
  });
});

it("a raw Node request is read by its headers and its stream", async () => {
  let outcome: Promise<WebhookEvent> | undefined;
  const server = createServer((request, response) => {
    outcome = unwrap({ headers: request.headers, body: request }, { secret: SECRET });
    outcome.then(
      () => response.end(),
      () => response.writeHead(400).end(),
    );
  });
  server.listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const signed = await signWebhook({ body: BODY, secret: SECRET });
  expect((await fetch(url, { method: "POST", ...signed })).status).toBe(200);
  expect((await outcome)?.task.status).toBe("COMPLETED");
  expect((await fetch(url, { method: "POST", ...signed, body: "x" })).status).toBe(400);
});

describe("a task", () => {
  const task = { task_id: "t", status: "IN_PROGRESS", generated: [], error: null };
  const expected = { id: "t", status: "IN_PROGRESS", images: [], raw: task };
  const unknown = { status: "UNKNOWN", wireStatus: "NO_SUCH_STATUS", images: [] };
  it.each<[string, object, object]>([
    ["without the data wrapper", task, expected],
    ["with the data wrapper", { data: task, more: 1 }, expected],
    [
      "next to a field `data` that is not a wrapper",
      { ...task, data: { task_id: "x", status: "FAILED" } },
      { id: "t" },
    ],
    ["with a status that the document does not have", { task_id: "t", status: "NO_SUCH_STATUS" }, unknown],
    ["without images", { task_id: "t", status: "COMPLETED", generated: null }, { images: [] }],
    ["with odd images", { ...task, generated: [1, "", "https://a/b"] }, { images: ["https://a/b"] }],
  ])("is read %s", async (_name, body, expected) => {
    const event = await unwrap(await signWebhook({ body, secret: SECRET }), { secret: SECRET });
    expect(event.task).toMatchObject(expected);
  });
});

describe("a delivery that comes twice", () => {
  // @tests WebhookOptions.seen
  it("is accepted, unless a store of seen ids is passed", async () => {
    for (const _time of [1, 2]) await unwrap({ headers: HEADERS, body: BODY }, OPTIONS);
    const seen = seenWebhooks();
    await unwrap({ headers: HEADERS, body: BODY }, { ...OPTIONS, seen });
    const again = unwrap({ headers: HEADERS, body: BODY }, { ...OPTIONS, seen });
    const error = await rejection(again, WebhookError);
    expect(error).toMatchObject({ fault: "replayed", webhookId: "msg_2kq" });
    expect(error.message).toContain("2xx");
  });

  it("is known only where the first one was accepted, until that would be too old", async () => {
    const noted: (readonly [string, Date])[] = [];
    const seen = { add: async (id: string, until: Date) => noted.push([id, until]) > 0 };
    await unwrap({ headers: HEADERS, body: `${BODY} ` }, { ...OPTIONS, seen }).catch(() => {});
    await unwrap({ headers: HEADERS, body: BODY }, { ...OPTIONS, seen, now: () => NOW + 400_000 }).catch(() => {});
    const unreadable = await signWebhook({ body: "{", id: "broken", timestamp: new Date(NOW), secret: SECRET });
    await unwrap(unreadable, { ...OPTIONS, seen }).catch(() => {});
    await unwrap({ headers: HEADERS, body: BODY }, { ...OPTIONS, seen });
    await unwrap({ headers: HEADERS, body: BODY }, { ...OPTIONS, seen, tolerance: Number.POSITIVE_INFINITY });
    expect(noted).toEqual([
      ["msg_2kq", new Date(NOW + 300_000)],
      ["msg_2kq", new Date(8_640_000_000_000_000)],
    ]);
  });

  // @tests SeenWebhooksOptions.max
  it.each([
    ["ten thousand ids by default", undefined, 10_000],
    ["`max` ids", { max: 2 }, 2],
  ])("is known to the store in memory for %s, the oldest of which go first", (_name, options, most) => {
    const seen = seenWebhooks(options);
    const add = (id: number): boolean => seen.add(String(id), new Date()) as boolean;
    for (let id = 0; id < most; id++) expect(add(id)).toBe(true);
    expect([add(0), add(most), add(0)]).toEqual([false, true, true]);
  });
});
