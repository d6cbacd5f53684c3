import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../../errors/request-errors.js";
import { candidatesOf, checkTemplate, extensionOf, outputOf, stemOf, stemText } from "../names.js";

describe("a name's template", () => {
  it.each(["{dir}/{name}.{ext}", "{name}", "{dir}/{name}-{source_ext}.{ext}", "a..b/{name}", "x/../{name}"])(
    "may be %s",
    (template) => {
      expect(() => checkTemplate(template)).not.toThrow();
    },
  );

  it.each([
    [
      "{nmae}.{ext}",
      "The name template has the unknown placeholder {nmae}. Known: {name}, {ext}, {source_ext}, {dir}.",
    ],
    ["{name}{}", "The name template has the unknown placeholder {}. Known: {name}, {ext}, {source_ext}, {dir}."],
    ["all.{ext}", "The name template must contain {name}, or all results would have the same name."],
    ["/tmp/{name}", "The name template must stay inside the output folder."],
    ["../{name}", "The name template must stay inside the output folder."],
    ["a/../../{name}", "The name template must stay inside the output folder."],
  ])("may not be %s", (template, message) => {
    expect(() => checkTemplate(template)).toThrow(new ConfigurationError(message));
  });
});

describe("a result's name", () => {
  /** What stands for the extension, which no source's name can hold. */
  const EXT = stemOf("{name}{ext}", "").slice(-1);

  it.each([
    ["{dir}/{name}.{ext}", "in/a.jpg", undefined, "a.{ext}"],
    ["{dir}/{name}.{ext}", "in/a.jpg", "x/y", "x/y/a.{ext}"],
    ["{dir}/{name}.{ext}", "in/a.jpg", "/x", "x/a.{ext}"],
    ["{dir}/{name}.{ext}", "in/a.jpg", "\\\\x", "x/a.{ext}"],
    ["{name}-{source_ext}-{name}-{source_ext}.{ext}", "a.b.jpg", undefined, "a.b-jpg-a.b-jpg.{ext}"],
    ["{name}{source_ext}", "a", undefined, "a"],
    ["{dir}-{dir}/{name}", "$&.png", "$1", "$1-$1/$&"],
    ["{dir}/./{name}", "a.png", "x/..", "a"],
    ["{name}/x/y", "a.png", undefined, "a/x/y"],
    ["{dir}/{name}.{ext}", "{source_ext}{dir}.png", "{name}", "{name}/{source_ext}{dir}.{ext}"],
  ])("of %s for %s in %s is %s", (template, source, dir, name) => {
    expect(stemText(stemOf(template, source, dir))).toBe(name);
  });

  it.each([
    ["a.{ext}", 0, "a.png"],
    ["a.{ext}", 1, "a-2.png"],
    ["a.b/c", 2, "a.b/c-3"],
    ["a.b/c.d.{ext}", 1, "a.b/c.d-2.png"],
    ["a", 1, "a-2"],
    ["{ext}/a.{ext}", 0, "png/a.png"],
  ])("of %s as image %i is %s", (stem, index, name) => {
    expect(outputOf(stem.replaceAll("{ext}", EXT), "png", index)).toBe(name);
  });

  it("takes an extension as it is, and counts from the first", () => {
    expect(outputOf(`a.${EXT}`, "$&")).toBe("a.$&");
  });

  it("may have each of the extensions, or is known", () => {
    const extensions = "png jpg jpeg webp avif tiff gif mp4 webm mov mp3 wav glb".split(" ");
    expect(candidatesOf(`x/a.${EXT}`)).toEqual(extensions.map((e) => `x/a.${e}`));
    expect(candidatesOf("x/a.png")).toEqual(["x/a.png"]);
  });

  it.each([
    ...["png", "jpg", "jpeg", "webp", "avif", "tiff", "gif"].map((one) => [`https://h/x.${one}?token=a.bmp`, one]),
    ["https://h/a.JPG", "jpg"],
  ])("of %s ends with %s", (url, extension) => {
    expect(extensionOf(url)).toBe(extension);
  });

  it.each(["https://h/a", "https://h/a.exe", "https://h/png", "https://h/a.", "https://h.gif/"])(
    "of %s ends with png",
    (url) => {
      expect(extensionOf(url)).toBe("png");
    },
  );
});
