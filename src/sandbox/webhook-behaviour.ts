/** What becomes of one webhook: as it should be, or one of the ways in which deliveries go wrong. */
export type WebhookBehaviour =
  /** Sent, signed; again when it is not taken. */
  | "send"
  /** Not sent at all: lost. */
  | "lose"
  /** Sent twice with the same id, as after a retry whose first try did arrive. */
  | "duplicate"
  /** Sent twice: as it should be, and once with a signature made with another secret. */
  | "forge"
  /** Held back by `webhook.lateBy`, so that later ones overtake it. */
  | "late";

export const WEBHOOK_BEHAVIOURS: ReadonlySet<string> = new Set([
  "send",
  "lose",
  "duplicate",
  "forge",
  "late",
] satisfies WebhookBehaviour[]);
