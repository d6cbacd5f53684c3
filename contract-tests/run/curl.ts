/** A case as a command line that replays it. */
import type { Case } from "../cases/case.js";
import { messageOf } from "../targets/message.js";
import type { Sent } from "../targets/target.js";

const PLACEHOLDER = "contract-key-placeholder";
/** A longer body is printed by the suite itself: it may hold an image. */
const INLINE = 100;

export function curlOf(one: Case, sent: Sent): string {
  const { url, method, headers, body } = messageOf(one.request, PLACEHOLDER, sent);
  const quoted = (text: string): string =>
    text
      .split(PLACEHOLDER)
      .map((part) => `'${part.replaceAll("'", "'\\''")}'`)
      .join(`"${sent.shellKey}"`);
  const parts = ["curl -i"];
  if (method !== "GET") parts.push(`-X ${method}`);
  parts.push(quoted(url.href));
  for (const [name, value] of Object.entries(headers))
    parts.push(`-H ${quoted(value === "" ? `${name};` : `${name}: ${value}`)}`);
  if (body === undefined) return parts.join(" ");
  if (body.length <= INLINE) return `${parts.join(" ")} --data-binary ${quoted(body)}`;
  return `npm run -s contract -- --body ${quoted(one.id)} | ${parts.join(" ")} --data-binary @-`;
}
