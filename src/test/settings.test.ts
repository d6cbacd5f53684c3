/** What the options of a client become: defaults, limits, and the message of each that cannot work. */
import { inspect } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { KEY_HEADER, SERVER } from "../../generated/default.js";
import { Magnific } from "../client.js";
import type { MagnificError } from "../errors/magnific-error.js";
import { type MagnificOptions, secretsOf, settingsOf } from "../options.js";
import { memoryTaskStore } from "../store/task-store.js";
import { systemTime } from "../util/time.js";

const base = { apiKey: "key", baseUrl: "https://example.com" };
const IMAGE = { maxBytes: 536_870_912, maxPixels: 268_402_689, format: true, complete: true, base64: true };
const DEFAULTS = {
  apiKey: "key",
  baseUrl: "https://example.com",
  origin: "https://example.com",
  keyHeader: KEY_HEADER,
  timeout: 60_000,
  retry: { limit: 2, minDelay: 500, maxDelay: 8_000, maxRetryAfter: 60_000, total: 300_000 },
  poll: { first: 2_000, factor: 1.5, max: 10_000, jitter: 0.2, timeout: 1_800_000 },
  rate: 50,
  results: { hosts: ["magnific.com", "freepik.com"], origin: "https://example.com", maxBytes: 1_073_741_824 },
  image: IMAGE,
  insecureWebhookUrl: false,
  store: undefined,
  maxSubmits: undefined,
  webhooks: undefined,
  time: systemTime,
};

afterEach(() => vi.unstubAllEnvs());

/** The message of the error; it never shows a value that may be secret. */
function refusal(options: unknown): string {
  try {
    new Magnific(options as MagnificOptions);
  } catch (error) {
    expect(error).toMatchObject({ code: "configuration" });
    expect(inspect(error)).not.toContain("marked");
    return (error as MagnificError).summary;
  }
  return "none";
}

/** The option `path`, for instance `retry.limit`, with a value. */
const option = (path: string, value: unknown): object => {
  const [name = "", inner] = path.split(".");
  return { ...base, [name]: inner === undefined ? value : { [inner]: value } };
};

