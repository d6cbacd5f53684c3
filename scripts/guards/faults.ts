/** Faults that a change could bring in by mistake, each with the step of the check that must see it, and what it must say. */
import { createHash } from "node:crypto";

/** How a file of the copy is changed. */
export type Edit = (text: string) => string;

export interface PlantedFault {
  readonly what: string;
  /** Changed files by path; all files of a folder for a path that ends in `/`. */
  readonly edits: Readonly<Record<string, Edit>>;
  /** The step of `npm run check` that must fail. */
  readonly step: string;
  /** What the step needs to have run before. */
  readonly after?: readonly string[];
  /** What it must say: the cause by its name. */
  readonly says: RegExp;
}

const BUILT = ["build"] as const;

const append =
  (more: string): Edit =>
  (text) =>
    `${text}\n${more}\n`;
const replace =
  (from: string | RegExp, to: string | ((match: string) => string)): Edit =>
  (text) =>
    typeof to === "string" ? text.replace(from, to) : text.replace(from, to);
const manifest =
  (change: (value: Record<string, Record<string, string> & string[]>) => void): Edit =>
  (text) => {
    const value = JSON.parse(text) as Record<string, Record<string, string> & string[]>;
    change(value);
    return `${JSON.stringify(value, null, 2)}\n`;
  };

/** Text that does not compress. */
function ballast(bytes: number): string {
  let text = "";
  for (let i = 0; text.length < bytes; i++) text += createHash("sha512").update(String(i)).digest("base64");
  return text.slice(0, bytes);
}

export const PLANTED: readonly PlantedFault[] = [
  {
    what: "a public option has another name",
    edits: { "src/": replace(/\bmaxRetryAfter\b/g, "longestRetryAfter") },
    step: "public API as written down",
    after: BUILT,
    says: /^\s*- .*maxRetryAfter[\s\S]*^\s*\+ .*longestRetryAfter/m,
  },
  {
    what: "a public option is gone",
    edits: { "src/options.ts": replace(/^ {2}readonly maxRetryAfter\?.*$/m, "") },
    step: "types: everything",
    says: /maxRetryAfter/,
  },
  {
    what: "a Node built-in in the core, as the compiler sees it",
    edits: {
      "src/http/rate-limiter.ts": append(
        'import { hostname } from "node:os";\nexport const HERE: string = hostname();',
      ),
    },
    step: "types: the core without Node",
    says: /src\/rate\.ts.*node:os/,
  },
  {
    what: "a Node built-in in the core, as the imports show it",
    edits: {
      "src/http/rate-limiter.ts": append(
        'import { hostname } from "node:os";\nexport const HERE: string = hostname();',
      ),
    },
    step: "imports run one way",
    says: /core-is-isomorphic.*src\/rate\.ts/,
  },
  {
    what: "a Node global in the core",
    edits: { "src/http/rate-limiter.ts": append("export const SIZE: number = Buffer.poolSize;") },
    step: "types: the core without Node",
    says: /src\/rate\.ts.*'Buffer'/,
  },
  {
    what: "a runtime dependency more",
    edits: {
      "package.json": manifest((value) => {
        Object.assign(value.dependencies ?? {}, { yaml: "2.9.1" });
      }),
    },
    step: "licences of what is shipped",
    says: /yaml is a dependency that nobody decided on/,
  },
  {
    what: "a package imported by the core",
    edits: {
      "src/http/rate-limiter.ts": append('import { parse } from "yaml";\nexport const READ: unknown = parse("1");'),
    },
    step: "imports run one way",
    says: /core-has-one-dependency.*src\/rate\.ts/,
  },
  {
    what: "the one-call program over its budget",
    edits: {
      "src/api/raw-client.ts": replace(
        /^export function createApi\(.*$/m,
        (line: string) => `${line}\n  if (Date.now() === 1) throw new Error(${JSON.stringify(ballast(4_000))});`,
      ),
    },
    step: "budget of size",
    after: BUILT,
    says: /one call through createApi\(\).*OVER the budget/,
  },
  {
    what: "a bundle over its budget",
    edits: { "src/task/failure.ts": append(`export const BALLAST: string = ${JSON.stringify(ballast(60_000))};`) },
    step: "budget of size",
    after: BUILT,
    says: /installed.*OVER the budget/,
  },
  {
    what: "a generated file that is stale",
    edits: { "generated/constants.ts": append("export const MORE = 1;") },
    step: "generated/ is fresh",
    says: /constants\.ts/,
  },
  {
    what: "an export that nobody uses",
    edits: { "src/http/rate-limiter.ts": append("export function nobodyCallsThis(): void {}") },
    step: "no dead code, no dependency too many",
    says: /nobodyCallsThis/,
  },
  {
    what: "files whose types import each other in a circle",
    edits: {
      "src/util/time.ts": append(
        'import type { Scope } from "./scope.js";\nexport type Never = Exclude<Scope, Scope>;',
      ),
    },
    step: "imports run one way",
    says: /no-circle.*src\/(?:time|scope)\.ts/,
  },
  {
    what: "a test file in the package",
    edits: {
      "package.json": manifest((value) => {
        value.files?.push("src/http/test/rate-limiter.test.ts");
      }),
    },
    step: "package contents",
    after: BUILT,
    says: /src\/rate\.test\.ts (?:is a test|does not belong)/,
  },
  {
    what: "an entry point that brings its own copy of a class",
    edits: { "scripts/build/bundle.ts": replace("splitting: true", "splitting: false") },
    step: "entry points share their classes",
    after: BUILT,
    says: /MagnificError is not the same/,
  },
  {
    what: "classes without their names",
    edits: { "scripts/build/bundle.ts": replace("keepNames: true", "keepNames: false") },
    step: "entry points share their classes",
    after: BUILT,
    says: /calls itself/,
  },
  {
    what: "source maps that lead nowhere",
    edits: { "scripts/build/bundle.ts": replace('join("dist", relative(dist, path))', "path") },
    step: "source maps resolve",
    after: BUILT,
    says: /\.js\.map names .* which is nowhere/,
  },
  {
    what: "source maps that show the wrong line",
    edits: { "scripts/build/minify.ts": replace("[...before, ...lines]", "lines") },
    step: "source maps resolve",
    after: BUILT,
    says: /the map says|maps what is not there/,
  },
];
