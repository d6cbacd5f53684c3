/** One difference between two versions of a document, and whom it breaks. */

/** `request`: the client sends it. `response`: the client reads it. */
export type Direction = "request" | "response";

/** Who has to act: those who write requests, or those who read responses. */
export type Party = "senders" | "readers";

export type Subject = "operation" | "schema" | "security" | "server" | "example" | "text" | "other";

export interface Change {
  /** JSON pointer into the new document; into the old one for what was removed. */
  readonly pointer: string;
  readonly subject: Subject;
  /** What happened, in words. */
  readonly what: string;
  readonly breaks: readonly Party[];
  /** The operations that it affects, as `POST /v1/x`; empty where it affects none or the whole document. */
  readonly operations: readonly string[];
}

/** What a change does to the set of values that are valid. */
export type Effect = "narrows" | "widens" | "alters" | "none";

/** A request that is no longer valid breaks senders; a response that was not possible before breaks readers. */
export function partiesOf(effect: Effect, directions: Iterable<Direction>): Party[] {
  const parties: Party[] = [];
  const met = new Set(directions);
  if (met.has("request") && (effect === "narrows" || effect === "alters")) parties.push("senders");
  if (met.has("response") && (effect === "widens" || effect === "alters")) parties.push("readers");
  return parties;
}

/** A value in a sentence: at most the start of a long one. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

export function fromTo(old: unknown, now: unknown): string {
  return `changed from ${shown(old)} to ${shown(now)}`;
}
