/** Every exchange as an HTTP archive (HAR 1.2), which browsers and proxies open: with a placeholder for the key. */
import type { Result } from "../run/run.js";
import type { SuiteReport } from "../run/suite.js";
import type { Exchange } from "../targets/exchange.js";
import { messageOf } from "../targets/message.js";

export function harReport({ results }: SuiteReport): string {
  const entries = results.flatMap((each) => entryOf(each) ?? []);
  const log = { version: "1.2", creator: { name: "contract", version: "1" }, entries };
  return `${JSON.stringify({ log }, null, 2)}\n`;
}

function entryOf({ case: one, column, sent, exchange, started = 0, milliseconds = 0 }: Result) {
  if (!sent || !exchange) return undefined;
  const { url, method, headers, body } = messageOf(one.request, "[key]", sent);
  return {
    startedDateTime: new Date(started).toISOString(),
    time: milliseconds,
    comment: `[${column}] ${one.id}`,
    request: {
      ...{ method, url: url.href, httpVersion: "HTTP/1.1", cookies: [], headers: pairs(headers) },
      queryString: pairs(Object.fromEntries(url.searchParams)),
      ...sizes(body),
      ...(body === undefined ? {} : { postData: { mimeType: headers["content-type"] ?? "", text: body } }),
    },
    response: responseOf(exchange),
    cache: {},
    timings: { send: 0, wait: milliseconds, receive: 0 },
  };
}

function responseOf(exchange: Exchange) {
  const nothing = { httpVersion: "HTTP/1.1", cookies: [], redirectURL: "" };
  if ("failure" in exchange) {
    const content = { size: 0, mimeType: "x-unknown" };
    return { status: 0, statusText: exchange.failure, headers: [], ...nothing, content, headersSize: -1, bodySize: -1 };
  }
  const { status, headers, body, undecoded } = exchange;
  // A cookie may be as good as a key.
  const shown = headers["set-cookie"] === undefined ? headers : { ...headers, "set-cookie": "[cookie]" };
  const content = {
    size: Buffer.byteLength(body),
    mimeType: headers["content-type"] ?? "",
    text: body,
    _undecoded: undecoded,
  };
  return { status, statusText: "", headers: pairs(shown), ...nothing, content, ...sizes(body) };
}

function pairs(values: Readonly<Record<string, string>>) {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}

function sizes(body: string | undefined) {
  return { headersSize: -1, bodySize: body === undefined ? 0 : Buffer.byteLength(body) };
}
