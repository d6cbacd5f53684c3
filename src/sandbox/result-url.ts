/** The URLs of results: valid for whoever has them, for a while. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { Refusal } from "./response.js";

/** The path of a result with its token in the provider's form: `?token=exp=<unix seconds>~hmac=<hex>`. */
export function signedPath(taskId: string, index: number, type: string, expiresAt: number, secret: string): string {
  const path = `/results/${taskId}/${index}.${/^image\/(\w+)$/.exec(type)?.[1] ?? "bin"}`;
  const exp = String(Math.ceil(expiresAt / 1000));
  return `${path}?token=exp=${exp}~hmac=${hmac(path, exp, secret)}`;
}

/** @throws {Refusal} 403 */
export function checkToken(path: string, token: string | null, now: number, secret: string): void {
  const [, exp = "", given = ""] = /^exp=(\d{1,12})~hmac=([0-9a-f]{64})$/.exec(token ?? "") ?? [];
  if (exp === "" || !timingSafeEqual(Buffer.from(given), Buffer.from(hmac(path, exp, secret))))
    throw new Refusal(403, "Access denied");
  if (now >= Number(exp) * 1000) throw new Refusal(403, "The URL has expired");
}

function hmac(path: string, exp: string, secret: string): string {
  return createHmac("sha256", secret).update(`${path}~exp=${exp}`).digest("hex");
}
