import { Magnific } from "../../client.js";
import type { MagnificOptions } from "../../options.js";
import { TASK_ID } from "../../test-support/client-context.js";
import { CompressedTime } from "../../test-support/compressed-time.js";
import { type Loopback, loopback, type Serve } from "../../test-support/loopback.js";
import { task } from "../../test-support/provider.js";
import type { ResultImage } from "../result-image.js";

export interface Result {
  /** The image of a completed task. */
  readonly image: ResultImage;
  /** Its requests are those for the image. */
  readonly server: Loopback;
  readonly time: CompressedTime;
}

/** The task itself is read on a clock that runs fast. */
const PATIENT = 1e9;

/**
 * The image of a completed task, from a client as users make it. `serve` responds to the requests for the image, the
 * first of them is 0.
 */
export async function resultOf(
  serve: Serve,
  { time = new CompressedTime(20), ...options }: MagnificOptions & { readonly time?: CompressedTime } = {},
  path = "/image.png",
): Promise<Result> {
  const server: Loopback = await loopback((response, n, request) =>
    n === 0
      ? task("COMPLETED", [new URL(path, server.origin).href])(response, n, request)
      : serve(response, n - 1, request),
  );
  const image = await imageOf(
    new Magnific({ apiKey: "key", baseUrl: server.origin, time, timeout: PATIENT, ...options }),
  );
  time.delays.length = 0;
  const { origin, idle } = server;
  return {
    image,
    server: {
      origin,
      idle,
      get requests() {
        return server.requests.slice(1);
      },
    },
    time,
  };
}

/** The same from a `fetch` that is passed to the client. */
export async function resultBy(
  respond: (url: string, init: RequestInit) => Promise<Response>,
  options: MagnificOptions = {},
  url = "https://cdn.freepik.com/x.png",
): Promise<ResultImage> {
  let calls = 0;
  const data = { task_id: TASK_ID, status: "COMPLETED", generated: [url] };
  const fetch = ((at: string, init: RequestInit) =>
    calls++ === 0 ? Promise.resolve(Response.json({ data })) : respond(at, init)) as typeof globalThis.fetch;
  return imageOf(new Magnific({ apiKey: "key", fetch, time: new CompressedTime(1000), timeout: PATIENT, ...options }));
}

async function imageOf(magnific: Magnific): Promise<ResultImage> {
  const completed = await magnific.task(TASK_ID).get();
  if (completed.status !== "COMPLETED") throw new Error("the server did not say COMPLETED");
  return completed.images[0];
}
