import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import type { JsonObject } from "../../../openapi/document/types.js";
import { outdatedPlaces } from "../by-hand.js";
import { emptyRoot } from "./roots.js";

const json = (schema: JsonObject): JsonObject => ({ content: { "application/json": { schema } } });

function documents(fields: JsonObject, statuses = ["CREATED", "COMPLETED", "FAILED"], required: string[] = []) {
  const task = { properties: { task_id: { type: "string" }, status: { enum: statuses } } };
  const responses = { "200": { description: "", ...json({ properties: { data: task } }) } };
  const document: JsonObject = {
    openapi: "3.0.3",
    paths: {
      "/x": {
        post: { operationId: "make", requestBody: json({ type: "object", properties: fields, required }), responses },
      },
      "/x/{id}": { get: { operationId: "read", responses } },
    },
  };
  return [{ name: "x.yaml", document }];
}
const slider = (maximum: number): JsonObject => ({ type: "integer", minimum: 0, maximum });

function rootOf(files: Readonly<Record<string, string>>): string {
  const root = emptyRoot();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

const root = rootOf({
  "README.md": "magnific upscale a.png --edge-glow 3\n\nedge_glow: 80\n",
  "src/a.ts": "submit({ noise: 60 });\nsubmit({ noise: 50 });\nconst edgeGlow = 1;\n",
  "src/b.ts": 'run("--noise", "51", "--noise=99");\n// FAILED or FAILED_LATER\n',
  "docs/node_modules/x.md": "noise: 60",
  "scripts/own.ts": "noise: 60",
});
const before = documents({ noise: slider(100), edge_glow: slider(10) });

it("a field that is gone is named wherever it is written, also as a flag or a variable", () => {
  expect(outdatedPlaces(root, before, documents({ noise: slider(100), glow: slider(10) }))).toEqual([
    "README.md:1, 3 names edge_glow, which is no longer a field",
    "src/a.ts:3 names edge_glow, which is no longer a field",
  ]);
});

it("a value beyond a bound that was narrowed is named, and one within it is not", () => {
  expect(outdatedPlaces(root, before, documents({ noise: slider(50), edge_glow: slider(10) }))).toEqual([
    "src/a.ts:1 sets noise beyond its bounds, which are now 0 to 50",
    "src/b.ts:1 sets noise beyond its bounds, which are now 0 to 50",
  ]);
});

it("a status that is gone is named, and nothing for what was added or widened", () => {
  const now = documents({ noise: slider(200), edge_glow: slider(10), more: slider(1) }, [
    "CREATED",
    "COMPLETED",
    "BROKEN",
  ]);
  expect(outdatedPlaces(root, before, now)).toEqual(["src/b.ts:2 names FAILED, which is no longer a status"]);
});

it("a request is named that may lack a field which is now required, and none where its operation is new", () => {
  const text = [
    'submit({ noise: 1 }); submit({ "noise": 1, glow: 1 }); submit({ glow: 1 });',
    "submit({ noise });",
    "const noise = { glow };",
    'run(["upscale", "a.png"]); run(["upscale", "--glow", "1"]);',
    'run(["upscale", "a.png"]);',
    "$ magnific upscale a.png",
    "upscaleAll([path], { client, out });",
  ];
  const place = rootOf({ "src/a.ts": text.join("\n") });
  const fields = { noise: slider(9), glow: slider(9) };
  const before = documents(fields, undefined, ["noise"]);
  const now = documents(fields, undefined, ["noise", "glow"]);
  expect(outdatedPlaces(place, before, now)).toEqual(["src/a.ts:2, 5, 6, 7 may lack glow, which is now required"]);
  expect(outdatedPlaces(place, [], now)).toEqual([]);
});
