/** Result URLs in the provider's form: `?token=exp=<unix seconds>~hmac=<hex>`, good for whoever holds them, for a while. */
import { createHmac, timingSafeEqual } from "node:crypto";

const ENDINGS: Readonly<Record<string, string>> = {
  "image/png": "png",
  "image/jpeg": "jpeg",
  "image/webp": "webp",
  "image/gif": "gif",
  "image/tiff": "tiff",
  "image/avif": "avif",
};

export function resultPath(taskId: string, index: number, type: string): string {
  return `/results/${taskId}/${index}.${ENDINGS[type] ?? "bin"}`;
}

/** The path with its token. @param expiresAt Milliseconds since the epoch. */
export function signedPath(path: string, expiresAt: number, secret: string): string {
  const exp = Math.ceil(expiresAt / 1000);
  return `${path}?token=exp=${exp}~hmac=${hmac(path, exp, secret)}`;
}

export type TokenVerdict = "good" | "expired" | "wrong";

/** @param now Milliseconds since the epoch. */
export function checkToken(path: string, token: string | null, now: number, secret: string): TokenVerdict {
  const match = /^exp=(\d{1,12})~hmac=([0-9a-f]{64})$/.exec(token ?? "");
  if (match === null) return "wrong";
  const [, exp = "", given = ""] = match;
  const expected = hmac(path, Number(exp), secret);
  if (!timingSafeEqual(Buffer.from(given, "hex"), Buffer.from(expected, "hex"))) return "wrong";
  return now >= Number(exp) * 1000 ? "expired" : "good";
}

function hmac(path: string, exp: number, secret: string): string {
  return createHmac("sha256", secret).update(`${path}~exp=${exp}`).digest("hex");
}
