import { describe, expect, it } from "vitest";
import { environmentOf, TASK_ID } from "../../test-support/client-context.js";
import { pngOf } from "../../test-support/png.js";
import { VirtualTime } from "../../test-support/virtual-time.js";
import { expiryOf } from "../expiry.js";
import { ResultImage } from "../result-image.js";
import { resultBy } from "./result-of.js";

const SECONDS = 1_760_749_154;
const MOMENT = new Date(SECONDS * 1000);
const AT = "https://cdn-magnific.freepik.com/result.png";

describe("the expiry of a URL", () => {
  const cases: readonly (readonly [string, Date | undefined])[] = [
    [`${AT}?token=exp=${SECONDS}~hmac=0123abcd`, MOMENT],
    [`${AT}?token=st=1760000000~exp=${SECONDS}~acl=/*~hmac=0123abcd`, MOMENT],
    [`${AT}?token=exp%3D${SECONDS}~hmac%3D0123`, MOMENT],
    [`${AT}?hdnts=exp=${SECONDS}~hmac=0`, MOMENT],
    [`${AT}?Expires=${SECONDS}&Signature=x&Key-Pair-Id=y`, MOMENT],
    [`${AT}?expires=${SECONDS}`, MOMENT],
    [`${AT}?X-Amz-Date=20251018T005913Z&X-Amz-Expires=1&X-Amz-Signature=x`, MOMENT],
    [`${AT}?x-goog-date=20251018T005914Z&x-goog-expires=0`, MOMENT],
    [`${AT}?token=exp=${SECONDS + 9}~hmac=0&Expires=${SECONDS}`, MOMENT],
    [AT, undefined],
    [`${AT}?token=abc`, undefined],
    [`${AT}?token=exp=soon~hmac=0`, undefined],
    [`${AT}?token=xexp=${SECONDS}`, undefined],
    [`${AT}?Expires=3600`, undefined],
    [`${AT}?Expires=Sat, 18 Oct 2025 00:59:14 GMT`, undefined],
    [`${AT}?X-Amz-Date=20251018&X-Amz-Expires=1`, undefined],
    [`${AT}?X-Amz-Expires=1`, undefined],
    // Nine digits to eleven are seconds of this age; what is longer is another unit.
    [`${AT}?token=exp=123456789~hmac=0`, new Date(123_456_789_000)],
    [`${AT}?token=exp=12345678901`, new Date(12_345_678_901_000)],
    [`${AT}?token=exp=12345678~hmac=0`, undefined],
    [`${AT}?token=exp=${SECONDS}000~hmac=0`, undefined],
    [`${AT}?token=exp=${SECONDS}x`, undefined],
    [`${AT}?token=st=1~exp=${SECONDS}`, MOMENT],
    [`${AT}?Expires=123456789`, new Date(123_456_789_000)],
    [`${AT}?Expires=${SECONDS}000`, undefined],
    [`${AT}?Expires=x${SECONDS}`, undefined],
    [`${AT}?Expires=${SECONDS}x`, undefined],
    [`${AT}?X-Amz-Date=20251018T005913Z`, undefined],
    [`${AT}?X-Amz-Date=x20251018T005913Z&X-Amz-Expires=1`, undefined],
    [`${AT}?X-Amz-Date=20251018T005913Zx&X-Amz-Expires=1`, undefined],
    [`${AT}?X-Amz-Date=20251018T005913Z&X-Amz-Expires=x1`, undefined],
    [`${AT}?X-Amz-Date=20251018T005913Z&X-Amz-Expires=1x`, undefined],
    [`${AT}?X-Amz-Date=20251018T005913Z&X-Amz-Expires=12345678`, undefined],
    [`${AT}?X-Amz-Date=20251018T005913Z&X-Amz-Expires=1234567`, new Date(SECONDS * 1000 + 1_234_566_000)],
    [`${AT}?X-Amz-Date=20251018T005913Z&X-Goog-Expires=1`, undefined],
    ["not a URL", undefined],
  ];
  for (const [url, expected] of cases)
    it(url, () => {
      expect(expiryOf(url)).toEqual(expected);
    });

  it("stands on the image, where there is one", () => {
    const image = (url: string): ResultImage => new ResultImage(environmentOf().settings, url);
    expect(image(`${AT}?token=exp=${SECONDS}~hmac=0`).expiresAt).toEqual(MOMENT);
    expect(Object.keys(image(`${AT}?token=exp=${SECONDS}~hmac=0`))).toEqual(["url", "expiresAt"]);
    expect("expiresAt" in image(AT)).toBe(false);
    expect(JSON.stringify(image(AT))).toBe(JSON.stringify({ url: AT }));
  });
});

describe("a download of a URL that expires", () => {
  const URL = `${AT}?token=exp=${SECONDS}~hmac=0123`;
  /** So many milliseconds before the URL expires, by the client's clock. */
  async function downloaded(left: number, status: number, url = URL) {
    let requests = 0;
    const respond = async (): Promise<Response> => {
      requests += 1;
      return new Response(status === 200 ? pngOf(100) : "no", { status });
    };
    const image = await resultBy(respond, { time: new VirtualTime({ now: MOMENT.getTime() - left }) }, url);
    const error = await image.bytes({ retry: 0 }).catch((reason: unknown) => reason);
    // The signature is as good as a key while it lasts.
    expect(JSON.stringify(error) + String(error)).not.toContain("hmac");
    return { error, requests };
  }

  it("is refused from that moment on, before anything is requested", async () => {
    expect(await downloaded(1, 200)).toEqual({ error: pngOf(100), requests: 1 });
    const { error, requests } = await downloaded(0, 200);
    expect(error).toMatchObject({
      name: "ResultError",
      code: "result_expired",
      taskId: TASK_ID,
      operation: `GET ${AT}`,
      summary: "The result's URL expired at 2025-10-18T00:59:14.000Z. Save results soon after the task is completed.",
    });
    expect(error).not.toHaveProperty("status");
    expect(requests).toBe(0);
  });

  it.each([
    [401, 300_000, "result_expired"],
    [403, 300_000, "result_expired"],
    [410, 300_000, "result_expired"],
    [403, 300_001, "download_failed"],
    [404, 300_000, "download_failed"],
  ])("explains a %i when %i ms are left, since clocks may be 5 minutes apart: %s", async (status, left, code) => {
    expect((await downloaded(left, status)).error).toMatchObject({ code, status });
  });

  it("is not suspected of a URL that states no end", async () => {
    expect((await downloaded(0, 403, AT)).error).toMatchObject({ code: "download_failed", status: 403 });
  });
});
