/** The raw client: openapi-fetch as it is, over the safe fetch. The facade sends through the same instance. */
import createClient, { type Client } from "openapi-fetch";
import type { paths } from "../../generated/index.js";
import type { OwnRequest } from "../http/call.js";
import { Failed, failureOf, toError } from "../http/failure.js";
import { keyFor, safeFetch } from "../http/safe-fetch.js";
import { type MagnificOptions, type Settings, settingsOf } from "../options.js";
import { abortScope } from "../util/abort-scope.js";

/** The client of openapi-fetch, typed by the provider's document. */
export type Api = Client<paths>;

/**
 * The raw client, as `new Magnific(options).api`, without the rest: openapi-fetch, typed by the provider's document, with
 * the key, pinned to `baseUrl`, within `timeout`.
 *
 * @example
 * const api = createApi();
 * const { data, response } = await api.GET("/v1/ai/image-upscaler-precision");
 *
 * @throws {ConfigurationError} for options that cannot work: no key, plain http to a host, a browser.
 */
export function createApi(options: MagnificOptions = {}): Api {
  return rawClient(settingsOf(options));
}

export function rawClient(settings: Settings): Api {
  const { Request: own } = settings.fetch() as OwnRequest;
  return createClient<paths>({
    baseUrl: settings.baseUrl,
    querySerializer,
    fetch: (request) => send(settings, request),
    ...(own === undefined ? {} : { Request: own }),
  });
}

async function send(settings: Settings, request: Request): Promise<Response> {
  const { time, timeout } = settings;
  const scope = abortScope(time, timeout, request.signal);
  let key = "";
  try {
    key = await keyFor(settings, scope.signal);
    const { response, length, truncated } = await safeFetch(settings, request, { key, signal: scope.signal });
    const what = `${response.status} and a body of more than ${length} bytes`;
    if (truncated && response.ok) throw new Failed({ kind: "unreadable", what });
    scope.close();
    return response;
  } catch (error) {
    const failure = failureOf(error, { scope, timeout, secrets: [key], settings });
    scope.abort();
    if (failure.kind === "aborted") throw failure.cause;
    throw toError(failure, { operation: `${request.method} ${new URL(request.url).pathname}` }, time.now());
  }
}

/** As openapi-fetch does, but also objects in objects, which the provider's filters are: `filters[type][photo]=1`. */
function querySerializer(query: Readonly<Record<string, unknown>>): string {
  const all = Object.entries(query).flatMap(([name, value]) => [value].flat().map((one) => [name, one] as const));
  return all.flatMap(([name, one]) => pairs(name, one)).join("&");
}

function pairs(name: string, value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== "object") return [`${name}=${encodeURIComponent(String(value))}`];
  return Object.entries(value).flatMap(([key, one]) => pairs(`${name}[${encodeURIComponent(key)}]`, one));
}
