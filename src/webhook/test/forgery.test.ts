/** Forged, shifted, truncated and replayed deliveries are refused, and every genuine one passes, in any form of headers: 1,000 of them, 10,000 with `LONG_TESTS=1`. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT } from "../../contract/default.js";
import { WebhookError } from "../../errors/webhook-error.js";
import type { WebhookBody, WebhookDelivery, WebhookHeaders } from "../delivery.js";
import { type SignedWebhook, seenWebhooks, signWebhook, unwrap } from "../index.js";

const TOTAL = process.env.LONG_TESTS ? 10_000 : 1_000;
const NOW = 1_760_749_154_000;
const now = (): number => NOW;

type Triple = readonly (readonly [string, string])[];

const task = fc.record({
  task_id: fc.uuid(),
  status: fc.constantFrom(...DEFAULT.statuses, "RESTING"),
  generated: fc.array(fc.webUrl(), { maxLength: 3 }),
  note: fc.string({ unit: "binary", maxLength: 40 }),
});
const body = fc.oneof(task, fc.record({ data: task }));
const secret = fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }).filter((text) => text.trim() !== "");
const id = fc.stringMatching(/^[\w.:-]{1,40}$/);
const offset = fc.integer({ min: -300, max: 300 });

const casing = fc.constantFrom<(name: string) => string>(
  (name) => name,
  (name) => name.toUpperCase(),
  (name) => name.replace(/(?:^|-)./g, (part) => part.toUpperCase()),
);
const form = fc.constantFrom<(headers: Triple) => WebhookHeaders>(
  (headers) => new Headers(headers as [string, string][]),
  (headers) => new Map(headers),
  (headers) => headers,
  (headers) => headers.flat(),
  (headers) => Object.fromEntries(headers),
  (headers) => Object.fromEntries(headers.map(([name, value]) => [name, [value]])),
  (headers) => Object.assign(Object.create(null), Object.fromEntries(headers)),
  (headers) => new Set(headers),
);
const bodyForm = fc.constantFrom<(bytes: Uint8Array<ArrayBuffer>) => WebhookBody>(
  (bytes) => bytes,
  (bytes) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes),
  (bytes) => bytes.buffer,
  (bytes) => Buffer.from(bytes),
  (bytes) => new DataView(bytes.buffer),
  (bytes) => new Blob([bytes]).stream(),
);

const others: Triple = [
  ["host", "example.com"],
  ["content-type", "application/json"],
  ["accept", "*/*"],
];

const triple = ({ headers }: SignedWebhook, casing: (name: string) => string): Triple => [
  ...others,
  ...Object.entries(headers)
    .slice(1)
    .map(([name, value]) => [casing(name), value] as const),
];

