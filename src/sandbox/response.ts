/** Responses of the sandbox. */

export interface InvalidParam {
  readonly name: string;
  readonly reason: string;
}

/** A response other than success, thrown to where responses are made. */
export class Refusal extends Error {
  readonly status: number;
  /** The invalid parameters, each with the rule that it breaks. */
  readonly params: readonly InvalidParam[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    options: { readonly params?: readonly InvalidParam[]; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.status = status;
    this.params = options.params ?? [];
    this.headers = options.headers ?? {};
  }
}

/** A 400 about one parameter or header. */
export function invalidParam(name: string, reason: string): Refusal {
  return new Refusal(400, reason, { params: [{ name, reason }] });
}

/** A response with a body that is in memory. */
export function response(status: number, type: string, text: string, headers: Record<string, string> = {}): Response {
  const length = String(Buffer.byteLength(text));
  const isNullBody = [204, 205, 304].includes(status);
  return new Response(isNullBody ? null : text, {
    status,
    headers: { "content-type": type, ...(isNullBody ? {} : { "content-length": length }), ...headers },
  });
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Response {
  return response(status, "application/json", JSON.stringify(value), headers);
}

/** The declared shape of an error; a 400 is `application/problem+json` where the client accepts nothing else. */
export function refusalResponse({ status, message, params, headers }: Refusal, accept: string | null): Response {
  if (status !== 400 || !wantsProblem(accept ?? "")) return json(status, { message }, headers);
  const problem = { message, invalid_params: params };
  return json(400, { problem }, { ...headers, "content-type": "application/problem+json" });
}

function wantsProblem(accept: string): boolean {
  const types = accept.split(",").map((part) => part.split(";")[0]?.trim().toLowerCase());
  return (
    types.includes("application/problem+json") && !types.some((type) => type === "application/json" || type === "*/*")
  );
}

/** A body that is read only when, and as far as, somebody asks for it. */
export function lazyBody(chunks: () => AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  let iterator: AsyncIterator<Uint8Array> | undefined;
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        iterator ??= chunks()[Symbol.asyncIterator]();
        const { value, done } = await iterator.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      // Not awaited: a body that stalls never comes to its end.
      cancel: () => void iterator?.return?.(),
    },
    { highWaterMark: 0 },
  );
}
