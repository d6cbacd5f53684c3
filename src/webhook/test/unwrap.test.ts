import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { WebhookError, type WebhookFault } from "../../errors/webhook-error.js";
import { rejection } from "../../test-support/rejection.js";
import type { WebhookDelivery } from "../delivery.js";
import { seenWebhooks, signWebhook, unwrap, verify, type WebhookEvent, type WebhookOptions } from "../index.js";

/** From the provider's documentation of the algorithm; the two signatures are the two readings of the secret. */
const SECRET = "dGVzdC1zZWNyZXQ=";
const BODY =
  '{"task_id":"046b6c7f-0b8a-43b9-b35d-6489e6daee91","status":"COMPLETED","generated":["https://ai-statics.freepik.com/completed_task_image.jpg"]}';
const HEADERS = {
  "webhook-id": "msg_2kq",
  "webhook-timestamp": "1760749154",
  "webhook-signature": "v1,y7xPmEwPca2qlk5I19R+zmAd56J4sFswSCq5N8PwhPQ=",
};
const BASE64_SIGNATURE = "v1,Fy4hVnqnw62/k19CwMYC5fdAOKXzH/209SI/A55sKYs=";
const NOW = 1_760_749_154_000;
const OPTIONS = { secret: SECRET, now: () => NOW } satisfies WebhookOptions;

const refusal = (delivery: WebhookDelivery, options: WebhookOptions = OPTIONS): Promise<WebhookError> =>
  rejection(unwrap(delivery, options), WebhookError);

