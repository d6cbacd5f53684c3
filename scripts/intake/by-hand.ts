/** Finds what people wrote of a request or its statuses that a change of the document makes wrong, and that no type holds. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { globSync } from "tinyglobby";
import type { NamedDocument } from "../../openapi/document/merge.js";
import { requestFields, taskOperationsOf } from "../generate/contracts.js";

/** Where people write of the vendored operations; what lies next to it has documents of its own. */
const PLACES = [
  "README.md",
  "{docs,examples,src,bench,scripts/everywhere,openapi/overlays,contract-tests/magnific}/**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs,md,yml,yaml,json,txt}",
];
const OTHERS = ["**/node_modules", "**/dist", "**/package-lock.json"];

interface Words {
  /** Field → its bounds, as far as it has any. */
  readonly fields: ReadonlyMap<string, { readonly minimum?: number; readonly maximum?: number }>;
  /** Path → the fields that its request must have. */
  readonly required: ReadonlyMap<string, readonly string[]>;
  readonly statuses: ReadonlySet<string>;
}

/** As `file:line, line what`. */
export function outdatedPlaces(
  root: string,
  before: readonly NamedDocument[],
  after: readonly NamedDocument[],
): string[] {
  const [old, now] = [wordsOf(before), wordsOf(after)];
  const rules: (readonly [what: string, matches: (line: string) => boolean])[] = [];
  for (const [name, { minimum = -Infinity, maximum = Infinity }] of old.fields) {
    const bounds = now.fields.get(name);
    if (bounds === undefined) {
      const forms = new RegExp(`\\b(?:${spellings(name)}|${camelCase(name)})\\b`);
      rules.push([`names ${name}, which is no longer a field`, (line) => forms.test(line)]);
      continue;
    }
    const { minimum: least = -Infinity, maximum: most = Infinity } = bounds;
    const set = new RegExp(`\\b(?:${spellings(name)})\\b["'\`]?[,:=\\s]+["'\`]?(-?\\d+(?:\\.\\d+)?)`, "g");
    const outside = (value: number) => value >= minimum && value <= maximum && (value < least || value > most);
    if (least > minimum || most < maximum)
      rules.push([
        `sets ${name} beyond its bounds, which are now ${bounds.minimum} to ${bounds.maximum}`,
        (line) => [...line.matchAll(set)].some(([, value]) => outside(Number(value))),
      ]);
  }
  for (const [path, required] of now.required) {
    const before = old.required.get(path);
    const request = before && requestsWith(before);
    for (const name of required) {
      if (request === undefined || before?.includes(name)) continue;
      const own = new RegExp(`\\b(?:${spellings(name)})\\b`);
      rules.push([`may lack ${name}, which is now required`, (line) => request.test(line) && !own.test(line)]);
    }
  }
  for (const status of old.statuses)
    if (!now.statuses.has(status)) {
      const word = new RegExp(`\\b${status}\\b`);
      rules.push([`names ${status}, which is no longer a status`, (line) => word.test(line)]);
    }
  if (rules.length === 0) return [];
  const files = globSync(PLACES, { cwd: root, ignore: OTHERS });
  return files.sort().flatMap((file) => {
    const lines = readFileSync(join(root, file), "utf8").split("\n");
    return rules.flatMap(([what, matches]) => {
      const found = lines.flatMap((line, index) => (matches(line) ? [index + 1] : []));
      return found.length === 0 ? [] : [`${file}:${found.join(", ")} ${what}`];
    });
  });
}

/** Calls of the command and of batches, and bodies: objects that begin with a field that a request must have. */
function requestsWith(fields: readonly string[]): RegExp {
  const calls = /\bmagnific (?:submit|upscale) |\["(?:submit|upscale)"|\bupscaleAll\(/.source;
  return new RegExp([calls, ...fields.map((name) => `\\{ ?["']?${name}\\b["']?(?:[,:]| \\})`)].join("|"));
}

function wordsOf(documents: readonly NamedDocument[]): Words {
  const tasks = documents.flatMap(({ document }) =>
    taskOperationsOf(document).map(({ path, request, data }) => {
      const fields = requestFields(document, request.schema ?? "");
      const required = Object.keys(fields).filter((name) => fields[name]?.required === true);
      return { path, fields, required, statuses: [data.statuses ?? []].flat().map(String) };
    }),
  );
  return {
    fields: new Map(tasks.flatMap(({ fields }) => Object.entries(fields))),
    required: new Map(tasks.map(({ path, required }) => [path, required])),
    statuses: new Set(tasks.flatMap(({ statuses }) => statuses)),
  };
}

/** On the wire, and as a flag. */
const spellings = (name: string): string => `${name}|${name.replaceAll("_", "-")}`;

function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
