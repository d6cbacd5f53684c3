/** A case as a command line that plays it again. */
import type { Case } from "../cases/case.js";
import { addressed } from "../targets/message.js";

const KEY_VARIABLE = "MAGNIFIC_API_KEY";
const PLACEHOLDER = "contract-key-placeholder";
/** A longer body is printed by the suite itself: it may hold an image. */
const INLINE = 100;

export function curlOf(base: string, one: Case, mock: boolean): string {
  const { url, method, headers, body } = addressed(
    base,
    one.request,
    PLACEHOLDER,
    mock && one.prefer ? { prefer: one.prefer } : {},
  );
  const parts = ["curl -i"];
  if (method !== "GET") parts.push(`-X ${method}`);
  parts.push(quoted(url.href));
  for (const [name, value] of Object.entries(headers))
    parts.push(`-H ${quoted(value === "" ? `${name};` : `${name}: ${value}`)}`);
  if (body === undefined) return parts.join(" ");
  if (body.length <= INLINE) return `${parts.join(" ")} --data-binary ${quoted(body)}`;
  return `npm run -s contract -- --body ${quoted(one.id)} | ${parts.join(" ")} --data-binary @-`;
}

function quoted(text: string): string {
  const [plain, ...rest] = text.split(PLACEHOLDER).map((part) => `'${part.replaceAll("'", "'\\''")}'`);
  return [plain, ...rest].join(`"$${KEY_VARIABLE}"`);
}
