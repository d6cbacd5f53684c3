import { join } from "node:path";
import { Magnific, type Task, type UpscaleRequest } from "magnific-client";
import { imageFile } from "magnific-client/node";
import { startSandbox } from "magnific-client/sandbox";

test("types and code work in a program that is compiled to CommonJS", async () => {
  const sandbox = await startSandbox({ upscaler: "echo", lifeCycle: "completed" });
  try {
    const magnific = new Magnific({ baseUrl: sandbox.url, apiKey: sandbox.key, poll: { first: 5 } });
    const request: UpscaleRequest = {
      image: await imageFile(join(__dirname, "../../scripts/demo/astronaut.jpg")),
      sharpen: 60,
    };
    const seen: Task["status"][] = [];
    await magnific.upscale(request, { onStatus: ({ status }) => void seen.push(status) });
    expect(seen.at(-1)).toBe("COMPLETED");
    // @ts-expect-error: a typing mistake
    await expect(magnific.submit({ ...request, sharpn: 60 })).rejects.toMatchObject({ code: "invalid_request" });
  } finally {
    await sandbox.close();
  }
});
