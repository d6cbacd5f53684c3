import { describe, expect, it } from "vitest";
import { clientContext } from "../../test-support/client-context.js";
import { expiryOf, refuseExpired } from "../expiry.js";
import { ResultImage } from "../result-image.js";

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
    const image = (url: string): ResultImage => new ResultImage(clientContext(), url);
    expect(image(`${AT}?token=exp=${SECONDS}~hmac=0`).expiresAt).toEqual(MOMENT);
    expect(Object.keys(image(`${AT}?token=exp=${SECONDS}~hmac=0`))).toEqual(["url", "expiresAt"]);
    expect("expiresAt" in image(AT)).toBe(false);
    expect(JSON.stringify(image(AT))).toBe(JSON.stringify({ url: AT }));
  });
});

describe("refuseExpired", () => {
  const url = new URL(`${AT}?token=exp=${SECONDS}~hmac=0`);
  const end = MOMENT.getTime();
  const facts = { taskId: "t", operation: "GET x" };

  it("before a request goes by the clock as it is", () => {
    expect(() => refuseExpired(url, end - 1, facts, undefined)).not.toThrow();
    const error = thrown(() => refuseExpired(url, end, facts, undefined));
    expect(error).toMatchObject({ name: "ResultError", code: "result_expired", ...facts });
    expect(error).toHaveProperty(
      "message",
      "The result's URL expired at 2025-10-18T00:59:14.000Z. Save results soon after the task is completed.",
    );
    expect(error).not.toHaveProperty("status");
  });

  it("after a refusal allows for clocks that are 5 minutes apart", () => {
    expect(() => refuseExpired(url, end - 300_001, facts, 403)).not.toThrow();
    expect(thrown(() => refuseExpired(url, end - 300_000, facts, 403))).toMatchObject({
      code: "result_expired",
      status: 403,
    });
  });

  it("says nothing of a URL that states no end", () => {
    expect(() => refuseExpired(new URL(AT), end, facts, 403)).not.toThrow();
  });
});

function thrown(run: () => void): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
