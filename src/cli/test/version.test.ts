import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { packageVersion } from "../version.js";

it("is the package's own", () => {
  const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
  expect(packageVersion()).toBe(version);
});
