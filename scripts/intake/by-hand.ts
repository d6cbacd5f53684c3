/** Finds what people wrote of a request or its statuses that a change of the document makes wrong, and that no type holds. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { NamedDocument } from "../../openapi/document/merge.js";
import { requestFields, taskOperationsOf } from "../generate/contracts.js";

/** Where people write of the vendored operations; what lies beside it has documents of its own. */
const PLACES = ["README.md", "docs", "examples", "src", "bench", "openapi/overlays", "contract-tests/magnific"];
const TEXT = /\.(?:[cm]?[jt]sx?|md|ya?ml|json|txt)$/;
const SKIPPED = /(?:^|\/)(?:node_modules|dist|\..*|package-lock\.json)(?:\/|$)/;

interface Words {
  /** Field → its bounds, as far as it has any. */
  readonly fields: ReadonlyMap<string, { readonly minimum?: number; readonly maximum?: number }>;
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
      const forms = new RegExp(`\\b(?:${[name, name.replaceAll("_", "-"), camelCase(name)].join("|")})\\b`);
      rules.push([`names ${name}, which is no longer a field`, (line) => forms.test(line)]);
      continue;
    }
    const { minimum: least = -Infinity, maximum: most = Infinity } = bounds;
    const set = new RegExp(
      `\\b(?:${name}|${name.replaceAll("_", "-")})\\b["'\`]?[,:=\\s]+["'\`]?(-?\\d+(?:\\.\\d+)?)`,
      "g",
    );
    const outside = (value: number) => value >= minimum && value <= maximum && (value < least || value > most);
    if (least > minimum || most < maximum)
      rules.push([
        `sets ${name} beyond its bounds, which are now ${bounds.minimum} to ${bounds.maximum}`,
        (line) => [...line.matchAll(set)].some(([, value]) => outside(Number(value))),
      ]);
  }
  for (const status of old.statuses)
    if (!now.statuses.has(status)) {
      const word = new RegExp(`\\b${status}\\b`);
      rules.push([`names ${status}, which is no longer a status`, (line) => word.test(line)]);
    }
  if (rules.length === 0) return [];
  return PLACES.flatMap((place) => filesIn(root, place)).flatMap((file) => {
    const lines = readFileSync(join(root, file), "utf8").split("\n");
    return rules.flatMap(([what, matches]) => {
      const found = lines.flatMap((line, index) => (matches(line) ? [index + 1] : []));
      return found.length === 0 ? [] : [`${file}:${found.join(", ")} ${what}`];
    });
  });
}

function wordsOf(documents: readonly NamedDocument[]): Words {
  const tasks = documents.flatMap(({ document }) => taskOperationsOf(document).map((task) => ({ document, task })));
  const fields = tasks.flatMap(({ document, task }) =>
    Object.entries(requestFields(document, task.request.schema ?? "")),
  );
  const statuses = tasks.flatMap(({ task }) => [task.data.statuses ?? []].flat()).map(String);
  return { fields: new Map(fields), statuses: new Set(statuses) };
}

function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function filesIn(root: string, place: string): string[] {
  const path = join(root, place);
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [place];
  const entries = readdirSync(path, { withFileTypes: true }).filter(({ name }) => !SKIPPED.test(name));
  return entries.flatMap((entry) => {
    const name = `${place}/${entry.name}`;
    return entry.isDirectory() ? filesIn(root, name) : entry.isFile() && TEXT.test(name) ? [name] : [];
  });
}
