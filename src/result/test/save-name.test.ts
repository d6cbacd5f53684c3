import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pngOf } from "../../test-support/png.js";
import { tempFolder } from "../../test-support/temp-folder.js";
import { resultOf } from "./result-of.js";

/** What `save` says of a name for these bytes, without the folder. */
async function noteOf(name: string, bytes: Uint8Array): Promise<string | undefined> {
  const folder = tempFolder("save-");
  const { image } = await resultOf((response) => void response.end(bytes));
  const { note } = await image.save(join(folder, name));
  return note?.replace(join(folder, "/"), "");
}

describe("the note of a saved image", () => {
  it.each(["a.png", "a.PNG", "a", ".png"])(
    "is absent where the name %s fits the bytes or says nothing",
    async (name) => {
      expect(await noteOf(name, pngOf(300))).toBeUndefined();
    },
  );

  it("says that the ending of the name is one of another format, and which fits", async () => {
    const said = "a.jpg holds image/png, which its ending .jpg does not say: name it .png, or convert it.";
    expect(await noteOf("a.jpg", pngOf(300))).toBe(said);
  });

  it("knows the several endings of a format", async () => {
    const jpeg = readFileSync("scripts/demo/astronaut.jpg");
    for (const name of ["a.jpg", "a.JPEG", "a.jfif"]) expect(await noteOf(name, jpeg)).toBeUndefined();
    expect(await noteOf("a.png", jpeg)).toContain("name it .jpg");
  });
});