describe("the settings of a client", () => {
  it("have these defaults, also for options that are null or undefined", () => {
    const named = [
      "fetch",
      "retry",
      "poll",
      "rate",
      "results",
      "image",
      "store",
      "maxSubmits",
      "webhooks",
      "time",
      "timeout",
      "defaultHeaders",
      "logger",
      "logLevel",
    ];
    for (const nothing of [null, undefined])
      for (const options of [
        Object.fromEntries([...named, "onRequest"].map((name) => [name, nothing])),
        { image: { maxBytes: nothing, format: nothing }, retry: { limit: nothing }, poll: { first: nothing } },
      ]) {
        const { fetch, hooks, headers, ...rest } = settingsOf({ ...base, ...options } as MagnificOptions);
        expect(rest).toEqual(DEFAULTS);
        expect(headers).toEqual([["user-agent", expect.stringMatching(/^magnific-client\/\S+ Node\.js\/\d+$/)]]);
        expect(fetch()).toBe(globalThis.fetch);
        expect(hooks).toMatchObject(options);
      }
  });

  it("take each option, and the defaults of the others in its group", () => {
    const fetch: typeof globalThis.fetch = async () => new Response();
    const settings = settingsOf({
      ...base,
      fetch,
      timeout: 7,
      retry: { maxDelay: 3 },
      poll: { jitter: 0, factor: 2 },
      rate: 7,
      results: { hosts: ["example.org"], maxBytes: 7 },
      image: { maxBytes: 5, complete: false },
      insecureWebhookUrl: true,
    });
    expect(settings).toMatchObject({
      timeout: 7,
      retry: { ...DEFAULTS.retry, maxDelay: 3 },
      poll: { ...DEFAULTS.poll, jitter: 0, factor: 2 },
      rate: 7,
      results: { hosts: ["example.org"], origin: "https://example.com", maxBytes: 7 },
      image: { ...IMAGE, maxBytes: 5, complete: false },
      insecureWebhookUrl: true,
    });
    expect(settings.fetch()).toBe(fetch);
    const none = settingsOf({ ...base, rate: false, retry: 5, image: { maxBytes: false, maxPixels: false } });
    expect(none).toMatchObject({ rate: false, retry: { limit: 5, minDelay: 500 } });
    expect(none.image).toMatchObject({ maxBytes: false, maxPixels: false });
  });

  it("take the address from the option, then the environment, then the document, without slashes at its end", () => {
    const origin = "http://127.0.0.1:8080";
    const at = (baseUrl?: string): string[] => {
      const settings = settingsOf({ apiKey: "key", baseUrl });
      return [settings.baseUrl, settings.origin, settings.results.origin];
    };
    expect(at(`${origin}/a//b///`)).toEqual([`${origin}/a//b`, origin, origin]);
    vi.stubEnv("MAGNIFIC_BASE_URL", "https://proxy.example.com/x/");
    expect(at()).toEqual(["https://proxy.example.com/x", ...Array(2).fill("https://proxy.example.com")]);
    expect(at(origin)[0]).toBe(origin);
    vi.stubEnv("MAGNIFIC_BASE_URL", "");
    expect(at()[0]).toBe(SERVER);
  });

  it("take the key from the option, then the environment, and tell which texts are secret", () => {
    vi.stubEnv("MAGNIFIC_API_KEY", " from-the-environment\n");
    expect([settingsOf({}).apiKey, settingsOf(base).apiKey]).toEqual(["from-the-environment", "key"]);
    vi.stubEnv("MAGNIFIC_API_KEY", "");
    expect(refusal({})).toMatch(/There is no API key/);
    const apiKey = (): string => "not checked before it is used\n";
    expect(settingsOf({ ...base, apiKey }).apiKey).toBe(apiKey);
    expect([secretsOf({ apiKey: "key" }), secretsOf({ apiKey })]).toEqual([["key"], []]);
  });

  it.each([
    ["timeout", 1],
    ["rate", 1],
    ["results.maxBytes", 1],
    ["image.maxBytes", 1],
    ["image.maxPixels", 1],
    ...["limit", "minDelay", "maxDelay", "maxRetryAfter", "total"].map((name) => [`retry.${name}`, 0] as const),
    ...["first", "max", "jitter", "timeout"].map((name) => [`poll.${name}`, 0] as const),
    ["poll.factor", 1],
  ] as const)("take `%s` from %d on", (name, least) => {
    expect(refusal(option(name, least))).toBe("none");
    for (const wrong of [least - 0.5, Number.NaN]) {
      const message = refusal(option(name, wrong));
      expect(message).toMatch(new RegExp(`^\`${name}\` must be a (?:whole )?number .*${least}.*, not ${wrong}\\.$`));
    }
    expect(refusal(option(name, "60"))).toMatch(`\`${name}\` must be `);
  });

  it.each([
    ["key", ["k", "a key", "!~", "k\u00a0k", "\u00ffk"].map((apiKey) => ({ apiKey }))],
    ["header", ["x-Key_1", "!#$%&'*+.^`|~-", "authorization", "x-content-type"].map((keyHeader) => ({ keyHeader }))],
    [
      "address",
      ["http://localhost:1", "http://127.0.0.2:1", "http://[::1]:1", "https://example.com/proxy"].map((baseUrl) => ({
        baseUrl,
      })),
    ],
    ["list of hosts", [{ results: { hosts: ["*.example.com", "127.0.0.1:9000", "[::1]"] } }]],
    ["jitter", [{ poll: { jitter: 1 } }]],
  ])("take every valid %s", (_, valid) => {
    for (const options of valid) expect(refusal({ ...base, ...options })).toBe("none");
  });
});

it("`allowInsecureBaseUrl` allows plain http to any host but the provider's, and nothing else", () => {
  const allowed = (baseUrl: string) => refusal({ ...base, baseUrl, allowInsecureBaseUrl: true }) === "none";
  expect(["http://sandbox:4010", "http://host.docker.internal:4010/x", "http://192.168.1.7"].every(allowed)).toBe(true);
  expect(refusal({ ...base, baseUrl: "http://sandbox:4010", allowInsecureBaseUrl: false })).toMatch("must be https");
  const providers = [SERVER.replace("https", "http"), "http://magnific.com.", "http://API.freepik.com:80"];
  expect([...providers, "ws://sandbox", "http://user@sandbox"].filter(allowed)).toEqual([]);
});

