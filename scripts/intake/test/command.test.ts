import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../../openapi/document/load.js";
import { documentOfPage } from "../../../openapi/document/page.js";
import { runVendor } from "../command.js";
import { planOf } from "../plan.js";
import { majorChanges } from "../redocly.js";
import { reportOf } from "../report.js";
import { verify } from "../verify.js";
import { freshRoot, PAGE, snapshot, sourceOf } from "./roots.js";

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** As a program of its own: what a user runs. */
function program(args: readonly string[], input = ""): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", "scripts/vendor.ts", ...args], {
    cwd: ROOT,
    encoding: "utf8",
    input,
  });
  expect(stderr).not.toMatch(/\n\s+at /);
  return { status, stdout, stderr };
}

/** In this process, without the contract suite: as fast as it can be. */
async function vendor(...args: string[]): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const derive = async () => () => ({ files: new Map(), lines: ["the cases"] });
  const status = await runVendor(args, { out: (text) => out.push(text), err: (text) => err.push(text), derive });
  return { status, stdout: out.join("\n"), stderr: err.join("\n") };
}

/** A root with everything that follows from the documents, as the repository has it. */
function wholeRoot(): string {
  const root = freshRoot(["openapi", "generated"]);
  mkdirSync(join(root, "contract-tests"));
  cpSync(join(ROOT, "contract-tests", "lock"), join(root, "contract-tests", "lock"), { recursive: true });
  mkdirSync(join(root, ".changeset"));
  cpSync(join(ROOT, ".changeset", "config.json"), join(root, ".changeset", "config.json"));
  return root;
}

const CHANGED = PAGE.replace("          maximum: 100", "          maximum: 90").replace(
  "title: Magnific API",
  "title: Magnific API\n  x-new: 1",
);
const OPERATION = `  /v1/ai/mystic:
    post:
      operationId: postMystic
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [prompt], properties: {prompt: {type: string, minLength: 3}}}
      responses:
        '202':
          description: Accepted
          content:
            application/json:
              schema: {$ref: '#/components/schemas/task'}
components:
`;

