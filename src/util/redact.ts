/** Takes what must never be seen out of text and causes, before an error holds them. Pure. */
import { MagnificError } from "../errors/magnific-error.js";

/** Letters of base64 in a row beyond which text is taken for data. Longer than any id, digest or path segment. */
const DATA = /[A-Za-z0-9+/_-]{100,}={0,2}/g;
const LONGEST = 500;

/** @param secrets Texts to take out, the API key among them. */
export function redactText(text: string, secrets: readonly string[]): string {
  const safe = redactLong(text, secrets);
  return safe.length > LONGEST ? `${safe.slice(0, LONGEST)}…` : safe;
}

/** The same at its full length, for a text of which a part is shown: cut before, the rest of a secret would not be known as one. */
export function redactLong(text: string, secrets: readonly string[]): string {
  let safe = text;
  for (const secret of secrets) {
    if (secret === "") continue;
    for (const form of formsOf(secret)) safe = safe.replaceAll(form, "[key]");
  }
  return safe.replace(DATA, "[data]");
}

/** The same of a text that was cut, perhaps in the middle of a secret: what may be a beginning of one goes too. */
export function redactCut(text: string, secrets: readonly string[]): string {
  const most = Math.max(0, ...secrets.flatMap((secret) => formsOf(secret).map((form) => form.length)));
  const safe = redactLong(text, secrets);
  return safe.slice(0, Math.max(0, safe.length - most));
}

/** Shorter keys may be part of what is not a secret, of a task id for instance, which must not be lost. */
const LEAST = 8;
/** Nothing that lies deeper is ever shown, and JSON can be deeper than the stack. */
const DEEPEST = 20;

/** The content of a response without secrets, wherever in it they stand: no genuine one echoes them. */
export function redactContent(content: unknown, secrets: readonly string[]): unknown {
  const forms = secrets.filter((secret) => secret.length >= LEAST).flatMap(formsOf);
  const clean = (value: unknown, depth: number): unknown => {
    if (typeof value === "string") return forms.reduce((text, form) => text.replaceAll(form, "[key]"), value);
    if (typeof value !== "object" || value === null || depth > DEEPEST) return value;
    if (Array.isArray(value)) return value.map((one) => clean(one, depth + 1));
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [clean(name, 0), clean(one, depth + 1)]));
  };
  return forms.length === 0 ? content : clean(content, 0);
}

export function holdsSecret(text: string, secrets: readonly string[]): boolean {
  return secrets.some((secret) => secret.length >= LEAST && formsOf(secret).some((form) => text.includes(form)));
}

/** As it is, in a URL, in JSON and as base64. */
function formsOf(secret: string): string[] {
  // A key is Latin-1, or no header could carry it; what is not has no base64 form here.
  const base64 = /^[\0-\xff]*$/.test(secret) ? btoa(secret).replace(/=+$/, "") : secret;
  return [...new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), base64])];
}

/**
 * An error of the platform, or of code that the caller gave, as a plain one: name, redacted message, code and causes.
 * Anything else that hangs on it (a request, headers, a socket) may hold the key or the image, and stays behind.
 */
export function safeCause(error: unknown, secrets: readonly string[], depth = 0): Error | undefined {
  if (error === undefined || error === null) return undefined;
  const thrown = { message: typeof error === "string" ? error : `a ${typeof error}` };
  const facts: Record<string, unknown> = typeof error === "object" ? (error as Record<string, unknown>) : thrown;
  const text = (value: unknown): string | undefined =>
    typeof value === "string" ? redactText(value, secrets) : undefined;
  const cause = depth < 5 ? safeCause(facts.cause, secrets, depth + 1) : undefined;
  const safe = new Error(
    text(error instanceof MagnificError ? error.summary : facts.message) ?? "",
    cause && { cause },
  );
  const [name, code, syscall] = [text(facts.name), text(facts.code), text(facts.syscall)];
  if (name !== undefined) Object.defineProperty(safe, "name", { value: name });
  // The stack would show where this copy was made, and begin with the first message.
  safe.stack = `${safe.name}: ${safe.message}`;
  return Object.assign(safe, code !== undefined && { code }, syscall !== undefined && { syscall });
}
