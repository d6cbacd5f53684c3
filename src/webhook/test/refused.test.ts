/** Deliveries that are not accepted: each error says what is wrong and how to fix it, and shows no secret. */
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { MagnificError } from "../../index.js";
import { rejection } from "../../test-support/rejection.js";
import {
  type SignWebhookOptions,
  signWebhook,
  unwrap,
  WebhookError,
  type WebhookFault,
  type WebhookOptions,
} from "../index.js";
import { BASE64_SIGNATURE, BODY, chunks, HEADERS, NOW, OPTIONS, SECRET } from "./vector.js";

const refusal = (delivery: unknown, options: object = OPTIONS): Promise<WebhookError> =>
  rejection(unwrap(delivery as never, options), WebhookError);
const post = (more: object): Request =>
  new Request("https://example.com/", { method: "POST", headers: HEADERS, ...more });

const readRequest = (): Request => {
  const request = post({ body: BODY });
  void request.text();
  return request;
};

/** What is replaced of the genuine delivery: some headers, or all of it. */
interface Refused {
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly delivery?: () => unknown;
  readonly options?: object;
  readonly says?: RegExp;
  readonly cause?: string;
}
const body = (value: unknown, more: object = {}) => ({
  delivery: () => ({ headers: HEADERS, body: value, ...more }),
});
const at = (milliseconds: number, tolerance = 300) => ({
  options: { ...OPTIONS, tolerance, now: () => NOW + milliseconds },
});
const timestamp = (value: string) => ({ headers: { "webhook-timestamp": value } });
const signature = (value: string) => ({ headers: { "webhook-signature": value } });
const half = new Uint8Array(524_288);
const genuine = HEADERS["webhook-signature"].slice(3);
const other = BASE64_SIGNATURE.slice(3);
const NO_SIGNATURES = [
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
  `v1,${"A".repeat(43)}=`,
];

type Row = readonly [fault: WebhookFault, name: string, refused: Refused];
const each = <T>(fault: WebhookFault, values: readonly T[], refused: (value: T) => Refused): Row[] =>
  values.map((value) => [fault, String(JSON.stringify(value)).slice(0, 60), refused(value)]);

const REFUSED: readonly Row[] = [
  ...Object.keys(HEADERS).flatMap((name) =>
    each("header_missing", [undefined, " ", null], (value) => ({
      headers: { [name]: value },
      says: new RegExp(`${name} is missing: a proxy`),
    })),
  ),
  ...each("header_missing", [{}, [], undefined, null, "text"], (headers) => ({
    delivery: () => ({ headers, body: BODY }),
    says: /no headers were passed/,
  })),
  ...each("header_missing", [undefined, null, 7, "text"], (value) => ({ delivery: () => value })),
  ...each(
    "timestamp_invalid",
    ["soon", "-1", "1760749154.5", "0x1", "1e9", "12x", "x12", "1".repeat(300)],
    (value) => ({
      ...timestamp(value),
      says: /not in seconds since the epoch: "/,
    }),
  ),
  ...each("timestamp_invalid", ["1760749154000", "999999999999"], (value) => ({
    ...timestamp(value),
    says: /It looks like milliseconds\.$/,
  })),
  ...each("timestamp_invalid", ["x1760749154000", "1760749154000x"], (value) => ({
    ...timestamp(value),
    says: /"\.$/,
  })),
  ["timestamp_invalid", "a long text", { ...timestamp("a".repeat(100)), says: /"a{40}"\.$/ }],
  ...each("signature_mismatch", NO_SIGNATURES, signature),
  ["signature_mismatch", "a seventeenth signature", signature(`${`v1,${other} `.repeat(16)}v1,${genuine}`)],
  ["signature_mismatch", "eleven digits, which are seconds", timestamp("99999999999")],
  ["signature_mismatch", "base64 that is not said to be", body(btoa(BODY), { isBase64Encoded: false })],
  ["signature_mismatch", "one MiB", body(chunks(half, half))],
  ["too_old", "301 s", { ...at(301_000), says: /301 s ago.* clock says 2025-10-18T01:04:15\.000Z\.$/ }],
  ["too_old", "a millisecond", at(300_001)],
  ["too_old", "11 s with a tolerance of 10", { ...at(11_000, 10), says: /`tolerance` is 10 s/ }],
  ["too_old", "400 ms with a tolerance of 0", at(400, 0)],
  ["too_old", "the test vector today", { options: { secret: SECRET } }],
  [
    "too_new",
    "301 s",
    { ...at(-301_000), says: /301 s in the future.*clock is slow: .* 2025-10-18T00:54:13\.000Z\.$/ },
  ],
  ["too_new", "a millisecond", at(-300_001)],
  ["too_new", "11 s with a tolerance of 10", at(-11_000, 10)],
  ["too_new", "400 ms with a tolerance of 0", at(-400, 0)],
  ...[Number.NaN, 1e300].map(
    (now): Row => [
      "too_new",
      `a clock of ${now}`,
      { options: { ...OPTIONS, now: () => -now }, says: /clock says -?(?:NaN|1e\+300)/ },
    ],
  ),
  ["body_parsed", "an object", { ...body({}), says: /an object, [\s\S]*express\.raw[\s\S]*Fastify[\s\S]*Next\.js/ }],
  ["body_parsed", "an array", { ...body([1]), says: /it is an array,/ }],
  ["body_parsed", "a boolean", { ...body(true), says: /it is a boolean,/ }],
  ...each("body_parsed", [null, undefined], (value) => ({ ...body(value), says: /no body/ })),
  ["body_parsed", "an empty stream", { ...body(chunks()), says: /no body/ }],
  ["body_parsed", "a Request without a body", { delivery: () => post({}), says: /no body/ }],
  ["body_parsed", "a Request that was read", { delivery: readRequest, says: /was read before/ }],
  ["body_unreadable", "a stream that fails", { ...body(chunks(half, new Error("reset"))), cause: "reset" }],
  ["body_unreadable", "no base64", { ...body("no base64!", { isBase64Encoded: true }), says: /not base64/ }],
  ["body_unreadable", "more than one MiB", { ...body(chunks(half, half, half.slice(0, 1))), says: /1048576/ }],
];

