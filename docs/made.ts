/** What the site shows and nobody writes: the changelog, and pictures of the sliders by the sandbox's upscaler. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { DEFAULT_FIELDS } from "../src/contract/default.js";
import { sharpUpscaler } from "../src/sandbox/sharp-upscaler.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** CHANGELOG.md below the changes that the next release has. */
function changelog(): string {
  const folder = join(ROOT, ".changeset");
  const coming = new Map<string, string[]>([
    ["major", []],
    ["minor", []],
    ["patch", []],
  ]);
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".md") && file !== "README.md")) {
    const [, kind = "", text = ""] =
      /^---\n[\s\S]*?: (\w+)\n---\n([\s\S]*)$/.exec(readFileSync(join(folder, name), "utf8")) ?? [];
    coming.get(kind)?.push(`- ${text.trim().replaceAll("\n", "\n  ")}`);
  }
  const sections = [...coming].filter(([, list]) => list.length > 0);
  const next = sections.map(
    ([kind, list]) => `### ${kind[0]?.toUpperCase()}${kind.slice(1)} changes\n\n${list.join("\n")}\n`,
  );
  const released = readFileSync(join(ROOT, "CHANGELOG.md"), "utf8").replace(/^# .*\n/, "");
  return [
    "# Changelog",
    "Released versions are on [npm](https://www.npmjs.com/package/magnific-client?activeTab=versions).",
    ...(next.length > 0 ? ["## In the next release", ...next] : []),
    released,
  ].join("\n\n");
}

/** A part of the demo's photograph with each slider at its ends and its default, the other sliders at 0. */
async function sliderPictures(folder: string): Promise<void> {
  const part = { left: 190, top: 60, width: 120, height: 120 };
  const source = await sharp(join(ROOT, "scripts/demo/astronaut.jpg")).extract(part).png().toBuffer();
  const upscale = sharpUpscaler(2, "png");
  mkdirSync(folder, { recursive: true });
  await sharp(source).resize(240, 240, { kernel: "nearest" }).jpeg({ quality: 88 }).toFile(join(folder, "before.jpg"));
  for (const [name, field] of Object.entries(DEFAULT_FIELDS)) {
    if (!("maximum" in field)) continue;
    for (const [label, value] of Object.entries({ 0: 0, default: field.default, 100: field.maximum })) {
      const { bytes } = await upscale(source, { [name]: value });
      await sharp(bytes)
        .jpeg({ quality: 88 })
        .toFile(join(folder, `${name}-${label}.jpg`));
    }
  }
}

writeFileSync(join(ROOT, "docs/changelog.md"), changelog());
await sliderPictures(join(ROOT, "docs/public/sliders"));