describe("deliveries", () => {
  it("genuine ones pass, in any form", async () => {
    await fc.assert(
      fc.asyncProperty(
        body,
        secret,
        id,
        offset,
        casing,
        form,
        bodyForm,
        async (sent, key, name, off, written, shape, kind) => {
          const signed = await signWebhook({
            body: sent,
            secret: key,
            id: name,
            timestamp: new Date(NOW + off * 1000),
          });
          const delivery = { headers: shape(triple(signed, written)), body: kind(signed.body) };
          const event = await unwrap(delivery, { secret: key, now });
          const expected = "data" in sent ? sent.data : sent;
          expect(event.id).toBe(name);
          expect(event.timestamp.getTime()).toBe(NOW + off * 1000);
          expect(event.task.raw).toEqual(expected);
          expect(event.task.images).toEqual(expected.generated);
        },
      ),
      { numRuns: TOTAL / 5 },
    );
  });

  /** Ways to change a genuine delivery. `undefined`: this one cannot be changed so. */
  type Forgery = (signed: SignedWebhook, pick: number, key: string) => Promise<WebhookDelivery | undefined>;
  const withHeader = (signed: SignedWebhook, name: string, value: string): WebhookDelivery => ({
    headers: { ...signed.headers, [name]: value },
    body: signed.body,
  });
  const signatureOf = (signed: SignedWebhook): string => signed.headers["webhook-signature"];
  const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  const forgeries: Readonly<Record<string, Forgery>> = {
    "one bit of the body": async ({ headers, body }, pick) => {
      const changed = body.slice();
      const at = pick % changed.length;
      changed[at] = (changed[at] ?? 0) ^ (1 << (pick % 8));
      return { headers, body: changed };
    },
    "a body cut off": async ({ headers, body }, pick) => ({ headers, body: body.slice(0, pick % body.length) }),
    "a body with more after it": async ({ headers, body }, pick) => ({
      headers,
      body: new Uint8Array([...body, pick % 256]),
    }),
    "one letter of the signature": async (signed, pick) => {
      const letters = [...signatureOf(signed)];
      const at = 3 + (pick % 43);
      letters[at] = ALPHABET[(ALPHABET.indexOf(letters[at] ?? "") + 1 + (pick % 63)) % 64] ?? "";
      return withHeader(signed, "webhook-signature", letters.join(""));
    },
    "a signature cut off": async (signed, pick) =>
      withHeader(signed, "webhook-signature", signatureOf(signed).slice(0, 3 + (pick % 43))),
    "another moment": async (signed, pick) => {
      const moved = Number(signed.headers["webhook-timestamp"]) + 1 + (pick % 1000);
      return withHeader(signed, "webhook-timestamp", String(moved));
    },
    "the same moment, written differently": async (signed) =>
      withHeader(signed, "webhook-timestamp", `0${signed.headers["webhook-timestamp"]}`),
    "another id": async (signed, pick) => withHeader(signed, "webhook-id", `${signed.headers["webhook-id"]}${pick}`),
    // "a.1" + "2" and "a" + "1.2" must not be signed alike by moving the dot.
    "the dot moved from id to timestamp": async (signed) => {
      const [head, ...tail] = signed.headers["webhook-id"].split(".");
      if (head === undefined || head === "" || tail.length === 0) return undefined;
      const headers = {
        ...signed.headers,
        "webhook-id": head,
        "webhook-timestamp": `${tail.join(".")}.${signed.headers["webhook-timestamp"]}`,
      };
      return { headers, body: signed.body };
    },
    "another secret": async (signed, pick, key) => {
      const { "webhook-id": id, "webhook-timestamp": seconds } = signed.headers;
      const timestamp = new Date(Number(seconds) * 1000);
      return signWebhook({ body: signed.body, id, timestamp, secret: `${key}${pick}` });
    },
    "no signature": async ({ headers, body }) => {
      const { "webhook-signature": _dropped, ...rest } = headers;
      return { headers: rest, body };
    },
    "a genuine one, too old": async (signed, pick, key) => {
      const timestamp = new Date(NOW - (301 + (pick % 100_000)) * 1000);
      return signWebhook({ body: signed.body, timestamp, secret: key });
    },
    "a genuine one, from the future": async (signed, pick, key) => {
      const timestamp = new Date(NOW + (301 + (pick % 100_000)) * 1000);
      return signWebhook({ body: signed.body, timestamp, secret: key });
    },
  };

  const RUNS = Math.ceil(TOTAL / (Object.keys(forgeries).length + 1)) + 1;

  for (const [name, forge] of Object.entries(forgeries)) {
    it(`refused: ${name}`, async () => {
      let refused = 0;
      await fc.assert(
        fc.asyncProperty(body, secret, id, fc.nat(), async (sent, key, id, pick) => {
          const signed = await signWebhook({ body: sent, secret: key, id, timestamp: new Date(NOW) });
          const delivery = await forge(signed, pick, key);
          if (delivery === undefined) return;
          await expect(unwrap(delivery, { secret: key, now })).rejects.toBeInstanceOf(WebhookError);
          refused += 1;
        }),
        { numRuns: RUNS },
      );
      expect(refused).toBeGreaterThan(name.startsWith("the dot") ? Math.floor(RUNS / 50) : RUNS - 1);
    });
  }

  it("refused: a replay, the first one having passed", async () => {
    const seen = seenWebhooks();
    await fc.assert(
      fc.asyncProperty(body, secret, fc.uuid(), form, async (sent, key, id, shape) => {
        const signed = await signWebhook({ body: sent, secret: key, id, timestamp: new Date(NOW) });
        await unwrap(signed, { secret: key, now, seen });
        const again = { headers: shape(triple(signed, (name) => name)), body: signed.body };
        await expect(unwrap(again, { secret: key, now, seen })).rejects.toMatchObject({ fault: "replayed" });
      }),
      { numRuns: RUNS },
    );
  });
});
