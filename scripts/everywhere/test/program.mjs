/**
 * What must work in every runtime, as one list of named checks. Uses nothing but the platform and the package, which is
 * handed in, so that a bundler or a runtime resolves it its own way. Gives back what failed; an empty list is good.
 */

const VECTOR = {
  secret: "dGVzdC1zZWNyZXQ=",
  headers: {
    "webhook-id": "msg_2kq",
    "webhook-timestamp": "1760749154",
    "webhook-signature": "v1,y7xPmEwPca2qlk5I19R+zmAd56J4sFswSCq5N8PwhPQ=",
  },
  body: '{"task_id":"046b6c7f-0b8a-43b9-b35d-6489e6daee91","status":"COMPLETED","generated":["https://ai-statics.freepik.com/completed_task_image.jpg"]}',
};

/** The smallest PNG there is. */
const PNG = Uint8Array.from(
  atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="),
  (letter) => letter.charCodeAt(0),
);

/**
 * @param library `{ Magnific, MagnificError, signWebhook, unwrap }`
 * @param options Of `Magnific`: `baseUrl`, `apiKey`, and what the runtime needs besides.
 */
export async function run({ Magnific, MagnificError, signWebhook, unwrap }, options) {
  const failures = [];
  const check = async (name, test) => {
    try {
      const wrong = await test();
      if (wrong !== undefined) failures.push(`${name}: ${wrong}`);
    } catch (error) {
      failures.push(`${name}: ${error?.name} ${error?.code ?? ""} ${error?.message}; ${error?.cause ?? ""}`);
    }
  };
  const wanted = (found, expected) => {
    const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
    return one === other ? undefined : `${one} instead of ${other}`;
  };
  const failure = async (promise) => {
    try {
      await promise;
    } catch (error) {
      return [error instanceof MagnificError, error.code, error.submission];
    }
    return "no error";
  };
  const poll = { first: 20, max: 50 };
  const magnific = new Magnific({ ...options, poll });

  await check("submit and wait", async () => {
    const task = await magnific.submit({ image: PNG, sharpen: 40 });
    const statuses = [];
    const done = await task.wait({ onStatus: ({ status }) => void statuses.push(status) });
    const bytes = [...(await done.images[0].bytes())];
    return wanted([done.status, statuses.at(-1), done.images.length, bytes], ["COMPLETED", "COMPLETED", 1, [...PNG]]);
  });
  await check("submit from a stream", async () => {
    const image = new Blob([PNG]).stream();
    return wanted(typeof (await magnific.submit({ image })).id, "string");
  });
  await check("list and resume", async () => {
    const [first] = await magnific.tasks();
    return wanted((await magnific.task(first.id).get()).id, first.id);
  });
  await check("a webhook of the provider", async () => {
    const seconds = Number(VECTOR.headers["webhook-timestamp"]);
    const event = await unwrap(
      { headers: VECTOR.headers, body: VECTOR.body },
      { secret: VECTOR.secret, now: () => seconds * 1000 },
    );
    return wanted(JSON.stringify(event).includes("046b6c7f-0b8a-43b9-b35d-6489e6daee91"), true);
  });
  await check("a webhook as a Request", async () => {
    const { headers, body } = await signWebhook({ secret: "s3cret", body: JSON.parse(VECTOR.body) });
    const request = () => new Request("https://example.com/hook", { method: "POST", headers, body });
    await unwrap(request(), { secret: "s3cret" });
    return wanted((await failure(unwrap(request(), { secret: "other" }))).slice(0, 2), [true, "webhook_invalid"]);
  });
  await check("errors: wrong key", async () => {
    const other = new Magnific({ ...options, apiKey: "wrong" });
    return wanted(await failure(other.submit({ image: PNG })), [true, "authentication_failed", "rejected"]);
  });
  await check("errors: unknown task", async () => {
    const found = await failure(magnific.task("00000000-0000-4000-8000-000000000000").get());
    return wanted(found.slice(0, 2), [true, "not_found"]);
  });
  await check("errors: invalid request", async () => {
    const found = await failure(magnific.submit({ image: PNG, sharpen: 101 }));
    return wanted(found.slice(0, 2), [true, "invalid_request"]);
  });
  await check("errors: could not connect", async () => {
    const gone = new Magnific({ ...options, baseUrl: "http://127.0.0.1:9", retry: 0 });
    const [known, code, submission] = await failure(gone.submit({ image: PNG }));
    const sure = code === "connection_failed" && submission === "not_sent";
    // Not every runtime says why a connection failed; then nothing more may be claimed than is known.
    const unsure = code === "connection_lost" && submission === "unknown";
    return wanted([known, sure || unsure], [true, true]);
  });
  await check("errors: aborted", async () => {
    const found = await failure(magnific.submit({ image: PNG }, { signal: AbortSignal.abort(new Error("no")) }));
    return wanted(found, [true, "aborted", "not_sent"]);
  });
  return failures;
}