it.each(REFUSED)("a delivery is refused as %s: %s", async (fault, _name, refused) => {
  const { headers, delivery = () => ({ headers: { ...HEADERS, ...headers }, body: BODY }), says = /./ } = refused;
  const error = await refusal(delivery(), refused.options);
  expect(error).toMatchObject({ code: "webhook_invalid", fault });
  expect(error.summary).toMatch(says);
  if (fault !== "header_missing") expect(error.webhookId).toBe("msg_2kq");
  if (refused.cause !== undefined) expect(error.cause).toMatchObject({ message: refused.cause });
});

describe("within `timeout`, which is 10 seconds unless it is set, ", () => {
  const never = new Promise<never>(() => {});
  const stalled = (closed: () => void): ReadableStream<Uint8Array> =>
    new ReadableStream({ pull: () => never, cancel: closed });
  it.each([
    ["a stream", stalled],
    ["a Request", (closed: () => void) => post({ body: stalled(closed), duplex: "half" })],
    [
      "an iterable",
      (closed: () => void) => ({
        [Symbol.asyncIterator]: () => ({ next: () => never, return: async () => closed() }),
      }),
    ],
  ])("a body that stalls is given up and closed: %s", async (_name, make) => {
    const closed = vi.fn();
    const made = make(closed);
    const delivery = made instanceof Request ? made : { headers: HEADERS, body: made };
    const error = await refusal(delivery, { ...OPTIONS, timeout: 20 });
    expect(error).toMatchObject({ fault: "body_unreadable", webhookId: "msg_2kq" });
    expect(error.message).toContain("`timeout`");
    await vi.waitFor(() => expect(closed).toHaveBeenCalledOnce());
  });

  it("`seen` has to answer, or the delivery is neither accepted nor refused", async () => {
    const options = { ...OPTIONS, timeout: 20, seen: { add: () => never } };
    const error = await rejection(unwrap({ headers: HEADERS, body: BODY }, options), MagnificError);
    expect(error).toMatchObject({ code: "timeout" });
    expect(error.message).toMatch(/`seen` did not answer within 20 ms.*503/);
  });
});

describe("a genuine delivery is unreadable where its body contains no task: ", () => {
  const task = '{"task_id":"","status":"FAILED"}';
  const odd = ["", "null", "[]", "{", "7", '"text"', '{"data":7}', `{"data":[${task}]}`, task];
  const latin1 = Buffer.from('{"task_id":"\xe9","status":"FAILED"}', "latin1");
  const untyped = ['{"task_id":1,"status":"FAILED"}', '{"task_id":"x"}', '{"status":"FAILED"}', latin1];
  it.each([...odd, ...untyped])("%s", async (body) => {
    const error = await refusal(await signWebhook({ body, id: "msg", secret: SECRET }), { secret: SECRET });
    expect(error).toMatchObject({ fault: "body_unreadable", webhookId: "msg" });
  });
});

