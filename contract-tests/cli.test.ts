import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { OPENAPI_DIR, ROOT, requireEffectiveDocument } from "../openapi/document/load.js";
import { upscaler } from "./only.js";
import type { Behaviour } from "./provider/behaviour.js";
import { startProvider } from "./provider/provider.js";

const folder = mkdtempSync(join(tmpdir(), "contract-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));

const page = readFileSync(join(OPENAPI_DIR, "upscaler-precision.yaml"), "utf8");
const copy = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

const { vendored, overlays } = upscaler();
const effective = requireEffectiveDocument(vendored, overlays);
const lax = (behaviour: Behaviour): Partial<Behaviour> => ({
  findings: (call) => behaviour.findings(call).filter(({ rule }) => rule !== "maximum"),
});

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  readonly during?: (pid: number) => void;
}

function contract(args: readonly string[], { env, during }: Surroundings = {}): Promise<Ended> {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "scripts/contract.ts", "--only", "upscaler-precision", ...args],
    {
      cwd: ROOT,
      env: { ...process.env, GITHUB_STEP_SUMMARY: "", MAGNIFIC_API_KEY: "", TMPDIR: folder, ...env },
    },
  );
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    output += chunk;
  });
  if (child.pid !== undefined) during?.(child.pid);
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, output })));
}

/** Processes whose parent this one is, from /proc. */
function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [, rest = ""] = readFileSync(`/proc/${name}/stat`, "utf8").split(") ");
        return Number(rest.split(" ")[1]) === pid ? [Number(name)] : [];
      } catch {
        return [];
      }
    });
}

const isPrism = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("prism-cli");
  } catch {
    return false;
  }
};

