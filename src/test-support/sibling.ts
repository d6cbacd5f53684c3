/** A made-up operation with two images, names and statuses of its own, as the generator makes it; and a provider of it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { effectiveDocuments, loadDefault, ownersOf, ROOT } from "../../openapi/document/load.js";
import { parseYaml } from "../../openapi/document/yaml.js";
import { allFiles, filesOf } from "../../scripts/generate/files.js";
import type { TaskContract } from "../index.js";
import type { SandboxOperation } from "../sandbox/index.js";
import { type Loopback, loopback } from "./loopback.js";

export const PAIR = "/v1/ai/portrait-pair";
export const JOB = "job_7";

const document = () => parseYaml(readFileSync(join(ROOT, "src/test/operation/sibling.yaml"), "utf8"), "sibling.yaml");

/** `generated/` as it would be with the sibling taken in. */
export async function generatedWithSibling(): Promise<ReadonlyMap<string, string>> {
  const { vendored, overlays } = loadDefault();
  const { documents } = effectiveDocuments(vendored, overlays);
  return await allFiles([...documents, { name: "sibling.yaml", document: document() }], ownersOf(vendored));
}

/** The files that the generator makes of it. */
export const siblingFiles = (): Promise<ReadonlyMap<string, string>> => filesOf(document());

type Modules = SandboxOperation & { readonly contract: TaskContract };

let modules: Promise<Modules> | undefined;

/** The exports of the modules that a user's own build would have. */
export function siblingModules(): Promise<Modules> {
  modules ??= modulesOf(document());
  return modules;
}

/** The same of a document whose request says this too. */
export function siblingWith(request: object): Promise<Modules> {
  const changed = document() as { components: { schemas: { request: object } } };
  Object.assign(changed.components.schemas.request, request);
  return modulesOf(changed as never);
}

async function modulesOf(source: ReturnType<typeof document>): Promise<Modules> {
  const folder = mkdtempSync(join(tmpdir(), "sibling-"));
  try {
    return await import(pathToFileURL(await siblingModule(folder, source)).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Makes one file of them in a folder. @returns its path. */
export async function siblingModule(folder: string, source = document()): Promise<string> {
  const files = await filesOf(source);
  mkdirSync(join(folder, "operations"));
  for (const name of ["validators.js", "operations/makePortraitPair.ts", "operations/makePortraitPair.fields.ts"])
    writeFileSync(join(folder, name), files.get(name) ?? "");
  const names = ["makePortraitPair.js", "makePortraitPair.fields.js"];
  const contents = names.map((name) => `export * from "./operations/${name}";`).join("\n");
  const stdin = { contents, resolveDir: folder, loader: "ts" } as const;
  const outfile = join(folder, "sibling.mjs");
  await build({ stdin, bundle: true, format: "esm", outfile });
  return outfile;
}

/** The contract that a user's own build would have. */
export async function siblingContract(): Promise<TaskContract> {
  return (await siblingModules()).contract;
}

export interface SiblingProvider extends Loopback {
  /** The bodies of the POSTs, as they came. */
  readonly bodies: string[];
}

/** Makes a task of each POST and goes through `states`, one at each read; the result is `clip`. */
export async function siblingProvider(states: readonly string[], clip: Uint8Array): Promise<SiblingProvider> {
  const bodies: string[] = [];
  let read = 0;
  const server = await loopback(async (response, _n, request) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const job = (state: string, clips: string[] = []) =>
      response
        .setHeader("content-type", "application/json")
        .end(JSON.stringify({ job: { job_id: JOB, state, clips } }));
    if (request.url === "/clip.mp4") return void response.setHeader("content-type", "video/mp4").end(clip);
    if (request.method === "POST") return void (bodies.push(body) && job("waiting"));
    if (request.url === PAIR)
      return void response
        .setHeader("content-type", "application/json")
        .end(JSON.stringify({ job: [{ job_id: JOB, state: "painting" }] }));
    const state = states[Math.min(read++, states.length - 1)] ?? "";
    return void job(state, state === "ready" ? [`${server.origin}/clip.mp4`] : []);
  });
  return { ...server, bodies };
}
