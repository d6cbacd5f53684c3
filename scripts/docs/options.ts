/** The page of options, from the docstrings of their types. Pure. */

import type { DocumentedOption } from "../options/documented.js";
import { cell, codeCell, generatedFrom, table } from "./markdown.js";

interface Group {
  readonly title: string;
  readonly parts: readonly (readonly [owner: string, title: string, about: string])[];
}

/** Where a reader meets each interface of options. One that is not here fails the build. */
const GROUPS: readonly Group[] = [
  {
    title: "The client",
    parts: [
      ["MagnificOptions", "`new Magnific(options)`", "Also the hooks below, as options of the client."],
      ["RetryOptions", "`retry`", "What a client repeats by itself. [When it does](../guides/money.md)."],
      ["PollSettings", "`poll`", "The schedule of every wait of the client."],
      ["ResultOptions", "`results`", ""],
      ["ImageOptions", "`image`", "Each check can be switched off."],
      ["Hooks", "Hooks", "They are given redacted facts only. [What to do with them](../guides/observability.md)."],
    ],
  },
  {
    title: "Calls",
    parts: [
      ["CallOptions", "Every call", "`submit`, `tasks`, `task.get` take these."],
      ["SubmitOptions", "`submit(request, options)`", "Also those of every call."],
      ["StatusesOptions", "`task.statuses(options)`", ""],
      ["WaitOptions", "`task.wait(options)`", "Also those of `statuses`."],
      ["UpscaleOptions", "`upscale(request, options)`", "Also those of `wait`."],
    ],
  },
  {
    title: "Results",
    parts: [
      ["DownloadOptions", "`image.bytes`, `image.blob`, `image.stream`", ""],
      ["SaveOptions", "`image.save(path, options)`", "Also those of every download."],
    ],
  },
  {
    title: "Batches",
    parts: [
      ["BatchSettings", "A batch", "`upscaleAll` and `planAll` take these. [How a batch works](../guides/batches.md)."],
      ["UpscaleAllOptions", "`upscaleAll(inputs, options)`", "Also those of a batch."],
      ["PlanOptions", "`planAll(inputs, options)`", "Also those of a batch."],
    ],
  },
  {
    title: "Webhooks",
    parts: [
      [
        "WebhookOptions",
        "`unwrap(delivery, options)`, `verify(delivery, options)`",
        "The client's `webhooks` take them too. [Guides by framework](../guides/webhooks.md).",
      ],
      ["SeenWebhooksOptions", "`seenWebhooks(options)`", ""],
      ["WebhookInboxOptions", "`webhookInbox(options)`", ""],
      ["SignWebhookOptions", "`signWebhook(options)`", ""],
    ],
  },
  {
    title: "Node's transport",
    parts: [["AgentOptions", "`nodeFetch(options)`", "The faster `fetch` of `magnific-client/node`."]],
  },
  {
    title: "The sandbox",
    parts: [
      ["sandbox/SandboxOptions", "`startSandbox(options)`", "[How to test with it](../guides/sandbox.md)."],
      ["sandbox/WebhookOptions", "`webhooks` of the sandbox", ""],
    ],
  },
];

/** A field of the request, from the effective document. */
export interface RequestField {
  readonly name: string;
  readonly type: string;
  readonly range: string;
  readonly standard: string;
  readonly description: string;
}

/** @throws {Error} for options that no group shows, and groups without options. */
export function optionsPage(options: readonly DocumentedOption[], fields: readonly RequestField[]): string {
  const shown = new Set(GROUPS.flatMap(({ parts }) => parts.map(([owner]) => owner)));
  const owners = new Set(options.map(({ owner }) => owner));
  const lost = [...owners].filter((owner) => !shown.has(owner));
  const empty = [...shown].filter((owner) => !owners.has(owner));
  if (lost.length + empty.length > 0)
    throw new Error(`scripts/docs/options.ts: not shown: ${lost.join(", ")}; without options: ${empty.join(", ")}.`);
  return [
    "# Options",
    generatedFrom("the types, and from the provider's document"),
    `${options.length} options. Each has a test that fails when the option does nothing. All times are milliseconds unless it says otherwise.`,
    "## The request",
    "What is upscaled, and how: the first argument of `submit` and `upscale`, in the provider's own names. `image` takes bytes, a `Blob` or `File`, a stream, an async iterable, a `Response`, a base64 string, a `data:` URI, or a file through `imageFile()`.",
    table(
      ["field", "meaning", "range", "default"],
      fields.map((field) => [
        `\`${field.name}\`<br>${codeCell(field.type)}`,
        cell(field.description),
        field.range,
        field.standard === "" ? "" : codeCell(field.standard),
      ]),
    ),
    ...GROUPS.flatMap(({ title, parts }) => [
      `## ${title}`,
      ...parts.flatMap(([owner, heading, about]) => [
        `### ${heading}`,
        about,
        table(["option", "meaning", "default"], options.filter((option) => option.owner === owner).map(row)),
      ]),
    ]),
    "",
  ]
    .filter((part, index, all) => part !== "" || index === all.length - 1)
    .join("\n\n");
}

function row({ name, type, comment }: DocumentedOption): string[] {
  const { standard, rest } = defaultOf(comment);
  return [`\`${name}\`<br>${codeCell(type)}`, cell(rest), cell(standard)];
}

/** The default as its sentence says it, and the other sentences. */
export function defaultOf(comment: string): { readonly standard: string; readonly rest: string } {
  const text = comment.replace(/\s+/g, " ").trim();
  const found = /(?:^|(?<=[.:] ))Default:? (.+?)\.(?= [A-Z`"0-9]|$)/.exec(text);
  if (found === null) return { standard: "", rest: text };
  const rest = `${text.slice(0, found.index)}${text.slice(found.index + found[0].length)}`.replace(/\s+/g, " ").trim();
  return { standard: found[1] ?? "", rest };
}
