/** The names of results. Pure. */
import { basename, extname, isAbsolute, normalize, sep } from "node:path";
import { ConfigurationError } from "../errors/request-errors.js";

const PLACEHOLDERS = ["name", "ext", "source_ext", "dir"] as const;

export const DEFAULT_NAME = "{dir}/{name}.{ext}";

const RESULT_EXTENSIONS: readonly string[] = "png jpg jpeg webp avif tiff gif mp4 webm mov mp3 wav glb".split(" ");

/** Stands in a stem for the extension, which only the result tells. No file's name can hold it. */
const EXT = "\0";

/** @throws {ConfigurationError} for an unknown placeholder, or a template for more than a `single` result without `{name}`. */
export function checkTemplate(template: string, single = false): void {
  for (const [, name] of template.matchAll(/\{([^{}]*)\}/g))
    if (!(PLACEHOLDERS as readonly string[]).includes(name ?? ""))
      throw new ConfigurationError(
        `The name template has the unknown placeholder {${name}}. Known: ${PLACEHOLDERS.map((each) => `{${each}}`).join(", ")}.`,
      );
  if (!single && !template.includes("{name}"))
    throw new ConfigurationError("The name template must contain {name}, or all results would have the same name.");
  if (isAbsolute(template) || normalize(template).split(sep).includes(".."))
    throw new ConfigurationError("The name template must stay inside the output folder.");
}

/** The path of a result below the output folder, still without its extension: see `outputOf` and `stemText`. */
export function stemOf(template: string, source: string, dir = ""): string {
  const extension = extname(source);
  const values = { name: basename(source, extension), ext: EXT, source_ext: extension.slice(1), dir };
  const path = template.replace(/\{(name|ext|source_ext|dir)\}/g, (_all, name: keyof typeof values) => values[name]);
  return normalize(path.replace(/^[/\\]+/, ""));
}

/** A stem as people read it, with `{ext}`. */
export function stemText(stem: string): string {
  return stem.replaceAll(EXT, "{ext}");
}

/** The path with its extension; further images of one task are numbered from 2. */
export function outputOf(stem: string, extension: string, index = 0): string {
  const numbered = index === 0 ? stem : stem.replace(/(\.[^./\\]*)?$/, (end) => `-${index + 1}${end}`);
  return numbered.replaceAll(EXT, () => extension);
}

/** Every path that the result can have. */
export function candidatesOf(stem: string): readonly string[] {
  return stem.includes(EXT) ? RESULT_EXTENSIONS.map((extension) => outputOf(stem, extension)) : [stem];
}

/** The extension in a result's URL; `png` where there is none. */
export function extensionOf(url: string): string {
  const extension = extname(new URL(url).pathname).slice(1).toLowerCase();
  return RESULT_EXTENSIONS.includes(extension) ? extension : "png";
}
