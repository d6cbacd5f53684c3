/** A case as a command line that replays it. */
import type { Case } from "../cases/case.js";
import { keyAs, messageOf } from "../targets/message.js";
import type { Sent } from "../targets/target.js";

const PLACEHOLDER = "contract-key-placeholder";
/** A longer body is printed by the suite itself: it may hold an image. */
const INLINE = 100;

/** What of a message comes from the key → how a shell says it. */
function shellTexts(key: string): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [which, own] of [
    [undefined, `"${key}"`],
    ["cut", `"\${${key.replace(/^\$/, "")}%?}"`],
    ["swapped", `"$(printf %s "${key}" | tr A-Za-z a-zA-Z)"`],
  ] as const) {
    const text = keyAs(which, PLACEHOLDER);
    texts.set(text, own);
    // Of a basic credential the key is a part of what is encoded.
    const basic = Buffer.from(`contract:${text}`).toString("base64");
    texts.set(basic, `"$(printf 'contract:%s' ${own} | base64 | tr -d '\\n')"`);
  }
  return texts;
}

export function curlOf(one: Case, sent: Sent): string {
  const { url, method, headers, body } = messageOf(one.request, PLACEHOLDER, sent);
  const shell = shellTexts(sent.shellKey);
  const quoted = (text: string): string =>
    text
      .split(new RegExp(`(${[...shell.keys()].join("|")})`))
      .map((part) => shell.get(part) ?? `'${part.replaceAll("'", "'\\''")}'`)
      .filter((part) => part !== "''")
      .join("");
  const parts = ["curl -i"];
  if (method === "HEAD") parts.push("--head");
  else if (method !== "GET" || body !== undefined) parts.push(`-X ${method}`);
  // Brackets and braces are curl's own language otherwise.
  if (/[[\]{}]/.test(url.href)) parts.push("-g");
  parts.push(quoted(url.href));
  for (const [name, value] of Object.entries(headers))
    parts.push(`-H ${quoted(value === "" ? `${name};` : `${name}: ${value}`)}`);
  // What curl adds by itself, and the suite did not send.
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  if (!names.includes("accept")) parts.push("-H 'accept:'");
  if (body !== undefined && !names.includes("content-type")) parts.push("-H 'content-type:'");
  if (body === undefined) return parts.join(" ");
  if (body.length <= INLINE) return `${parts.join(" ")} --data-binary ${quoted(body)}`;
  return `npm run -s contract -- --body ${quoted(one.id)} | ${parts.join(" ")} --data-binary @-`;
}
