/** The raw door: openapi-fetch as it is, with the key, pinned to the configured origin, within the attempt's time. */
import createClient, { type Client, defaultBodySerializer } from "openapi-fetch";
import type { paths } from "../../generated/index.js";
import { ConfigurationError } from "../errors/configuration-error.js";
import { MagnificError } from "../errors/magnific-error.js";
import { RedirectError } from "../errors/redirect-error.js";
import { TimeoutError } from "../errors/timeout-error.js";
import { keyFor } from "../http/attempt.js";
import { networkFailure } from "../http/network-error.js";
import { isBase64 } from "../image/base64.js";
import { type MagnificOptions, type Settings, settingsOf } from "../options.js";
import { abortScope, orAborted } from "../util/abort-scope.js";
import { redirect } from "../util/runtime.js";
import { serializeQuery } from "./query.js";

/** The client of openapi-fetch, typed by the provider's document. */
export type Api = Client<paths>;

/** What the facade sends through: each attempt brings its own fetch. */
export function transportOf({ baseUrl }: Settings): Api {
  return createClient<paths>({ baseUrl });
}

/** What `magnific.api` is. */
export function doorOf(settings: Settings): Api {
  const { LightRequest } = settings.fetch() as { LightRequest?: typeof Request };
  return createClient<paths>({
    baseUrl: settings.baseUrl,
    redirect: redirect(),
    bodySerializer,
    querySerializer: serializeQuery,
    fetch: (request) => send(settings, request),
    ...(LightRequest === undefined ? {} : { Request: LightRequest }),
  });
}

/**
 * The raw door without the rest: openapi-fetch, typed by the provider's document, with the key, pinned to `baseUrl`, within
 * `timeout`. The same as `new Magnific(options).api`; a bundle that uses nothing else holds nothing else.
 *
 * @example
 * const api = createApi();
 * const { data, response } = await api.GET("/v1/ai/image-upscaler-precision");
 *
 * @throws {ConfigurationError} for options that cannot work: no key, plain http to a host, a browser.
 */
export function createApi(options: MagnificOptions = {}): Api {
  return doorOf(settingsOf(options));
}

/** As the default does it, whose types leave the headers out. */
const byDefault = defaultBodySerializer as (body: unknown, headers?: Headers) => unknown;

/**
 * The default's text, letter by letter. `JSON.stringify` looks at each letter of an image for what must be escaped; that
 * the image is base64, where nothing must, is found out in a fraction of the time.
 */
function bodySerializer(body: unknown, headers?: Headers): unknown {
  if (isPlain(body) && typeof body.image === "string" && !headers?.has("content-type") && isBase64(body.image)) {
    const around = JSON.stringify({ ...body, image: "" }).split('"image":""');
    // In more parts where another value looks the same.
    if (around.length === 2) return around.join(`"image":"${body.image}"`);
  }
  return byDefault(body, headers);
}

function isPlain(body: unknown): body is { readonly image?: unknown } {
  return body !== null && Object.getPrototypeOf(Object(body)) === Object.prototype && !("toJSON" in Object(body));
}

async function send(settings: Settings, request: Request): Promise<Response> {
  const { url } = request;
  // The common case needs no parser: behind the slash a URL cannot change its origin any more.
  if (!url.startsWith(`${settings.origin}/`) && new URL(url).origin !== settings.origin)
    throw new ConfigurationError(
      `${operationOf(request)} goes to another origin than \`baseUrl\`: the key and the image do not.`,
    );
  // A light request has its caller's signal at hand, where there is one, and takes a scope for a signal.
  const { given } = request as { readonly given?: AbortSignal };
  const isLight = "given" in request;
  const scope = abortScope(settings.time, settings.timeout, isLight ? given : request.signal);
  try {
    const key = keyFor(settings);
    request.headers.set(settings.keyHeader, typeof key === "string" ? key : await orAborted(scope.signal, key));
    if (scope.signal.aborted) throw scope.signal.reason;
    // Whatever mode the call asked for: a redirect would take the key and the image along.
    const init = { redirect: redirect(), signal: isLight ? scope.signal : scope.signal };
    const response = await orAborted(scope.signal, settings.fetch()(request, init));
    if (response.status === 0 || (response.status >= 300 && response.status < 400 && response.status !== 304)) {
      response.body?.cancel().catch(() => undefined);
      throw redirected(operationOf(request), response.status === 0 ? undefined : response.status);
    }
    return await orAborted(scope.signal, buffered(response));
  } catch (error) {
    const operation = operationOf(request);
    if (scope.endedBy === "deadline")
      throw new TimeoutError(`${operation} took longer than ${settings.timeout} ms.`, { operation });
    if (error instanceof MagnificError) throw error;
    if (networkFailure(error).redirect) throw redirected(operation, undefined);
    throw error;
  } finally {
    scope.close();
  }
}

function operationOf({ method, url }: Request): string {
  return `${method} ${new URL(url).pathname}`;
}

/** With the body in it: read within the deadline, so that nothing hangs later. */
async function buffered(response: Response): Promise<Response> {
  const { gathered } = response as { gathered?: Promise<unknown> };
  if (gathered !== undefined) {
    await gathered;
    return response;
  }
  if (response.body === null) return response;
  const body = await response.arrayBuffer();
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
}

function redirected(operation: string, status: number | undefined): RedirectError {
  const message = `${operation} was answered with a redirect, which is never followed: the key goes to \`baseUrl\` only.`;
  return new RedirectError(message, { operation, status });
}
