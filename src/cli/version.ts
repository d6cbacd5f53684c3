/** The package's version, from the nearest package.json above this file. */
import { readFileSync } from "node:fs";

export function packageVersion(): string {
  for (let folder = new URL(".", import.meta.url); ; folder = new URL("..", folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL("package.json", folder), "utf8")) as Record<
        string,
        string
      >;
      if (name === "magnific-client" && version !== undefined) return version;
    } catch {
      // Not here.
    }
    if (new URL("..", folder).href === folder.href) return "0.0.0";
  }
}
