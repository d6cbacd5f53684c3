/**
 * `npm run imports`: the rooms of src/ (its folders, and each file in its root) by floor, the arrows of imports between them,
 * and the circles that they form. `-- --at <commit>` draws another commit. Type imports count, tests do not.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cruise, type ICruiseResult } from "dependency-cruiser";
import { ROOT } from "../openapi/document/load.js";

const { at } = parseArgs({ options: { at: { type: "string" } } }).values;
const arrows = await (at === undefined ? arrowsIn(ROOT) : arrowsAt(at));
const rooms = [...new Set([...arrows].flat())].sort();
const reached = new Map(rooms.map((room) => [room, reachableFrom(room)]));
const circles = new Set(
  rooms
    .filter((room) => reached.get(room)?.has(room))
    .map((room) => rooms.filter((other) => reached.get(room)?.has(other) && reached.get(other)?.has(room)).join(" ⇄ ")),
);
const floors = new Map<string, number>();
for (const room of rooms) floorOf(room);
for (let floor = Math.max(...floors.values()); floor > 0; floor--)
  console.log(`${String(floor).padStart(3)}  ${rooms.filter((room) => floors.get(room) === floor).join("  ")}`);
for (const circle of circles) console.log(`circle: ${circle}`);
const highest = Math.max(...floors.values());
console.log(`${rooms.length} rooms, ${highest} floors, ${arrows.length} arrows, ${circles.size} circles`);

async function arrowsAt(commit: string): Promise<[string, string][]> {
  const folder = mkdtempSync(join(tmpdir(), "imports-"));
  try {
    const archive = execFileSync("git", ["archive", commit, "src", "generated"], { cwd: ROOT, maxBuffer: 1e9 });
    execFileSync("tar", ["-x"], { cwd: folder, input: archive });
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    return await arrowsIn(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function arrowsIn(folder: string): Promise<[string, string][]> {
  const tests = "\\.(test|test-d)\\.ts$|/test/|^src/test-support/";
  const { output } = await cruise(["src"], {
    baseDir: folder,
    exclude: tests,
    includeOnly: "^src/",
    tsPreCompilationDeps: true,
  });
  const found = new Map<string, [string, string]>();
  for (const { source, dependencies } of (output as ICruiseResult).modules)
    for (const { resolved } of dependencies) {
      const [from, to] = [roomOf(source), roomOf(resolved)];
      if (from !== to) found.set(`${from} ${to}`, [from, to]);
    }
  return [...found.values()];
}

function roomOf(path: string): string {
  const [, room = "", ...rest] = path.split("/");
  return rest.length === 0 ? room : `${room}/`;
}

function reachableFrom(room: string): Set<string> {
  const seen = new Set<string>();
  const waiting = [room];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
    for (const [from, to] of arrows) if (from === next && !seen.has(to)) waiting.push(to) && seen.add(to);
  return seen;
}

/** One more than the highest floor below; rooms of a circle stand on one floor. */
function floorOf(room: string): number {
  const known = floors.get(room);
  if (known !== undefined) return known;
  const mates = rooms.filter(
    (other) => other === room || (reached.get(room)?.has(other) && reached.get(other)?.has(room)),
  );
  const below = arrows.filter(([from, to]) => mates.includes(from) && !mates.includes(to)).map(([, to]) => floorOf(to));
  for (const mate of mates) floors.set(mate, 1 + Math.max(0, ...below));
  return floors.get(room) ?? 1;
}
