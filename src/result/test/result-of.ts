import { Magnific } from "../../client.js";
import type { MagnificOptions } from "../../options.js";
import { TASK_ID } from "../../test-support/client-context.js";
import { CompressedTime } from "../../test-support/compressed-time.js";
import { type Loopback, loopback, type SeenRequest, type Serve } from "../../test-support/loopback.js";
import { task } from "../../test-support/provider.js";
import type { ResultImage } from "../result-image.js";

export interface Result {
  /** The image of a completed task. */
  readonly image: ResultImage;
  readonly server: Loopback;
  readonly time: CompressedTime;
  /** What was asked for besides the task. */
  readonly requests: () => readonly SeenRequest[];
}

/** A completed task of a client as users make it. `serve` answers the requests for the image, from the 0th on. */
export async function resultOf(serve: Serve, options: MagnificOptions = {}, path = "/x"): Promise<Result> {
  const server: Loopback = await loopback((response, n, request) =>
    n === 0
      ? task("COMPLETED", [path.startsWith("/") ? `${server.origin}${path}` : path])(response, n, request)
      : serve(response, n - 1, request),
  );
  const time = new CompressedTime(20);
  const magnific = new Magnific({ apiKey: "key", baseUrl: server.origin, time, ...options });
  const completed = await magnific.task(TASK_ID).get();
  if (completed.status !== "COMPLETED") throw new Error("the server did not say COMPLETED");
  return { image: completed.images[0], server, time, requests: () => server.requests.slice(1) };
}