describe("where no signature matches, the error explains ", () => {
  const PYTHON = '{"task_id": "t", "status": "CREATED"}';
  const COMPACT = '{"task_id":"t","status":"CREATED"}';
  const PRETTY = JSON.stringify(JSON.parse(COMPACT), null, 2);
  const REWRITTEN = /It would match if the JSON were written differently: .* Pass the raw body\.$/;
  const TRIMMED = /without the space or line break at an end of the secret/;
  const UNKNOWN = /^No signature matches\. Either the secret is not the one of this webhook/;
  const set = (encoding: string): RegExp => new RegExp(`with \`encoding: "${encoding}"\`: set that option`);
  /** Signed with the secret `secret` over the compact body, unless `sent` says otherwise. */
  type Mistake = readonly [
    name: string,
    says: RegExp,
    arrives: { body?: string | Uint8Array; signature?: string } & WebhookOptions,
    sent?: Partial<SignWebhookOptions>,
  ];
  const MISTAKES: readonly Mistake[] = [
    ["a body parsed and written again, with other blanks", REWRITTEN, { body: PRETTY }],
    [
      "the same with the second of two secrets",
      REWRITTEN,
      { body: PRETTY, secret: ["other", "no!"] },
      { secret: "no!" },
    ],
    ["a line break after the body", REWRITTEN, { body: `${COMPACT}\n` }],
    ["a line break after a body with blanks", REWRITTEN, { body: `${PYTHON}\n` }, { body: PYTHON }],
    ["blanks lost that the body was sent with", UNKNOWN, { body: COMPACT }, { body: PYTHON }],
    ["a line break after the secret", TRIMMED, { secret: "secret\n" }],
    ["a space before a secret that is not base64", TRIMMED, { secret: " no!" }, { secret: "no!" }],
    [
      "a secret that stands for bytes",
      set("base64"),
      { secret: "c2VjcmV0" },
      { secret: "c2VjcmV0", encoding: "base64" },
    ],
    ["a secret that does not", set("utf8"), { secret: "c2VjcmV0", encoding: "base64" }, { secret: "c2VjcmV0" }],
    ["another secret", UNKNOWN, { secret: "an0ther" }],
    ["another secret and a rewritten body", UNKNOWN, { body: PRETTY, secret: "an0ther" }],
    ["a body that is not JSON", UNKNOWN, { body: "{" }],
    ["a body that is not text", UNKNOWN, { body: new Uint8Array([0xff, 0xfe]) }],
    ["a header without a signature", /contains no signature of the form/, { signature: "v1" }],
  ];
  for (const [name, says, { body, signature, ...options }, sent] of MISTAKES)
    it(name, async () => {
      const signed = await signWebhook({ body: COMPACT, secret: "secret", ...sent });
      const headers = { ...signed.headers, ...(signature === undefined ? {} : { "webhook-signature": signature }) };
      const error = await refusal({ headers, body: body ?? signed.body }, { secret: "secret", ...options });
      expect(error.fault).toBe("signature_mismatch");
      expect(error.summary).toMatch(says);
      const shown = JSON.stringify(error) + error.message + error.stack;
      for (const secret of [options.secret ?? []].flat()) expect(shown).not.toContain(secret);
    });
});

describe("everything is refused where the secret is ", () => {
  it.each<[string, unknown]>([
    ["missing", undefined],
    ["empty", ""],
    ["blank", "  "],
    ["an empty list", []],
    ["empty among others", [SECRET, ""]],
    ["not a string", [SECRET, undefined]],
  ])("%s", async (_name, secret) => {
    vi.stubEnv("MAGNIFIC_WEBHOOK_SECRET", "");
    onTestFinished(() => void vi.unstubAllEnvs());
    const error = await refusal({ headers: HEADERS, body: BODY }, { ...OPTIONS, secret });
    expect(error.fault).toBe("secret_missing");
    expect(error.message).toContain("MAGNIFIC_WEBHOOK_SECRET");
  });
});

describe("options that cannot work are refused, whatever the delivery is: ", () => {
  it.each<[string, unknown, RegExp]>([
    ["a base64 secret that is not", { ...OPTIONS, secret: "not base64!", encoding: "base64" }, /not base64/],
    ["an unknown encoding", { ...OPTIONS, encoding: "hex" }, /not hex\.$/],
    ...[Number.NaN, -1, "300"].map((tolerance): [string, unknown, RegExp] => [
      `the tolerance ${tolerance}`,
      { ...OPTIONS, tolerance },
      new RegExp(`^.tolerance. must be .* not ${tolerance}\\.$`),
    ]),
    ["a moment for the clock", { ...OPTIONS, now: 5 }, /now/],
    ["a store without add()", { ...OPTIONS, seen: {} }, /seen/],
    ["a number", 5, /options/],
    ["null", null, /options/],
  ])("%s", async (_name, options, says) => {
    const summary = expect.stringMatching(says);
    const verdict = unwrap({ headers: HEADERS, body: BODY }, options as never);
    await expect(verdict).rejects.toMatchObject({ code: "configuration", summary });
  });
});

it("nothing is accepted while the clock says NaN", async () => {
  await expect(unwrap({ headers: HEADERS, body: BODY }, { ...OPTIONS, now: () => Number.NaN })).rejects.toThrow();
});

it("a body of more than 1 MiB is not read further, and its stream is cancelled", async () => {
  let pulled = 0;
  const cancel = vi.fn();
  const pull = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    // Not endless: a client that reads on must fail here, not fill the memory.
    if (++pulled > 50) controller.close();
    else controller.enqueue(new Uint8Array(100_000));
  };
  const error = await refusal(post({ body: new ReadableStream({ pull, cancel }), duplex: "half" }));
  expect(error).toMatchObject({ message: expect.stringMatching(/1048576/), webhookId: "msg_2kq" });
  expect(pulled).toBeLessThan(20);
  expect(cancel).toHaveBeenCalled();
});
