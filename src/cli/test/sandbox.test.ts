import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Built, builtCommand } from "./command.js";
import { objects, placeOf } from "./place.js";

let command: Built;
beforeAll(async () => {
  command = await builtCommand();
});
afterAll(() => command[Symbol.asyncDispose]());

const ONCE = ["--rate", "none", "--retry", "0"];
const FAST = ["--poll", "0.02", ...ONCE];

describe("sandbox", () => {
  it("runs, prints what points the command at it, and ends on Ctrl-C", async () => {
    await using place = await placeOf(command);
    await place.image("a.png");
    const sandbox = place.start([
      "sandbox",
      "--upscaler",
      "echo",
      "--life-cycle",
      "immediate",
      "--json",
      "--folder",
      "state",
    ]);
    await sandbox.seen("listening");
    const [{ url, key } = {}] = objects((await sandbox.seen(/\}\n/)).split("\n").slice(0, 1).join(""));
    const env = { MAGNIFIC_BASE_URL: String(url), MAGNIFIC_API_KEY: String(key) };
    expect(await place.run(["upscale", "a.png", "--out", "big", ...FAST], { env })).toMatchObject({ code: 0 });
    expect(await place.run(["doctor"], { env })).toMatchObject({ code: 0 });
    sandbox.child.kill("SIGTERM");
    const { code, stdout } = await sandbox.ended;
    expect(code).toBe(0);
    expect(objects(stdout)).toContainEqual(expect.objectContaining({ event: "request", method: "POST", status: 200 }));
    expect(stdout.split(String(key))).toHaveLength(2);

    const again = place.start(["sandbox", "--upscaler", "echo", "--folder", "state", "--quiet"]);
    expect(await again.seen("MAGNIFIC_WEBHOOK_SECRET")).toContain(`export MAGNIFIC_API_KEY=${String(key)}`);
    const port = /:(\d+)$/m.exec(await again.seen("in a browser"))?.[1] ?? "";
    const taken = await place.run(["sandbox", "--upscaler", "echo", "--port", port]);
    expect(taken).toMatchObject({ code: 2, stderr: expect.stringContaining("is in use") });
    again.child.kill("SIGINT");
    await again.ended;
  });
});

describe("a sandbox with settings", () => {
  it("plays lives, faults and limits from a file and from flags", async () => {
    await using place = await placeOf(command);
    await place.image("a.png");
    const [settings, key] = [join(place.folder, "settings.json"), join(place.folder, "key")];
    await writeFile(
      settings,
      JSON.stringify({
        upscaler: "echo",
        lifeCycle: ["CREATED", { status: "IN_PROGRESS", answers: 2 }, "FAILED"],
        script: ["immediate"],
        faults: [{ kind: "rate_limited", on: "submit" }],
        webhooks: { targets: "loopback" },
        latencyMs: 60_000,
      }),
    );
    await writeFile(key, "a-key-of-the-test", { mode: 0o600 });
    const args = ["--settings", settings, "--key-file", key, "--latency", "0", "--webhook-targets", "any"];
    const sandbox = place.start(["sandbox", ...args, "--rate-limit", "40", "--json"]);
    const [{ url, key: shown } = {}] = objects((await sandbox.seen(/\}\n/)).split("\n")[0] ?? "");
    expect(shown).toBe("a-key-of-the-test");
    const env = { MAGNIFIC_BASE_URL: String(url), MAGNIFIC_API_KEY: String(shown) };
    // The fault, then the scripted life, then the ordinary one; the address does not resolve (RFC 6761).
    const submit = (...more: string[]) => place.run(["submit", "a.png", "--again", ...more, ...ONCE], { env });
    expect(await submit()).toMatchObject({ code: 1 });
    const webhook = await submit("--webhook-url", "https://nowhere.invalid/", "--json");
    expect(objects(webhook.stdout)).toMatchObject([{ status: "COMPLETED" }]);
    const { stdout: id } = await submit();
    expect(await place.run(["wait", id.trim(), ...FAST], { env })).toMatchObject({ code: 1 });
    const response = await fetch(`${url}/v1/ai/image-upscaler-precision`, {
      headers: { "x-magnific-api-key": String(shown) },
    });
    expect(response.headers.get("x-ratelimit-limit")).toBe("40");
    await sandbox.seen('"outcome":"failed"');
    sandbox.child.kill("SIGINT");
    expect(await sandbox.ended).toMatchObject({ code: 0 });
  });

  it("names what is wrong with them", async () => {
    await using place = await placeOf(command);
    const wrong: [string, RegExp][] = [
      ["{", /is no JSON/],
      ["[]", /must hold a JSON object/],
      ['{"lifecycle": "failed"}', /unknown setting "lifecycle"/],
      ['{"upscaler": "echo", "lifeCycle": "fails"}', /no life cycle "fails"/],
      ['{"upscaler": "echo", "script": ["fails"]}', /"script" of .*no life cycle "fails"/],
      ['{"upscaler": "echo", "faults": [{"kind": "rain"}]}', /A fault needs a "kind"/],
    ];
    const ran = await Promise.all(
      wrong.map(async ([text], index) => {
        await writeFile(join(place.folder, `${index}.json`), text);
        return await place.run(["sandbox", "--settings", `${index}.json`]);
      }),
    );
    for (const [index, [text, message]] of wrong.entries()) {
      expect(ran[index], text).toMatchObject({ code: 2, stdout: "" });
      expect(ran[index]?.stderr, text).toMatch(message);
    }
    expect(await place.run(["sandbox", "--settings", "none.json"])).toMatchObject({ code: 2 });
  });
});
