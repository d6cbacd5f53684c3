/** The error of a delivery whose signature does not match names the mistake where one can be found. */
import { describe, expect, it } from "vitest";
import { type SignWebhookOptions, signWebhook, unwrap, type WebhookOptions } from "../index.js";

const PYTHON = '{"task_id": "t", "status": "CREATED"}';
const COMPACT = '{"task_id":"t","status":"CREATED"}';
const PRETTY = JSON.stringify(JSON.parse(COMPACT), null, 2);

const REWRITTEN = /It would match if the JSON were written differently: .* Pass the raw body\.$/;
const TRIMMED = /without the space or line break at an end of the secret/;
const UNKNOWN = /^No signature matches\. Either the secret is not the one of this webhook/;
const set = (encoding: string): RegExp =>
  new RegExp(`It would match with \`encoding: "${encoding}"\`: set that option`);

interface Mistake {
  readonly sent?: Partial<SignWebhookOptions>;
  /** What arrives instead of what was sent. */
  readonly body?: string | Uint8Array;
  readonly signature?: string;
  readonly options?: WebhookOptions;
  readonly says: RegExp;
}

/** Signed with the secret `secret` over the compact body, unless told otherwise. */
const MISTAKES: Readonly<Record<string, Mistake>> = {
  "a body parsed and written again, with other blanks": { body: PRETTY, says: REWRITTEN },
  "the same where the secret is one of two, and no base64": {
    sent: { secret: "no base64!" },
    body: PRETTY,
    options: { secret: ["other", "no base64!"] },
    says: REWRITTEN,
  },
  "a line break after the body": { body: `${COMPACT}\n`, says: REWRITTEN },
  "a line break after a body that has blanks of its own": {
    sent: { body: PYTHON },
    body: `${PYTHON}\n`,
    says: REWRITTEN,
  },
  "blanks lost that the body was sent with": { sent: { body: PYTHON }, body: COMPACT, says: UNKNOWN },
  "a line break after the secret": { options: { secret: "secret\n" }, says: TRIMMED },
  "a space before a secret that is not base64": {
    sent: { secret: "no base64!" },
    options: { secret: " no base64!" },
    says: TRIMMED,
  },
  "a secret that stands for the bytes it encodes": {
    sent: { secret: "c2VjcmV0", encoding: "base64" },
    options: { secret: "c2VjcmV0" },
    says: set("base64"),
  },
  "a secret that does not": {
    sent: { secret: "c2VjcmV0" },
    options: { secret: "c2VjcmV0", encoding: "base64" },
    says: set("utf8"),
  },
  "another secret": { options: { secret: "another" }, says: UNKNOWN },
  "another secret, and a body that could be written differently": {
    body: PRETTY,
    options: { secret: "another" },
    says: UNKNOWN,
  },
  "a body that is not JSON": { body: "{", says: UNKNOWN },
  "a body that is not text": { body: new Uint8Array([0xff, 0xfe]), says: UNKNOWN },
  "a header without a signature": { signature: "v1", says: /contains no signature of the form/ },
};

describe("no signature matches: the error explains ", () => {
  for (const [name, { sent, body, signature, options, says }] of Object.entries(MISTAKES))
    it(name, async () => {
      const signed = await signWebhook({ body: COMPACT, secret: "secret", ...sent });
      const headers = { ...signed.headers, ...(signature === undefined ? {} : { "webhook-signature": signature }) };
      const verdict = unwrap({ headers, body: body ?? signed.body }, { secret: "secret", ...options });
      await expect(verdict).rejects.toMatchObject({
        fault: "signature_mismatch",
        message: expect.stringMatching(says),
      });
    });
});
