/**
 * Installs the packed package in an empty project, as a user would, and runs the README's first example there: as it is
 * printed, type-checked, against the package's own sandbox.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../document/load.js";

const project = mkdtempSync(join(tmpdir(), "fresh-project-"));
const run = (command: string, args: readonly string[], env: Record<string, string> = {}): string =>
  execFileSync(command, args, { cwd: project, encoding: "utf8", env: { ...process.env, ...env }, timeout: 240_000 });

/** The first `ts` block of the README. */
function readmeExample(): string {
  const block = /^```ts\n([\s\S]*?)^```$/m.exec(readFileSync(join(ROOT, "README.md"), "utf8"))?.[1];
  if (block === undefined) throw new Error("README.md has no ```ts block.");
  return block;
}

const HARNESS = `
import { startSandbox } from "magnific-client/sandbox";
const sandbox = await startSandbox();
process.env.MAGNIFIC_BASE_URL = sandbox.url;
process.env.MAGNIFIC_API_KEY = sandbox.key;
try {
  await import("./example.js");
} finally {
  await sandbox.close();
}
`;

try {
  const tarball = execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", project], {
    cwd: ROOT,
    encoding: "utf8",
  });
  const [{ filename }] = JSON.parse(tarball) as [{ filename: string }];
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    devDependencies: Record<string, string>;
  };
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "fresh", private: true, type: "module" }));
  run("npm", [
    "install",
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
    `./${filename}`,
    `sharp@${devDependencies.sharp}`,
  ]);

  const example = readmeExample();
  copyFileSync(join(ROOT, "scripts/demo/astronaut.jpg"), join(project, "portrait.jpg"));
  writeFileSync(join(project, "example.ts"), example);
  writeFileSync(join(project, "run.js"), HARNESS);
  // The compiler is the only thing that comes from this repository: types of Node are what a user has.
  const tsc = [
    join(ROOT, "node_modules/typescript/bin/tsc"),
    "--strict",
    "--target",
    "es2022",
    "--module",
    "nodenext",
    "--outDir",
    ".",
  ];
  run(process.execPath, [...tsc, "--types", "node", "--typeRoots", join(ROOT, "node_modules/@types"), "example.ts"]);
  const output = run(process.execPath, ["run.js"]);
  const saved = statSync(join(project, "portrait@2x.png"));

  console.log(output.trimEnd());
  console.log(
    `${example.trimEnd().split("\n").length} lines of the README ran against the sandbox; portrait@2x.png: ${saved.size} bytes`,
  );
} finally {
  rmSync(project, { recursive: true, force: true });
}
