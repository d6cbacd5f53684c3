/** Whether libraries that intercept HTTP in tests see what `nodeFetch` sends. Copied beside the installed package. */
import { Magnific } from "magnific-client";
import { nodeFetch } from "magnific-client/node";
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import nock from "nock";

const ID = "046b6c7f-0b8a-43b9-b35d-6489e6daee91";
const PATH = "/v1/ai/image-upscaler-precision";
const ANSWER = { data: { task_id: ID, status: "CREATED", generated: [] } };
const image = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const failures = [];
const check = async (name, fetch) => {
  for (const [what, input] of [
    ["bytes", image],
    ["a stream", () => new Blob([image]).stream()],
  ]) {
    try {
      const magnific = new Magnific({ apiKey: "k", fetch, retry: 0, timeout: 5000 });
      const task = await magnific.submit({ image: typeof input === "function" ? input() : input });
      if (task.id !== ID) failures.push(`${name}, ${what}: ${task.id}`);
    } catch (error) {
      failures.push(`${name}, ${what}: ${error.message} ${error.cause ?? ""}`);
    }
  }
};

const bodies = [];
const server = setupServer(
  http.post(`https://api.magnific.com${PATH}`, async ({ request }) => {
    bodies.push((await request.json()).image);
    return HttpResponse.json(ANSWER);
  }),
);
server.listen({ onUnhandledRequest: "error" });
await check("msw", nodeFetch({ proxy: false }));
server.close();
if (bodies.length !== 2 || bodies.some((body) => body !== image.toString("base64")))
  failures.push("msw saw other bodies");

nock.disableNetConnect();
nock("https://api.magnific.com").post(PATH).times(2).reply(200, ANSWER);
await check("nock", nodeFetch({ proxy: false }));
console.log(`FAILURES ${JSON.stringify(failures)}`);
process.exit(0);
