import { describe, expect, it } from "vitest";
import { clientContext } from "../testing/client-context.js";
import { expiryOf } from "./expiry.js";
import { ResultImage } from "./result-image.js";

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
    ["not a URL", undefined],
  ];
  for (const [url, expected] of cases)
    it(url, () => {
      expect(expiryOf(url)).toEqual(expected);
    });

  it("stands on the image, where there is one", () => {
    const image = (url: string): ResultImage => new ResultImage(clientContext(), url);
    expect(image(`${AT}?token=exp=${SECONDS}~hmac=0`).expiresAt).toEqual(MOMENT);
    expect("expiresAt" in image(AT)).toBe(false);
    expect(JSON.stringify(image(AT))).toBe(JSON.stringify({ url: AT }));
  });
});
