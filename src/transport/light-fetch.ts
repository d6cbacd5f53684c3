/** What every `fetch` of this package does before and after its own exchange. */
import { LightRequest } from "./light-request.js";
import { asTransportError } from "./transport-error.js";

/** A `fetch` with the `Request` it is fastest with. */
export interface LightFetch {
  (input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** For `createClient({ fetch, Request: fetch.LightRequest })` of openapi-fetch; `Magnific` uses it by itself. */
  readonly LightRequest: typeof Request;
}

export type Resolve = (response: Response) => void;
export type Reject = (error: unknown) => void;

/** @param begin May throw while nothing was sent. */
export function lightFetch(begin: (request: LightRequest, resolve: Resolve, reject: Reject) => void): LightFetch {
  const fetch = (input: string | URL | Request | LightRequest, init?: RequestInit): Promise<Response> => {
    const request = input instanceof LightRequest && init === undefined ? input : new LightRequest(input, init);
    return new Promise<Response>((resolve, reject) => {
      if (request.given?.aborted) {
        refuseBody(request, request.given.reason);
        reject(request.given.reason);
        return;
      }
      try {
        begin(request, resolve, reject);
      } catch (error) {
        refuseBody(request, error);
        reject(asTransportError(error, false));
      }
    });
  };
  return Object.assign(fetch, { LightRequest: LightRequest as unknown as typeof Request });
}

/** A body that is not sent is freed as if it had been. */
function refuseBody({ body }: LightRequest, reason: unknown): void {
  if (body instanceof ReadableStream && !body.locked) void body.cancel(reason).catch(() => {});
}
