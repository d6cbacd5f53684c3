/** What results are called. Pure. */
import { basename, extname, isAbsolute, normalize, sep } from "node:path";
import { ConfigurationError } from "../errors/configuration-error.js";

/** Placeholders of a name's template. */
export const PLACEHOLDERS = ["name", "ext", "source_ext", "dir"] as const;

export const DEFAULT_NAME = "{dir}/{name}.{ext}";

/** Ends of names that images of results have. */
export const RESULT_EXTENSIONS: readonly string[] = ["png", "jpg", "jpeg", "webp", "avif", "tiff", "gif"];

/** @throws {ConfigurationError} for a placeholder that there is none of, or a template without `{name}`. */
export function checkTemplate(template: string): void {
  for (const [, name] of template.matchAll(/\{([^{}]*)\}/g))
    if (!(PLACEHOLDERS as readonly string[]).includes(name ?? ""))
      throw new ConfigurationError(
        `The name's template has the unknown placeholder {${name}}. There are: ${PLACEHOLDERS.map((each) => `{${each}}`).join(", ")}.`,
      );
  if (!template.includes("{name}"))
    throw new ConfigurationError("The name's template must hold {name}, or all results would have one name.");
  if (isAbsolute(template) || normalize(template).split(sep).includes(".."))
    throw new ConfigurationError("The name's template must stay inside the output folder.");
}

/** The path of a result below the output folder, with `{ext}` still in it: what the result is shows only when it is there. */
export function stemOf(template: string, source: string, dir = ""): string {
  const extension = extname(source);
  const path = template
    .replaceAll("{dir}", () => dir)
    .replaceAll("{name}", () => basename(source, extension))
    .replaceAll("{source_ext}", () => extension.slice(1));
  return normalize(path.replace(/^[/\\]+/, ""));
}

/** The path with the extension put in; further images of one task are numbered from 2. */
export function outputOf(stem: string, extension: string, index = 0): string {
  const numbered = index === 0 ? stem : stem.replace(/(\.[^./\\]*)?$/, (end) => `-${index + 1}${end}`);
  return numbered.replaceAll("{ext}", () => extension);
}

/** Every path that the result may turn out to have. */
export function candidatesOf(stem: string): readonly string[] {
  return stem.includes("{ext}") ? RESULT_EXTENSIONS.map((extension) => outputOf(stem, extension)) : [stem];
}

/** The extension that a result's URL has; `png` where it tells none. */
export function extensionOf(url: string): string {
  const extension = extname(new URL(url).pathname).slice(1).toLowerCase();
  return RESULT_EXTENSIONS.includes(extension) ? extension : "png";
}
