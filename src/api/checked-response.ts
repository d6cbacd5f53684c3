import type { HttpResponse } from "../http/read-response.js";

/** A response that was checked against the document, with the facts around it. */
export interface CheckedResponse<T> extends Partial<Pick<HttpResponse, "requestId" | "rate">> {
  readonly data: T;
  readonly status: number;
  readonly headers: Headers;
}