async function until<T>(find: () => T | undefined, milliseconds = 15_000): Promise<T> {
  const end = Date.now() + milliseconds;
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error("It did not happen in time.");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("npm run contract", { timeout: 60_000 }, () => {
  it("exits 0 on the vendored document and prints counts that add up", async () => {
    const { code, output } = await contract([]);
    expect(output).toContain(
      "vendored document: 18 (7 named in responses, 11 in schemas, 0 elsewhere) = 10 run + 7 checked statically + 1 known findings",
    );
    expect(code, output).toBe(0);
  });

  it("names a changed example of the copy behind the mock and exits 1", async () => {
    const file = copy(
      "word.yaml",
      page.replace("Parameter 'query' must not be empty", "Parameter 'query' must not be blank"),
    );
    const report = join(folder, "report.json");
    const { code, output } = await contract(["--mock-document", file, "--json", report]);
    expect(code, output).toBe(1);
    expect(output).toContain(
      "✗ postAiImageUpscalerPrecision · 400 application/json · example invalid_query (upscaler-precision.yaml:50)",
    );
    const written = JSON.parse(readFileSync(report, "utf8")) as {
      conforms: boolean;
      results: { outcome: string; id: string }[];
    };
    expect(written.conforms).toBe(false);
    expect(written.results.filter((each) => each.outcome === "violates").map((each) => each.id)).toEqual([
      "postAiImageUpscalerPrecision · 400 application/json · example invalid_query",
    ]);
  });

  it("fails by the lock for what no exchange shows: a default", async () => {
    const { code, output } = await contract([
      "--mock-document",
      copy("default.yaml", page.replace("default: 50", "default: 51")),
      "--vendored-only",
    ]);
    expect(code, output).toBe(1);
    expect(output).toContain("lock: /components/schemas/request-content_2/properties/sharpen/default is 51, was 50");
    expect(output).toContain("0 violate");
  });

  it("reports that the mock's validation of bodies is off, which one keyword can do", async () => {
    const broken = page.replace("description: Webhook URL", "pattern: '['");
    const { code, output } = await contract(["--mock-document", copy("blind.yaml", broken), "--vendored-only"]);
    expect(code, output).toBe(1);
    expect(output).toContain("The mock's validation of bodies is off: postAiImageUpscalerPrecision");
  });

  it("holds a provider against the contract, says what is wrong with it, and writes no key anywhere", async () => {
    const key = "the-providers-secret-key";
    const provider = await startProvider(effective, {
      key,
      fault: { id: "lax", what: "takes any number", change: lax },
    });
    const report = join(folder, "provider");
    const summary = join(folder, "summary.md");
    const args = [
      "--target",
      provider.url,
      "--allow-paid",
      "500",
      "--report",
      report,
      "--json",
      join(report, "report.json"),
    ];
    const { code, output } = await contract(args, { env: { MAGNIFIC_API_KEY: key, GITHUB_STEP_SUMMARY: summary } });
    await provider.close();
    expect(code, output).toBe(1);
    expect(output).toContain(
      "✗ postAiImageUpscalerPrecision · body.sharpen · negative · above the most, 101 (upscaler-precision.yaml:127)",
    );
    expect(output).toMatch(/Note: \d+ of 500 allowed requests may have started something that costs/);
    const written = [
      output,
      ...readdirSync(report).map((name) => readFileSync(join(report, name), "utf8")),
      readFileSync(summary, "utf8"),
    ];
    expect(readdirSync(report).sort()).toEqual(["junit.xml", "matrix.html", "matrix.md", "report.json"]);
    for (const text of written) {
      expect(text).toContain("above the most, 101");
      expect(text).not.toContain(key);
      expect(text).not.toContain("iVBORw0KGgo");
    }
  });

  it("exits 0 for a provider that conforms, though without a budget much cannot be tested", async () => {
    const provider = await startProvider(effective, { key: "a-key-for-tests" });
    const { code, output } = await contract(["--target", provider.url], {
      env: { MAGNIFIC_API_KEY: "a-key-for-tests" },
    });
    await provider.close();
    expect(code, output).toBe(0);
    expect(output).toContain("0 of 0 allowed requests");
    expect(output).toContain("could start something that costs");
  });

  it("says the known flaws of the documents with --doctor, and exits 0 for them", async () => {
    const { code, output } = await contract(["--doctor"]);
    expect(code, output).toBe(0);
    expect(output).toMatch(/\d+ known, 0 new, 0 no longer there/);
  });

  it.each([
    ["no such document", ["--mock-document", join(folder, "nowhere.yaml")]],
    ["a document that is none", ["--mock-document", copy("none.yaml", "- nothing")]],
    ["an unknown option", ["--nonsense"]],
    ["a provider without a key", ["--target", "http://127.0.0.1:9"]],
    ["a budget that is no number", ["--target", "http://127.0.0.1:9", "--allow-paid", "many"]],
  ])("exits 2 for %s", async (_, args) => {
    const { code, output } = await contract(args);
    expect(code, output).toBe(2);
    expect(output).toContain("could not run");
  });

  it("exits 2 for a provider's address that is none, and says so", async () => {
    const { code, output } = await contract(["--target", "gateway.test"]);
    expect(code, output).toBe(2);
    expect(output).toContain("--target takes an http or https address, not gateway.test.");
  });

  it.each([
    [["--nonsense"], "Unknown option '--nonsense'"],
    [["--port", "http"], '--port takes a number from 0 to 65535, not "http".'],
  ])("the mock exits 2 for %j, and says so in a line", (args, said) => {
    const { status, stderr } = spawnSync(process.execPath, ["--import", "tsx", "scripts/mock.ts", ...args], {
      cwd: ROOT,
      encoding: "utf8",
    });
    expect(status, stderr).toBe(2);
    expect(stderr.split("\n")[0]).toContain(`mock: ${said}`);
  });

  it("exits 2 when nothing answers at the provider's address", async () => {
    const { code, output } = await contract(["--target", "http://127.0.0.1:9"], {
      env: { MAGNIFIC_API_KEY: "a-key-for-tests" },
    });
    expect(code, output).toBe(2);
    expect(output).toContain("Nothing answers at http://127.0.0.1:9");
  });

  it.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)(
    "leaves no mock and no file behind when it is ended by %s",
    async (signal) => {
      let prism = 0;
      const ended = contract([], {
        during: (pid) => {
          void until(() => childrenOf(pid).find(isPrism)).then((found) => {
            prism = found;
            process.kill(pid, signal);
          });
        },
      });
      const { code } = await ended;
      expect(prism).toBeGreaterThan(0);
      expect(code === null || code > 128, String(code)).toBe(true);
      await until(() => (isPrism(prism) ? undefined : true));
      await until(() => (readdirSync(folder).some((name) => name.startsWith("contract-mock-")) ? undefined : true));
    },
  );
});