describe("the test vector", () => {
  // @tests WebhookOptions.secret, SignWebhookOptions.body, SignWebhookOptions.secret
  it("is accepted and read", async () => {
    const event = await unwrap({ headers: HEADERS, body: BODY }, OPTIONS);
    expect(event).toEqual({
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

  // @tests SignWebhookOptions.encoding, SignWebhookOptions.id, SignWebhookOptions.timestamp
  it("is signed the same by the test signer, in both readings of the secret", async () => {
    const delivery = { body: BODY, id: "msg_2kq", timestamp: new Date(NOW), secret: SECRET };
    expect((await signWebhook(delivery)).headers).toMatchObject(HEADERS);
    const decoded = await signWebhook({ ...delivery, encoding: "base64" });
    expect(decoded.headers["webhook-signature"]).toBe(BASE64_SIGNATURE);
  });

  // @tests WebhookOptions.encoding
  it("a base64 secret is accepted by option only, and never both readings", async () => {
    const headers = { ...HEADERS, "webhook-signature": BASE64_SIGNATURE };
    expect((await unwrap({ headers, body: BODY }, { ...OPTIONS, encoding: "base64" })).id).toBe("msg_2kq");
    const error = await refusal({ headers, body: BODY });
    expect(error.fault).toBe("signature_mismatch");
    expect(error.message).toContain('`encoding: "base64"`');
    expect((await refusal({ headers: HEADERS, body: BODY }, { ...OPTIONS, encoding: "base64" })).message).toContain(
      '`encoding: "utf8"`',
    );
  });
});

describe("signatures", () => {
  const genuine = HEADERS["webhook-signature"].slice(3);
  const other = BASE64_SIGNATURE.slice(3);
  const accepted: readonly string[] = [
    `v2,${genuine}`,
    `v1,${other} v1,${genuine}`,
    `v2,${genuine}   v1,${other}`,
    `v1,${other}\tv9,${genuine}`,
    `v1,${other}, v1,${genuine}`,
    `nonsense v1,${genuine}`,
  ];
  for (const signature of accepted)
    it(`accepted: ${signature}`, async () => {
      const event = await unwrap({ headers: { ...HEADERS, "webhook-signature": signature }, body: BODY }, OPTIONS);
      expect(event.id).toBe("msg_2kq");
    });

  const refused: readonly string[] = [
    genuine,
    `v1${genuine}`,
    `v1;${genuine}`,
    `v1,${genuine.slice(0, -1)}`,
    `v1,${genuine}=`,
    `v1,${genuine.toLowerCase()}`,
    // The same 32 bytes, were the unused bits of the last letter not looked at.
    `v1,${genuine.slice(0, -2)}R=`,
    `v1,${other}`,
    "v1,",
    ",",
    "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
  ];
  for (const signature of refused)
    it(`refused: ${signature}`, async () => {
      const error = await refusal({ headers: { ...HEADERS, "webhook-signature": signature }, body: BODY });
      expect(error).toMatchObject({ fault: "signature_mismatch", webhookId: "msg_2kq", code: "webhook_invalid" });
    });

  it("only the first sixteen are tried", async () => {
    const many = `${`v1,${other} `.repeat(16)}v1,${genuine}`;
    expect((await refusal({ headers: { ...HEADERS, "webhook-signature": many }, body: BODY })).fault).toBe(
      "signature_mismatch",
    );
  });
});

describe("secrets", () => {
  it("several may be valid at a time", async () => {
    for (const secret of [
      ["old", SECRET],
      [SECRET, "new"],
    ])
      expect((await unwrap({ headers: HEADERS, body: BODY }, { ...OPTIONS, secret })).id).toBe("msg_2kq");
    const delivery = await signWebhook({ body: BODY, secret: ["a", "b"] });
    for (const secret of ["a", "b"]) expect((await unwrap(delivery, { secret })).task.status).toBe("COMPLETED");
  });

  it("come from the environment where none is given", async () => {
    vi.stubEnv("MAGNIFIC_WEBHOOK_SECRET", SECRET);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect((await unwrap({ headers: HEADERS, body: BODY }, { now: () => NOW })).id).toBe("msg_2kq");
  });

  const missing: readonly (readonly [string, WebhookOptions["secret"]])[] = [
    ["none", undefined],
    ["an empty one", ""],
    ["a blank one", "  "],
    ["an empty list", []],
    ["an empty one among others", [SECRET, ""]],
    ["something else than a string", [SECRET, undefined as never]],
  ];
  for (const [name, secret] of missing)
    it(`${name}: everything is refused`, async () => {
      vi.stubEnv("MAGNIFIC_WEBHOOK_SECRET", "");
      onTestFinished(() => void vi.unstubAllEnvs());
      const error = await refusal({ headers: HEADERS, body: BODY }, { secret, now: () => NOW });
      expect(error.fault).toBe("secret_missing");
      expect(error.message).toContain("MAGNIFIC_WEBHOOK_SECRET");
    });

  it("that should be base64 and are not are an error of the options", async () => {
    const wrong = unwrap({ headers: HEADERS, body: BODY }, { ...OPTIONS, secret: "not base64!", encoding: "base64" });
    await expect(wrong).rejects.toMatchObject({ code: "configuration" });
    const unknown = unwrap({ headers: HEADERS, body: BODY }, { ...OPTIONS, encoding: "hex" as never });
    await expect(unknown).rejects.toMatchObject({
      code: "configuration",
      message: expect.stringMatching(/not hex\.$/),
    });
  });

  it("do not occur in errors", async () => {
    const error = await refusal({ headers: HEADERS, body: `${BODY} ` }, { ...OPTIONS, secret: "s3cr3t-marker" });
    expect(JSON.stringify(error) + error.message + error.stack).not.toContain("s3cr3t-marker");
  });
});

describe("the error says what is wrong and how to fix it: ", () => {
  const at = (seconds: number): WebhookOptions => ({ ...OPTIONS, now: () => NOW + seconds * 1000 });
  const headersWith = (changed: Record<string, string | undefined>) => ({ ...HEADERS, ...changed });
  const wrong: readonly {
    readonly name: string;
    readonly delivery: WebhookDelivery;
    readonly options?: WebhookOptions;
    readonly fault: WebhookFault;
    readonly says: RegExp;
  }[] = [
    ...Object.keys(HEADERS).map((name) => ({
      name: `no ${name}`,
      delivery: { headers: headersWith({ [name]: undefined }), body: BODY },
      fault: "header_missing" as const,
      says: new RegExp(`${name} is missing`),
    })),
    {
      name: "a parsed body",
      delivery: { headers: HEADERS, body: JSON.parse(BODY) },
      fault: "body_parsed",
      says: /express\.raw[\s\S]*Fastify[\s\S]*Next\.js/,
    },
    {
      name: "too old",
      delivery: { headers: HEADERS, body: BODY },
      options: at(301),
      fault: "too_old",
      says: /301 s ago.* clock says 2025-10-18T01:04:15\.000Z\.$/,
    },
    {
      name: "too new",
      delivery: { headers: HEADERS, body: BODY },
      options: at(-301),
      fault: "too_new",
      says: /301 s in the future.*clock is slow: .* clock says 2025-10-18T00:54:13\.000Z\.$/,
    },
    {
      name: "a timestamp in milliseconds",
      delivery: { headers: headersWith({ "webhook-timestamp": "1760749154000" }), body: BODY },
      fault: "timestamp_invalid",
      says: /milliseconds/,
    },
    ...["soon", "-1", "1760749154.5", "0x1", "1e9"].map((timestamp) => ({
      name: `the timestamp ${timestamp}`,
      delivery: { headers: headersWith({ "webhook-timestamp": timestamp }), body: BODY },
      fault: "timestamp_invalid" as const,
      says: /not in seconds/,
    })),
  ];
  for (const { name, delivery, options, fault, says } of wrong)
    it(name, async () => {
      const error = await refusal(delivery, options);
      expect(error.fault).toBe(fault);
      expect(error.message).toMatch(says);
      expect(error.webhookId).toBe(new Map(Object.entries(delivery?.headers ?? {})).get("webhook-id"));
    });

  it("an unreadable body, although genuine", async () => {
    const task = '{"task_id":"","status":"FAILED"}';
    const odd = ["", "null", "[]", "{", "7", '"text"', '{"data":7}', `{"data":[${task}]}`, task];
    for (const body of [...odd, '{"task_id":1,"status":"FAILED"}', '{"task_id":"x"}', '{"status":"FAILED"}']) {
      const delivery = await signWebhook({ body, id: "msg_2kq", secret: SECRET });
      const error = await refusal(delivery, { secret: SECRET });
      expect(error, body).toMatchObject({ fault: "body_unreadable", webhookId: "msg_2kq" });
    }
    const latin1 = Buffer.from('{"task_id":"\xe9","status":"FAILED"}', "latin1");
    const noText = await signWebhook({ body: latin1, secret: SECRET });
    expect((await refusal(noText, { secret: SECRET })).fault).toBe("body_unreadable");
  });
});

describe("the window", () => {
  it.each([300, -300, 0])("%d s off is within it", async (seconds) => {
    const options = { ...OPTIONS, now: () => NOW + seconds * 1000 };
    expect((await unwrap({ headers: HEADERS, body: BODY }, options)).id).toBe("msg_2kq");
  });

  // @tests WebhookOptions.tolerance
  it("is `tolerance` seconds wide on both sides", async () => {
    const off = (seconds: number): WebhookOptions => ({ ...OPTIONS, tolerance: 10, now: () => NOW + seconds * 1000 });
    for (const seconds of [10, -10]) await unwrap({ headers: HEADERS, body: BODY }, off(seconds));
    expect((await refusal({ headers: HEADERS, body: BODY }, off(11))).fault).toBe("too_old");
    expect((await refusal({ headers: HEADERS, body: BODY }, off(-11))).fault).toBe("too_new");
  });

  it("may be nothing but the moment itself, and what comes a blink later is too old", async () => {
    const off = (ms: number): WebhookOptions => ({ ...OPTIONS, tolerance: 0, now: () => NOW + ms });
    await unwrap({ headers: HEADERS, body: BODY }, off(0));
    expect((await refusal({ headers: HEADERS, body: BODY }, off(400))).fault).toBe("too_old");
    expect((await refusal({ headers: HEADERS, body: BODY }, off(-400))).fault).toBe("too_new");
  });

  it("lets nothing pass when the clock says NaN", async () => {
    await expect(unwrap({ headers: HEADERS, body: BODY }, { ...OPTIONS, now: () => Number.NaN })).rejects.toThrow();
  });

  it.each([Number.NaN, -1, "300" as never])("tolerance %s is a mistake", async (tolerance) => {
    const verdict = unwrap({ headers: HEADERS, body: BODY }, { ...OPTIONS, tolerance });
    const message = expect.stringMatching(`^.tolerance. must be .* not ${tolerance}\\.$`);
    await expect(verdict).rejects.toMatchObject({ code: "configuration", message });
  });

  it("options of the wrong type are refused, null counts as left out", async () => {
    const delivery = await signWebhook({ body: BODY, secret: SECRET });
    for (const options of [{ now: 5 }, { seen: {} }, 5, null])
      await expect(unwrap(delivery, options as never)).rejects.toMatchObject({ code: "configuration" });
    const nothing = { now: null, seen: null, tolerance: null, encoding: null };
    await unwrap(delivery, { secret: SECRET, ...(nothing as unknown as WebhookOptions) });
  });

  // @tests WebhookOptions.now
  it("goes by the real clock unless told otherwise", async () => {
    expect((await refusal({ headers: HEADERS, body: BODY }, { secret: SECRET })).fault).toBe("too_old");
    await unwrap(await signWebhook({ body: BODY, secret: SECRET }), { secret: SECRET });
  });
});

describe("duplicates", () => {
  // @tests WebhookOptions.seen
  it("pass, unless a store of seen ids is given", async () => {
    for (const _time of [1, 2]) await unwrap({ headers: HEADERS, body: BODY }, OPTIONS);
    const seen = seenWebhooks();
    await unwrap({ headers: HEADERS, body: BODY }, { ...OPTIONS, seen });
    const error = await refusal({ headers: HEADERS, body: BODY }, { ...OPTIONS, seen });
    expect(error).toMatchObject({ fault: "replayed", webhookId: "msg_2kq" });
    expect(error.message).toContain("2xx");
  });

  it("only genuine deliveries are noted, with the moment until which they count", async () => {
    const noted: (readonly [string, Date])[] = [];
    const seen = { add: async (id: string, until: Date) => noted.push([id, until]) > 0 };
    await refusal({ headers: HEADERS, body: `${BODY} ` }, { ...OPTIONS, seen });
    await refusal({ headers: HEADERS, body: BODY }, { ...OPTIONS, seen, now: () => NOW + 400_000 });
    const unreadable = await signWebhook({ body: "{", id: "broken", timestamp: new Date(NOW), secret: SECRET });
    await refusal(unreadable, { ...OPTIONS, seen });
    await unwrap({ headers: HEADERS, body: BODY }, { ...OPTIONS, seen });
    await unwrap({ headers: HEADERS, body: BODY }, { ...OPTIONS, seen, tolerance: Number.POSITIVE_INFINITY });
    expect(noted).toEqual([
      ["msg_2kq", new Date(NOW + 300_000)],
      ["msg_2kq", new Date(8_640_000_000_000_000)],
    ]);
  });

  // @tests SeenWebhooksOptions.max
  it("the store in memory forgets the oldest beyond `max`", () => {
    const seen = seenWebhooks({ max: 2 });
    const until = new Date();
    expect(["a", "b", "a", "c", "a"].map((id) => seen.add(id, until))).toEqual([true, true, false, true, true]);
  });
});

describe("what a delivery says", () => {
  const read = async (body: object) =>
    (await unwrap(await signWebhook({ body, secret: SECRET }), { secret: SECRET })).task;

  it("with and without the data wrapper", async () => {
    const task = { task_id: "t", status: "IN_PROGRESS", generated: [], error: null };
    expect(await read(task)).toEqual({ id: "t", status: "IN_PROGRESS", images: [], raw: task });
    expect(await read({ data: task, more: 1 })).toEqual(await read(task));
    // An undeclared field of that name is no wrapper.
    expect((await read({ ...task, data: { task_id: "other", status: "FAILED" } })).id).toBe("t");
  });

  it("a status that the document does not know", async () => {
    expect(await read({ task_id: "t", status: "CANCELLED" })).toMatchObject({
      status: "UNKNOWN",
      wireStatus: "CANCELLED",
      images: [],
    });
  });

  it("COMPLETED without images, or with what are no URLs", async () => {
    expect(await read({ task_id: "t", status: "COMPLETED", generated: null })).toMatchObject({ images: [] });
    expect((await read({ task_id: "t", status: "COMPLETED", generated: [1, "", "https://a/b"] })).images).toEqual([
      "https://a/b",
    ]);
  });
});

describe("over HTTP", () => {
  it("a raw Node request, its headers and its stream", async () => {
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

  it("a fetch Request: verify leaves it readable, unwrap does not read it twice", async () => {
    const request = new Request("https://example.com/", { method: "POST", headers: HEADERS, body: BODY });
    expect(new TextDecoder().decode((await verify(request, OPTIONS)).body)).toBe(BODY);
    expect((await unwrap(request, OPTIONS)).id).toBe("msg_2kq");
    const again = await refusal(request);
    expect(again).toMatchObject({ fault: "body_parsed", webhookId: "msg_2kq" });
    expect(again.message).toContain("was read before");
    const bare = new Request("https://example.com/", { method: "POST", headers: HEADERS });
    expect((await refusal(bare)).fault).toBe("body_parsed");
  });

  it("a body of more than 1 MiB is not read further", async () => {
    let chunks = 0;
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        // Not endless: a client that reads on must fail here, not fill the memory.
        if (++chunks > 50) controller.close();
        else controller.enqueue(new Uint8Array(100_000));
      },
    });
    const init = { method: "POST", headers: HEADERS, body: stream, duplex: "half" };
    const error = await refusal(new Request("https://example.com/", init as RequestInit));
    expect(error).toMatchObject({ message: expect.stringMatching(/1048576/), webhookId: "msg_2kq" });
    expect(chunks).toBeLessThan(20);
  });
});
