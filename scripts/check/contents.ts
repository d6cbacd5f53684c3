/** What the package holds: the build, its types, README and LICENSE; no test, no source outside the maps, no tool. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../openapi/document/load.js";

interface Packed {
  readonly files: readonly { readonly path: string }[];
  readonly unpackedSize: number;
  readonly size: number;
}

const [packed] = JSON.parse(
  execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: ROOT,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }),
) as [Packed];
const paths = packed.files.map((file) => file.path);
const faults: string[] = [];

const allowed = /^(package\.json|README\.md|LICENSE|dist\/(src|shared|generated)\/[\w./-]+\.(js|js\.map|d\.ts))$/;
for (const path of paths) {
  if (!allowed.test(path)) faults.push(`${path} does not belong in the package`);
  if (/\.test[.-]|\/test\//.test(path)) faults.push(`${path} is a test`);
}
for (const path of ["package.json", "README.md", "LICENSE"])
  if (!paths.includes(path)) faults.push(`${path} is missing`);

const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  exports: Record<string, string | Record<string, string>>;
};
for (const [entry, target] of Object.entries(exports)) {
  for (const path of typeof target === "string" ? [target] : Object.values(target)) {
    if (!paths.includes(path.replace("./", "")))
      faults.push(`exports["${entry}"] names ${path}, which is not in the package`);
  }
}
for (const path of paths.filter((each) => each.endsWith(".js"))) {
  const map = /\/\/# sourceMappingURL=(\S+)\s*$/.exec(readFileSync(join(ROOT, path), "utf8"))?.[1];
  if (map !== undefined && !existsSync(join(ROOT, path, "..", map)))
    faults.push(`${path} names the source map ${map}, which is not there`);
}

console.log(
  `${paths.length} files, ${Math.round(packed.size / 1000)} kB packed, ${Math.round(packed.unpackedSize / 1000)} kB unpacked`,
);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
