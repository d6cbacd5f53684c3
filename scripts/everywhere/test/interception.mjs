/** Whether libraries that intercept HTTP in tests see what the client sends. Runs next to the installed package. */
import { Magnific } from "magnific-client";
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import nock from "nock";

const ID = "046b6c7f-0b8a-43b9-b35d-6489e6daee91";
const PATH = "/v1/ai/image-upscaler-precision";
const RESPONSE = { data: { task_id: ID, status: "CREATED", generated: [] } };
const base64 = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const image = Buffer.from(base64, "base64");
const failures = [];
const check = async (name) => {
  for (const input of [image, new Blob([image]).stream()]) {
    try {
      const magnific = new Magnific({ apiKey: "k", retry: 0, timeout: 5000 });
      const task = await magnific.submit({ image: input });
      if (task.id !== ID) failures.push(`${name}: ${task.id}`);
    } catch (error) {
      failures.push(`${name}: ${error.message} ${error.cause ?? ""}`);
    }
  }
};

const bodies = [];
const server = setupServer(
  http.post(`https://api.magnific.com${PATH}`, async ({ request }) => {
    bodies.push((await request.json()).image);
    return HttpResponse.json(RESPONSE);
  }),
);
server.listen({ onUnhandledRequest: "error" });
await check("msw");
server.close();
if (bodies.length !== 2 || bodies.some((body) => body !== base64)) failures.push("msw saw other bodies");

nock.disableNetConnect();
nock("https://api.magnific.com").post(PATH).times(2).reply(200, RESPONSE);
await check("nock");
console.log(`FAILURES ${JSON.stringify(failures)}`);
process.exit(0);
