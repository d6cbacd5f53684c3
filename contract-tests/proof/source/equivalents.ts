/** Mutants of the source that no test can tell from it, one by one. */
export interface SourceEquivalent {
  readonly file: string;
  /** The line's text, so that an entry stays true when lines move. */
  readonly text: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

export const SOURCE_EQUIVALENTS: readonly SourceEquivalent[] = [
  {
    file: "src/rate.ts",
    text: "const sent: number[] = [];",
    from: "[]",
    to: '["Stryker was here"]',
    reason:
      "A text is no moment: the sums with it are NaN, which nothing waits for, and it goes with the first that leaves.",
  },
  {
    file: "src/rate.ts",
    text: "if (window !== undefined && now >= window.until) window = undefined;",
    from: "window !== undefined && now >= window.until",
    to: "false",
    reason: "A window that is over asks for a pause below 0, and the next answer that tells of one replaces it.",
  },
  {
    file: "src/rate.ts",
    text: "if (window !== undefined && now >= window.until) window = undefined;",
    from: "now >= window.until",
    to: "now > window.until",
    reason: "At the very end a window asks for a pause of 0.",
  },
  {
    file: "src/rate.ts",
    text: "while (sent[0] !== undefined && sent[0] <= now - MINUTE) sent.shift();",
    from: "sent[0] !== undefined && sent[0] <= now - MINUTE",
    to: "false",
    reason: "Only memory: of more moments than the limit the last ones are looked at.",
  },
  {
    file: "src/rate.ts",
    text: "while (sent[0] !== undefined && sent[0] <= now - MINUTE) sent.shift();",
    from: "sent[0] !== undefined",
    to: "true",
    reason: "undefined is not below or equal to anything.",
  },
  {
    file: "src/rate.ts",
    text: "while (sent[0] !== undefined && sent[0] <= now - MINUTE) sent.shift();",
    from: "sent[0] !== undefined",
    to: "sent[0] === undefined",
    reason: "Only memory: of more moments than the limit the last ones are looked at.",
  },
  {
    file: "src/rate.ts",
    text: "while (sent[0] !== undefined && sent[0] <= now - MINUTE) sent.shift();",
    from: "sent[0] <= now - MINUTE",
    to: "sent[0] < now - MINUTE",
    reason: "A moment that is just a minute old asks for a pause of 0.",
  },
  {
    file: "src/rate.ts",
    text: "if (limit !== Number.POSITIVE_INFINITY) sent.push(at);",
    from: "limit !== Number.POSITIVE_INFINITY",
    to: "true",
    reason: "Only memory: without a limit the moments are never looked at.",
  },
  {
    file: "src/rate.ts",
    text: "if (pause > 0) pausedUntil = Math.max(pausedUntil, now + Math.min(pause, LONGEST_PAUSE));",
    from: "pause > 0",
    to: "true",
    reason: "A pause of 0 ends now.",
  },
  {
    file: "src/rate.ts",
    text: "if (pause > 0) pausedUntil = Math.max(pausedUntil, now + Math.min(pause, LONGEST_PAUSE));",
    from: "pause > 0",
    to: "pause >= 0",
    reason: "A pause of 0 ends now.",
  },
  {
    file: "src/rate.ts",
    text: "if (queue.size > 0) serve();",
    from: "queue.size > 0",
    to: "true",
    reason: "Serving nobody does nothing.",
  },
  {
    file: "src/rate.ts",
    text: "if (queue.size > 0) serve();",
    from: "queue.size > 0",
    to: "queue.size >= 0",
    reason: "Serving nobody does nothing.",
  },
  {
    file: "src/rate.ts",
    text: "if (queue.size > 0) serve();",
    from: "queue.size > 0",
    to: "false",
    reason: "An answer can only prolong a wait, and the timer that ends it looks again.",
  },
  {
    file: "src/rate.ts",
    text: "if (queue.size > 0) serve();",
    from: "queue.size > 0",
    to: "queue.size <= 0",
    reason: "An answer can only prolong a wait, and the timer that ends it looks again.",
  },
  {
    file: "src/rate.ts",
    text: "cancelTimer?.();",
    from: "cancelTimer?.()",
    to: "cancelTimer()",
    reason: "Whoever waits has a timer: the first of them set it.",
  },
  {
    file: "src/rate.ts",
    text: "reject(signal?.reason);",
    from: "signal?.reason",
    to: "signal.reason",
    reason: "Only a signal calls this.",
  },
  {
    file: "src/redact.ts",
    text: 'if (typeof error !== "object" || error === null)',
    from: "error === null",
    to: "false",
    reason: "null was turned away before.",
  },
  {
    file: "src/retry.ts",
    text: 'if (asked !== undefined && asked > policy.maxRetryAfter) return stop("the provider asks for too long a pause");',
    from: "asked !== undefined",
    to: "true",
    reason: "undefined is not greater than anything.",
  },
  {
    file: "src/retry.ts",
    text: "const after = asked !== undefined && asked > 0 ? asked : Math.round(random * ceiling);",
    from: "asked !== undefined",
    to: "true",
    reason: "undefined is not greater than anything.",
  },
  {
    file: "src/retry.ts",
    text: 'const passes = failure.kind === "status" && failure.status === 429 && !failure.permanent;',
    from: 'failure.kind === "status"',
    to: "true",
    reason: "No other failure has a status.",
  },
  {
    file: "src/retry.ts",
    text: 'const unsent = failure.kind === "network" && failure.transient && submission === "not_sent";',
    from: 'failure.kind === "network"',
    to: "true",
    reason: "No other failure is transient.",
  },
  {
    file: "src/retry.ts",
    text: '(failure.kind === "status" && failure.status === 429 ? rateFactsOf(headers)?.reset : undefined);',
    from: 'failure.kind === "status"',
    to: "true",
    reason: "No other failure has a status.",
  },
  {
    file: "src/retry.ts",
    text: "return seconds === undefined ? undefined : Math.ceil(seconds * 1000);",
    from: "seconds === undefined",
    to: "false",
    reason: "NaN is neither longer than what is waited for nor longer than 0.",
  },
];
