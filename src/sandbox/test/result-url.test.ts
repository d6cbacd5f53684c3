import { expect, it } from "vitest";
import { checkToken, resultPath, signedPath } from "../result-url.js";

const path = resultPath("046b6c7f-0b8a-43b9-b35d-6489e6daee91", 0, "image/png");
const tokenOf = (signed: string): string => signed.slice(signed.indexOf("token=") + "token=".length);

it("signs in the provider's form", () => {
  expect(signedPath(path, 1_800_000_000_000, "s")).toMatch(
    /^\/results\/046b6c7f-0b8a-43b9-b35d-6489e6daee91\/0\.png\?token=exp=1800000000~hmac=[0-9a-f]{64}$/,
  );
});

it("lets a token pass until it expires, and only for its path and secret", () => {
  const token = tokenOf(signedPath(path, 10_000, "s"));
  expect(checkToken(path, token, 9_999, "s")).toBe("good");
  expect(checkToken(path, token, 10_000, "s")).toBe("expired");
  expect(checkToken(path.replace("0.png", "1.png"), token, 0, "s")).toBe("wrong");
  expect(checkToken(path, token, 0, "other")).toBe("wrong");
  expect(checkToken(path, token.replace("exp=10", "exp=99"), 0, "s")).toBe("wrong");
  expect(checkToken(path, null, 0, "s")).toBe("wrong");
  expect(checkToken(path, `${token}0`, 0, "s")).toBe("wrong");
});

it.each([
  ["image/png", "png"],
  ["image/jpeg", "jpeg"],
  ["image/webp", "webp"],
  ["image/gif", "gif"],
  ["image/tiff", "tiff"],
  ["image/avif", "avif"],
  ["image/x-own", "bin"],
])("ends in what an image of %s is", (type, ending) => {
  expect(resultPath("id", 3, type)).toBe(`/results/id/3.${ending}`);
});

it("is good until the end of the second in which it expires", () => {
  const token = tokenOf(signedPath(path, 10_001, "s"));
  expect(checkToken(path, token, 10_999, "s")).toBe("good");
  expect(checkToken(path, token, 11_000, "s")).toBe("expired");
  expect(checkToken(path, ` ${token}`, 0, "s")).toBe("wrong");
  expect(checkToken(path, `x${token}`, 0, "s")).toBe("wrong");
  expect(checkToken(path, token.replace("exp=11", "exp="), 0, "s")).toBe("wrong");
});