describe("an option that cannot work is refused by name:", () => {
  const beyond = "The API key holds characters that no header can carry.";
  const ends = "The API key begins or ends with white space.";
  const each = (names: readonly string[], value: unknown, what: string) =>
    names.map((name) => [name, value, `\`${name}\` must be ${what}`] as const);
  const insecure = (url: string): string =>
    `\`baseUrl\` must be https (http for loopback or \`allowInsecureBaseUrl\`), not ${url}.`;
  const TABLE: readonly (readonly [string, unknown, string])[] = [
    ["apiKey", 7, "The API key must be a string, not a number."],
    ["apiKey", "", "The API key is empty."],
    ["apiKey", " \n", "The API key is empty."],
    ...[" marked", "marked ", "marked\n"].map((key) => ["apiKey", key, ends] as const),
    ...["marked\nb", "marked\u007fb", "marked\u009fb", "\u0100marked"].map((key) => ["apiKey", key, beyond] as const),
    ...["example.com", ""].map((url) => ["baseUrl", url, "`baseUrl` is not a valid URL."] as const),
    ...["user@example.com", ":marked@example.com", "example.com?a", "example.com#a"].map(
      (rest) => ["baseUrl", `https://${rest}`, "`baseUrl` holds a user name, password, query or fragment."] as const,
    ),
    ...["http://example.com:81", "http://localhost.example.com", "ws://127.0.0.1"].map(
      (url) => ["baseUrl", `${url}/x`, insecure(url)] as const,
    ),
    ...["", "x key", " x", "x:", "x\n", "\u00fc", 5].map(
      (name) => ["keyHeader", name, "`keyHeader` is not a valid header name."] as const,
    ),
    ...["Host", "content-type", "Content-Length", "accept", "Proxy-Authorization", "transfer-encoding"].map(
      (name) =>
        ["keyHeader", name, `\`keyHeader\` is ${name}, which is written by the client or by HTTP itself.`] as const,
    ),
    ...["Host", "content-type", "Cookie", "accept"].map(
      (name) =>
        [
          `defaultHeaders.${name}`,
          "marked",
          `\`defaultHeaders.${name}\` is ${name}, which is written by the client or by HTTP itself.`,
        ] as const,
    ),
    ...[KEY_HEADER, KEY_HEADER.toUpperCase()].map(
      (name) =>
        [`defaultHeaders.${name}`, "marked", `\`defaultHeaders.${name}\` carries the key: use \`apiKey\`.`] as const,
    ),
    ["defaultHeaders.x y", "marked", "`defaultHeaders.x y` is not a valid header name."],
    ...["marked\n", 5, "marked\u0100"].map(
      (value) =>
        ["defaultHeaders.x-y", value, "`defaultHeaders.x-y` must be a string that a header can carry."] as const,
    ),
    ["defaultHeaders.x-y", "a key", "`defaultHeaders.x-y` holds the API key, which no other header carries."],
    ...each(["defaultHeaders"], "x: y", "an object, not a string."),
    ...each(["logger"], { info: console.info, warn: console.warn }, "a logger, not an object."),
    ["logLevel", "loud", "`logLevel` (or MAGNIFIC_LOG) must be one of off, warn, info, debug."],
    ...each(["fetch"], {}, "a function (a dispatcher of undici goes through dispatcherFetch()), not an object."),
    ...each(["retry"], "2", "a number, or an object, not a string."),
    ...each(["retry"], [2], "a number, or an object, not an array."),
    ...each(["poll", "results", "image", "webhooks"], 5, "an object, not a number."),
    ...each(["results.hosts"], "example.com", "a list of host names, not a string."),
    ...[7, "", "https://example.com", "example.com/x", "a@example.com", "two words"].flatMap((host) =>
      each(["results.hosts"], ["example.com", host], "a list of host names, not an array."),
    ),
    ...each(["image.format", "image.complete", "image.base64"], 5, "true or false, not a number."),
    ...each(
      ["insecureWebhookUrl", "allowInsecureBaseUrl", "dangerouslyAllowBrowser"],
      5,
      "true or false, not a number.",
    ),
    ...each(["onRequest", "onResponse", "onRetry", "onWait", "onContractViolation"], 5, "a function, not a number."),
    ...["begin", "finish", "forget"].flatMap((name) =>
      each(["store"], { ...memoryTaskStore(), [name]: undefined }, "a TaskStore, not an object."),
    ),
    ...["now", "monotonic", "after", "random"].flatMap((name) =>
      each(["time"], { ...systemTime, [name]: undefined }, "a Time, not an object."),
    ),
    ...each(["poll.jitter"], 1.1, "a number from 0 to 1, not 1.1."),
  ];
  it.each(TABLE)("`%s` with %j", (name, value, message) => {
    expect(refusal(option(name, value))).toBe(message);
  });

  it("options that are not an object", () => {
    expect(refusal(5)).toBe("The options must be an object, not a number.");
    expect(refusal(null)).toBe("The options must be an object, not null.");
  });
});
