/** What the sandbox saw. Never holds a key, image data or a query string. */

/** A request and its response. */
export interface RequestEntry {
  readonly event: "request";
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The `x-request-id` of the response. */
  readonly requestId: string;
  readonly method: string;
  /** Without the query, which may hold a token. */
  readonly path: string;
  /** The status of the response; 0 when a fault left the request without one. */
  readonly status: number;
  /** Whether the key header was sent, and valid. A result must be fetched without it. */
  readonly key: "absent" | "valid" | "invalid";
  /** Of a submit: the sizes, never the contents. */
  readonly body?: { readonly bytes: number; readonly fields: readonly string[] };
  /** Why a request was refused. */
  readonly reason?: string;
  /** The fault that was played on it. */
  readonly fault?: string;
}

/** A change of a task's status. */
export interface TaskEntry {
  readonly event: "task";
  readonly at: number;
  readonly taskId: string;
  readonly status: string;
  /** Why the task failed, which the provider does not say. */
  readonly reason?: string;
}

/** One attempt to deliver a webhook. */
export interface WebhookEntry {
  readonly event: "webhook";
  readonly at: number;
  readonly taskId: string;
  readonly webhookId: string;
  /** Without its query. */
  readonly target: string;
  readonly attempt: number;
  readonly outcome: "delivered" | "refused" | "failed" | "not_sent";
  /** The status of the receiver's response, where there was one. */
  readonly status?: number;
  readonly reason?: string;
}

export type LogEntry = RequestEntry | TaskEntry | WebhookEntry;

/** Counters since the sandbox started. */
export class Counts {
  /** HTTP requests of every kind, refused ones included. */
  requests = 0;
  /** Submits that reached the sandbox, refused ones included. */
  submits = 0;
  /** Submits that created a task: at the provider, each one costs. */
  paid = 0;
  /** Successful reads of one task. */
  reads = 0;
  /** Successful lists. */
  lists = 0;
  /** Result downloads that were answered with image data. */
  downloads = 0;
  /** Requests without a key, or with a wrong one. */
  unauthorized = 0;
  /** Requests refused by the rate limit. */
  rateLimited = 0;
  /** Faults played. */
  faults = 0;
  /** Attempts to deliver a webhook. */
  webhooks = 0;
}

export type Log = ReturnType<typeof logOf>;

/** @param size How many entries are kept, the latest ones. */
export function logOf(size: number, listener?: (entry: LogEntry) => void) {
  const entries: LogEntry[] = [];
  const add = (entry: LogEntry): void => {
    entries.push(entry);
    if (entries.length > size) entries.shift();
    listener?.(entry);
  };
  return { counts: new Counts(), entries, add };
}

/** A URL without query, fragment, user and password. */
export function withoutSecrets(url: string): string {
  if (!URL.canParse(url)) return "(not a URL)";
  const { origin, pathname, protocol } = new URL(url);
  return origin === "null" ? protocol : `${origin}${pathname}`;
}