describe("npm run vendor", () => {
  it("as a program: takes a page with another operation in, and its types, validators and cases follow", () => {
    const root = wholeRoot();
    const before = snapshot(root);
    const ran = program(["-", "--root", root], CHANGED.replace("components:\n", OPERATION));
    expect(ran.status, ran.stderr).toBe(0);
    expect(ran.stdout).toMatch(/from 100 to 90[\s\S]*Written:[\s\S]*Review:[\s\S]*contract cases more/);
    const after = snapshot(root);
    const written = Object.keys(after).filter((name) => after[name] !== before[name]);
    expect(written.filter((name) => !name.startsWith(".changeset/")).sort()).toEqual([
      "contract-tests/lock/cases.txt",
      "contract-tests/lock/document.lock.json",
      "generated/constants.ts",
      "generated/openapi.json",
      "generated/schema.ts",
      "generated/validators.d.ts",
      "generated/validators.js",
      "openapi/pages/upscaler-precision.md",
      "openapi/upscaler-precision.yaml",
      "openapi/vendor.lock.json",
    ]);
    expect(after["generated/schema.ts"]).toContain("postMystic: {");
    expect(after["generated/validators.d.ts"]).toContain("postMysticRequestClosed");
    const cases = readFileSync(join(root, "contract-tests", "lock", "cases.txt"), "utf8");
    for (const kind of ["positive", "negative", "security"])
      expect(cases).toMatch(new RegExp(`^postMystic .*${kind}`, "m"));
  }, 60_000);

  it("as a program: refuses a page with a sentence", () => {
    const root = freshRoot();
    const before = snapshot(root);
    const ran = program(["-", "--root", root], "# Nothing\n");
    expect(ran).toMatchObject({
      status: 1,
      stdout: "",
      stderr: expect.stringMatching(/^vendor: .*no OpenAPI document.*\n$/),
    });
    expect(snapshot(root)).toEqual(before);
  });

  it("of a change that breaks nobody writes nothing on --dry-run, the same files without it, and nothing the second time", async () => {
    const root = wholeRoot();
    const page = join(root, "upscaler-precision.md");
    writeFileSync(page, PAGE.replace("          maximum: 100", "          maximum: 110"));
    const before = snapshot(root);
    const dry = await vendor(page, "--root", root, "--dry-run", "--json", "--fail-on", "breaking");
    expect(dry.status, dry.stderr).toBe(0);
    expect(snapshot(root)).toEqual(before);
    const data = JSON.parse(dry.stdout) as { files: string[] };
    expect(data).toMatchObject({
      documents: [
        {
          name: "upscaler-precision.yaml",
          operations: { added: [], changed: ["POST /v1/ai/image-upscaler-precision"] },
        },
      ],
      breaking: { senders: 0, readers: 0 },
      overlays: { unmatched: [], obsolete: [] },
      bump: "minor",
      dryRun: true,
      secondOpinion: [],
      client: [],
    });

    const real = await vendor(page, "--root", root);
    expect(real).toMatchObject({ status: 0, stdout: expect.stringMatching(/Written:[\s\S]*Review:[\s\S]*the cases/) });
    const after = snapshot(root);
    expect(
      Object.keys(after)
        .filter((name) => after[name] !== before[name])
        .sort(),
    ).toEqual([...data.files].sort());

    const again = await vendor(page, "--root", root);
    expect(again).toMatchObject({ status: 0, stdout: expect.stringContaining("Nothing to do") });
    expect(snapshot(root)).toEqual(after);
  }, 60_000);

  it("changes nothing and exits 0 for the page that is vendored here", async () => {
    const before = snapshot(join(ROOT, "openapi"));
    const ran = await vendor(join(ROOT, "openapi", "pages", "upscaler-precision.md"), "--dry-run");
    expect(ran).toMatchObject({ status: 0, stdout: expect.stringMatching(/unchanged[\s\S]*Nothing to do/) });
    expect(snapshot(join(ROOT, "openapi"))).toEqual(before);
  });

  it("with --fail-on breaking writes nothing of a breaking page, but its report where one is asked for", async () => {
    const root = freshRoot();
    const before = snapshot(root);
    const page = join(freshRoot([]), "upscaler-precision.md");
    writeFileSync(page, CHANGED);
    const report = join(page, "..", "reports", "change.md");
    const ran = await vendor(page, "--root", root, "--fail-on", "breaking", "--report", report);
    expect(ran).toMatchObject({ status: 1, stderr: "vendor: The change is breaking. Nothing was written." });
    expect(ran.stdout).toContain("BREAKING for senders");
    expect(readFileSync(report, "utf8")).toMatch(
      /\*\*BREAKING for senders\*\*\n\n- `#\/components\/schemas\/request-content_2\/properties\/sharpen\/maximum`/,
    );
    expect(snapshot(root)).toEqual(before);
  });

  it("writes nothing where another run took a page in meanwhile", async () => {
    const root = freshRoot(["openapi", "generated"]);
    const page = join(root, "upscaler-precision.md");
    writeFileSync(page, CHANGED);
    const err: string[] = [];
    const lock = join(root, "openapi", "vendor.lock.json");
    let before = {};
    // The cases are derived last.
    const derive = async () => () => {
      writeFileSync(lock, "{}\n");
      before = snapshot(root);
      return { files: new Map(), lines: [] };
    };
    const status = await runVendor([page, "--root", root], { out: () => {}, err: (text) => err.push(text), derive });
    expect(status).toBe(1);
    expect(err.join()).toMatch(/changed meanwhile. Nothing was written/);
    expect(snapshot(root)).toEqual(before);
  }, 30_000);

  it("undoes what a killed run left", async () => {
    const root = freshRoot(["openapi", "generated"]);
    const before = snapshot(root);
    mkdirSync(join(root, ".vendor-run"));
    const journal = { pid: 2 ** 30, steps: [{ path: "generated/stray.ts", had: false, gone: false }], folders: [] };
    writeFileSync(join(root, ".vendor-run", "journal.json"), JSON.stringify(journal));
    writeFileSync(join(root, "generated", "stray.ts"), "half");
    expect(await vendor("--recover", "--root", root)).toMatchObject({
      status: 0,
      stdout: "An earlier run was killed half-way: what it had written is undone.",
    });
    expect(snapshot(root)).toEqual(before);
    expect(await vendor("--recover", "--root", root)).toMatchObject({ status: 0, stdout: "There is nothing to undo." });
  });

  it("says how it is used, and exits 2 where it is used otherwise", async () => {
    expect(await vendor("--help")).toMatchObject({ status: 0, stdout: expect.stringContaining("--fail-on breaking") });
    for (const [args, message] of [
      [[], /There is no source/],
      [["x.md", "--fail-on", "anything"], /--fail-on takes "breaking"/],
      [["a.md", "b.md", "--name", "c"], /--name needs exactly one source/],
      [["x.md", "--unknown"], /--unknown/],
    ] as const)
      expect(await vendor(...args)).toMatchObject({ status: 2, stdout: "", stderr: expect.stringMatching(message) });
  });
});

describe("redocly diff, the second opinion", () => {
  it("names what it rates as major, with its place", async () => {
    const opinions = await majorChanges(documentOfPage(PAGE).text, documentOfPage(CHANGED).text);
    expect(opinions).toMatchObject([
      {
        pointer: "#/components/schemas/request-content_2/properties/sharpen/maximum",
        message: expect.stringContaining("90"),
      },
    ]);
  });

  it("is told where the rules here rate nothing as breaking", async () => {
    const root = freshRoot(["openapi", "generated"]);
    const made = planOf({ root, sources: [sourceOf(CHANGED)], date: "2030-01-01" });
    const report = reportOf(made);
    const harmless = { ...report, documents: report.documents.map((each) => ({ ...each, changes: [] })) };
    expect((await verify(root, made, harmless)).secondOpinion).toHaveLength(1);
  }, 30_000);
});
