/** How the command ends: exit codes, and errors as a sentence and what to do about them. Pure. */
import { resolve } from "node:path";
import { BatchError, type BatchFault } from "../batch/errors.js";
import { MagnificError } from "../errors/magnific-error.js";
import { InvalidRequestError } from "../errors/request-errors.js";

/** Every exit code, which the help explains. Where several apply, 4 wins over 3, 3 over 5, and 5 over 1; an interruption over 1, 3 and 5. */
export const EXIT = { ok: 0, failed: 1, usage: 2, refused: 3, unknown: 4, limit: 5, interrupted: 130 } as const;

/** The command was called in a way that cannot work. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A proxy that let nothing through. */
export class ProxyError extends Error {
  override readonly name = "ProxyError";
  readonly code = "ERR_PROXY";
}

export function isRefused({ code }: MagnificError): boolean {
  return ["authentication_failed", "credits_exhausted", "forbidden", "usage_limit_reached"].includes(code);
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (!(error instanceof MagnificError)) return EXIT.failed;
  // What the damaged line says of sends is not known.
  if (error instanceof BatchError && error.fault === "journal_damaged") return EXIT.unknown;
  if (error.code === "configuration") return EXIT.usage;
  if (isRefused(error)) return EXIT.refused;
  if (error.code === "submit_limit_reached") return EXIT.limit;
  // With the task's id the outcome is known.
  if (error.submission === "unknown" && error.taskId === undefined) return EXIT.unknown;
  return error.code === "aborted" ? EXIT.interrupted : EXIT.failed;
}

const REMEDIES: Partial<Record<MagnificError["code"], string>> = {
  authentication_failed: "Check the key in MAGNIFIC_API_KEY or the key file; `magnific doctor` says which one is used.",
  credits_exhausted: "Buy credits, then run the same command again: it resumes where it stopped.",
  forbidden: "Ask the provider what the key's plan allows.",
  usage_limit_reached: "Upgrade the plan, then run the same command again.",
  rate_limited: "Run the same command again later, or with a lower --rate.",
  connection_failed: "Check the network and --base-url; `magnific doctor` says more.",
  connection_lost: "Check the network, then run the same command again.",
  wait_timeout: "Run the same command again to keep waiting; nothing is sent twice.",
  result_expired: "The provider no longer has the image under this URL; submit the image again if you need it.",
  submit_limit_reached: "Run the same command again with a higher --max-paid: it resumes where it stopped.",
  store_failed: "Choose a folder that can be written with --store.",
  submission_unknown:
    "Look at `magnific list`; if there is no task for it, submit it again with --again (submit) or --resubmit-unknown (upscale).",
};

const BATCH_REMEDIES: Partial<Record<BatchFault, string>> = {
  disk_full: "Make room, then run the same command again: it resumes where it stopped.",
  source_changed: "Send changed sources again with --resubmit-changed, or use another --out.",
  output_exists: "Choose other names with --name, or allow replacing files with --overwrite.",
  output_taken: "Distinguish them with --name, e.g. {name}-{source_ext}.{ext}.",
  journal_unwritable: "Choose a folder that can be written with --out, or --journal for the journal alone.",
};

/** What to do about an error, where there is something. @param inBatch Whether it is of one image of a batch. */
export function remedyOf(error: unknown, inBatch = false): string | undefined {
  const proxy = proxyReasonOf(error);
  if (proxy !== undefined) return proxy;
  if (error instanceof BatchError) return BATCH_REMEDIES[error.fault];
  if (!(error instanceof MagnificError)) return undefined;
  if (error.code === "task_failed" && inBatch)
    return "Failed tasks are not paid for again automatically; --resubmit-failed sends their images again.";
  const unknown = error.submission === "unknown" && error.taskId === undefined;
  return REMEDIES[unknown ? "submission_unknown" : error.code];
}

/** What a proxy rejected, where an error is about that. The client keeps a copy of the cause, not the cause itself. */
export function proxyReasonOf(error: unknown): string | undefined {
  for (let one = error; one instanceof Error; one = one.cause)
    if ((one as { code?: unknown }).code === "ERR_PROXY") return one.message;
  return undefined;
}

/** What the library says of its own methods and options, in the words of the command. */
const WORDS: readonly (readonly [library: RegExp, command: string])[] = [
  [/^(?:GET|POST) \/\S+/, "The request"],
  [/; magnific\.api\.GET takes any id| \(option `image\.(?!complete)\w+`\)/g, ""],
  [/option `image\.complete`, flag (\S+)\)/g, "$1 sends it all the same)"],
  [/`baseUrl`/g, "--base-url"],
  [/`maxSubmits`/g, "--max-paid"],
  [/`overwrite: true` replaces it, another path keeps it/g, "--overwrite replaces it"],
  [/ Look at `tasks\(\)`; then .* lets it be retried\./, ""],
];

/** One sentence, without the method and path that the library's errors begin with. @param path Of a file that is named before it. */
export function sentenceOf(error: unknown, path = ""): string {
  const faults = error instanceof InvalidRequestError ? error.faults : undefined;
  const listed = faults?.map(({ field, message }) => (field === "" ? message : `${field} ${message}`)).join("; ");
  const message =
    error instanceof MagnificError ? error.summary : error instanceof Error ? error.message : String(error);
  const text = WORDS.reduce((text, words) => text.replace(...words), listed === undefined ? message : `${listed}.`);
  const named = [path, resolve(path)].find((name) => path !== "" && text.startsWith(`${name} `)) ?? "";
  return text.slice(named.length).replace(/\s+/g, " ").trim();
}

export function errorFacts(error: unknown): Record<string, unknown> {
  if (!(error instanceof MagnificError)) return { message: sentenceOf(error) };
  const { code, submission, status, requestId, taskId } = error;
  const fault = "fault" in error ? error.fault : undefined;
  return { code, fault, message: sentenceOf(error), submission, status, requestId, task: taskId };
}
