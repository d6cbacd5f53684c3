/** Which files of the source are mutated. */
import { execFileSync } from "node:child_process";
import { type Group, groupOf } from "./groups.js";

export interface Selection {
  readonly groups: ReadonlyMap<Group, readonly string[]>;
  /** What was asked for and is left out, by the bound on how many files are taken. */
  readonly cut: readonly string[];
}

const git = (root: string, ...args: string[]): string[] =>
  execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })
    .split("\n")
    .filter((line) => line !== "");

/** Every file of the source, those not yet under version control too. */
export function sourceFiles(root = "."): string[] {
  return filesIn(root, "src");
}

/** Every test that a look may take. */
export function testFiles(root = "."): string[] {
  return filesIn(root, "src", "contract-tests").filter((file) => file.endsWith(".test.ts"));
}

function filesIn(root: string, ...folders: string[]): string[] {
  const present = git(root, "ls-files", "--cached", "--others", "--exclude-standard", ...folders);
  const gone = new Set(git(root, "ls-files", "--deleted", ...folders));
  return [...new Set(present)].filter((file) => !gone.has(file));
}

/** Files that changed since a commit or branch, the most changed first; what is not committed counts. */
export function changedFiles(since: string, root = "."): string[] {
  const [base = since] = git(root, "merge-base", since, "HEAD");
  const changes = git(root, "diff", "--numstat", "--diff-filter=d", "--no-renames", base, "--", "src").map((line) => {
    const [added = "", removed = "", file = ""] = line.split("\t");
    return { file, size: Number(added) + Number(removed) };
  });
  const fresh = git(root, "ls-files", "--others", "--exclude-standard", "src");
  return [...fresh, ...changes.sort((a, b) => b.size - a.size).map(({ file }) => file)];
}

/** @param places files and folders; none means all. */
export function within(files: readonly string[], places: readonly string[]): string[] {
  const cleaned = places.map((place) => place.replace(/^\.\//, "").replace(/\/+$/, ""));
  const found = (place: string): boolean => files.some((file) => file === place || file.startsWith(`${place}/`));
  const missing = cleaned.find((place) => !found(place));
  if (missing !== undefined) throw new Error(`There is no ${missing} in the source.`);
  if (cleaned.length === 0) return [...files];
  return files.filter((file) => cleaned.some((place) => file === place || file.startsWith(`${place}/`)));
}

export function select(files: readonly string[], most: number): Selection {
  const measured = files.filter((file) => groupOf(file) !== undefined);
  const groups = new Map<Group, string[]>();
  for (const file of measured.slice(0, most)) {
    const group = groupOf(file);
    if (group) groups.set(group, [...(groups.get(group) ?? []), file]);
  }
  return { groups, cut: measured.slice(most) };
}
