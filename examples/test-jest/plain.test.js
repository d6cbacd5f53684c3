const { mkdtempSync } = require("node:fs");
const { join } = require("node:path");
const { tmpdir } = require("node:os");
const { Magnific, MagnificError } = require("magnific-client");
const { imageFile } = require("magnific-client/node");
const { startSandbox } = require("magnific-client/sandbox");
const { unwrap, signWebhook } = require("magnific-client/webhook");

const PHOTO = join(__dirname, "../../scripts/demo/astronaut.jpg");

let sandbox;
let magnific;
beforeAll(async () => {
  sandbox = await startSandbox({ upscaler: "echo", lifeCycle: "completed" });
  magnific = new Magnific({ baseUrl: sandbox.url, apiKey: sandbox.key, poll: { first: 5 } });
});
afterAll(() => sandbox.close());

test("a picture is upscaled and saved", async () => {
  const done = await magnific.upscale({ image: await imageFile(PHOTO), sharpen: 60 });
  const saved = await done.images[0].save(join(mkdtempSync(join(tmpdir(), "jest-")), "big.jpg"));
  expect(saved).toMatchObject({ type: "image/jpeg" });
  expect(sandbox.counts.paid).toBe(1);
});

test("a mistake is refused before it costs anything", async () => {
  const error = await magnific.submit({ image: await imageFile(PHOTO), sharpen: 101 }).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(MagnificError);
  expect(error).toMatchObject({ code: "invalid_request", submission: "not_sent" });
});

test("a delivery to webhook_url is verified", async () => {
  const secret = "a-secret-of-the-test";
  const body = JSON.stringify({ task_id: "046b6c7f-0b8a-43b9-b35d-6489e6daee91", status: "CREATED", generated: [] });
  const { headers } = await signWebhook({ secret, body });
  expect((await unwrap({ headers, body }, { secret })).task.status).toBe("CREATED");
});
