import { json } from "node:stream/consumers";
import { expect, it } from "vitest";
import { SLIDERS } from "../../test-support/document.js";
import { loopback } from "../../test-support/loopback.js";
import { task } from "../../test-support/provider.js";
import { begin, hereOf, run } from "./here.js";

const whole = "It must be a whole number of at least";
const flagOf = (field: string) => `--${field.replaceAll("_", "-")}`;
const number = "It must be a number of at least";

it.each<[flag: string, message: string, values: string[]]>([
  ["--rate", `${whole} 1.`, ["0", "None"]],
  ["--retry", `${whole} 0.`, ["-1", "1.5", "1e1", "", " ", "x", "5x", "0x10", "9007199254740993"]],
  ["--concurrency", `${whole} 1.`, ["0"]],
  ["--confirm-above", `${whole} 0.`, ["-1", "many"]],
  ["--poll", `${number} 0.01.`, ["0.009", "", "  ", "x", "Infinity", "-1"]],
  ["--wait-timeout", `${number} 0.`, ["-1", " "]],
  ...SLIDERS.map(([name, { minimum, maximum }]): [string, string, string[]] => [
    flagOf(name),
    `It must be a whole number from ${minimum} to ${maximum}.`,
    [String(minimum - 1), String(maximum + 1), "0.5", "x"],
  ]),
])("%s must be a number: %s", async (flag, message, values) => {
  for (const value of values) {
    const { code, said } = await run(["upscale", "in", "--out", "out", flag, value]);
    expect({ code, said: said[0] }, value).toEqual({ code: 2, said: expect.stringContaining(message) });
  }
});

it("parameters of the provider are sent as they are given, and none that is not", async () => {
  const bodies: unknown[] = [];
  const api = await loopback((response, n, request) => {
    void json(request).then((body) => {
      bodies.push(body);
      task("CREATED")(response, n, request);
    });
  });
  await using here = await hereOf();
  const submit = async (...flags: string[]) =>
    run(["submit", await here.image("a.png"), "--base-url", api.origin, "--again", ...flags]);
  const set = SLIDERS.map(
    ([name, { minimum, maximum }], index) => [name, index % 2 === 0 ? minimum : maximum] as const,
  );
  await submit(
    ...set.flatMap(([name, value]) => [flagOf(name), String(value)]),
    "--filter-nsfw",
    "--rate",
    "1",
    "--retry",
    "9007199254740991",
  );
  await submit("--no-filter-nsfw", "--webhook-url", "https://example.com/");
  await submit();
  const image = expect.any(String);
  expect(bodies).toEqual([
    { image, ...Object.fromEntries(set), filter_nsfw: true },
    { image, filter_nsfw: false, webhook_url: "https://example.com/" },
    { image },
  ]);
});

it("--verbose shows each request without secrets, and a wait for the rate limit is told", async () => {
  await using here = await hereOf({ lifeCycle: ["CREATED", { status: "IN_PROGRESS", answers: 3 }, "COMPLETED"] });
  const args = ["upscale", await here.image("a.png"), "--rate", "2", "--poll", "0.01"];
  const wait = /^Waiting \d+ s|^Waiting 1 min/;
  const drawn = begin(args, { terminal: { live: true } });
  await drawn.heard(wait);
  drawn.signal("SIGINT");
  drawn.signal("SIGINT");
  expect((await drawn.ended).said.filter((line) => wait.test(line))).toHaveLength(1);
  const all = await run([...args.slice(0, 2), "--verbose", "--rate", "none", "--poll", "0.01"]);
  expect(all.said).toContainEqual(expect.stringMatching(/^magnific: GET \/v1\S+ \(\S+\): 200 after \d+ ms/));
  expect(all.said.join()).not.toContain(here.sandbox.key);
  const plain = await run([...args.slice(0, 2), "--rate", "none", "--name", "b.{ext}"]);
  expect(plain).toMatchObject({ code: 0, said: [] });
});

it("a command needs a key, retries and polls as often as its flags say", async () => {
  await using here = await hereOf({ lifeCycle: ["CREATED", { status: "IN_PROGRESS", answers: 4 }, "COMPLETED"] });
  const empty = await here.file("none", "", 0o600);
  expect(await run(["list", "--key-file", empty])).toMatchObject({
    code: 2,
    said: [expect.stringMatching(/is empty/)],
  });
  here.sandbox.fault({ kind: "error", status: 503, on: "list" });
  expect(await run(["list", "--retry", "0"])).toMatchObject({ code: 1 });
  const { out } = await run(["submit", await here.image("a.png")]);
  const began = performance.now();
  expect(await run(["wait", ...out, "--poll", "0.01", "--rate", "none"])).toMatchObject({ code: 0 });
  // By the client's own pauses it would take 2 s and more.
  expect(performance.now() - began).toBeLessThan(1500);
  expect(here.sandbox.counts.reads).toBeGreaterThan(3);
});
