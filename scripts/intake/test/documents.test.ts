import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ownersOf, requireEffectiveDocument } from "../../../openapi/document/load.js";
import { at } from "../../../openapi/document/pointer.js";
import { type JsonObject, objectOf } from "../../../openapi/document/types.js";
import { allFiles } from "../../generate/files.js";
import { writeAll } from "../../generate/write.js";
import { type Plan, planOf, readState } from "../plan.js";
import { reportText } from "../report.js";
import { typeErrors } from "../type-check.js";
import { DOCUMENT_TEXT, exampleDocument, exampleRoot, PAGE, plan, snapshot, sourceOf } from "./roots.js";

const PATH = "/v1/ai/image-upscaler-precision";
const DATE = "2030-01-01";
const ID: JsonObject = { name: "id", in: "path", required: true, schema: { type: "string" } };

/** Another page of the provider: it shares the error schemas with the example. */
function sibling(change: (document: JsonObject) => void = () => {}): string {
  const document = exampleDocument();
  const post = objectOf(objectOf(objectOf(document.paths)[PATH]).post);
  // Flat, as on every page of this provider: it contradicts its schema.
  delete objectOf(objectOf(objectOf(objectOf(post.responses)["400"]).content)["application/problem+json"]).examples;
  document.paths = { "/v1/ai/mystic": { post: { ...post, operationId: "postMystic" } } };
  change(document);
  return JSON.stringify(document);
}
const mystic = { file: "mystic.yaml" };

/** What a plan would write to `generated/`. */
async function generatedBy({ effective = [], vendored }: Plan): Promise<ReadonlyMap<string, string>> {
  return await allFiles(effective, ownersOf(vendored));
}
const schemaOf = (document: JsonObject, name: string) =>
  objectOf(objectOf(objectOf(document.components).schemas)[name]);

describe("several documents", () => {
  it("are apart: one with other components, another host and another key header leaves the first as it was", async () => {
    const root = exampleRoot();
    const other = sibling((document) => {
      schemaOf(document, "task").required = ["status"];
      document.servers = [{ url: "https://api.other.example" }];
      objectOf(objectOf(objectOf(document.components).securitySchemes).magnificApiKey).name = "x-other-key";
    });
    const before = await generatedBy(await plan(root, PAGE));
    const both = await plan(root, other, mystic);
    expect(both.documents).toMatchObject([{ name: "mystic.yaml", status: "added" }]);
    expect([...both.files.keys()]).toEqual(["openapi/mystic.yaml", "openapi/vendor.lock.json"]);
    const after = await generatedBy(both);
    for (const [name, text] of before) if (name !== "index.ts") expect(after.get(name) === text, name).toBe(true);
    expect(after.get("mystic/constants.ts")).toMatch(/api\.other\.example[\s\S]*x-other-key/);
    expect(after.get("mystic/validators.d.ts")).toContain("postMysticRequestClosed");
    // A tool that takes one document sees both, too.
    const merged = requireEffectiveDocument(both.vendored, both.applied);
    expect(schemaOf(merged, "task").required).toHaveLength(2);
    expect(schemaOf(merged, "task.mystic").required).toEqual(["status"]);
  });

  it("are joined per path and method: POST and GET of one path in two documents are both typed", async () => {
    const root = exampleRoot();
    const get = sibling((document) => {
      const operation = { operationId: "list", responses: { "200": { description: "Tasks" } } };
      const drop = { ...operation, operationId: "drop" };
      document.paths = { [PATH]: { get: operation }, [`${PATH}/{id}`]: { parameters: [ID], delete: drop } };
    });
    const made = await plan(root, get, { file: "list.yaml" });
    expect(made.overlays.obsolete.map(({ why }) => why)).toEqual([
      `list.yaml says itself: #/paths/~1v1~1ai~1image-upscaler-precision/get`,
    ]);
    const uses = `import type { paths } from "./generated/index.js";
type Both = paths["${PATH}"];
export const body: Both["post"]["requestBody"]["content"]["application/json"] = { image: "" };
// The page's own, which has no content, and not what the overlay adds.
export const list: Both["get"]["responses"][200]["content"] = undefined;
export const id: paths["${PATH}/{id}"]["delete"]["parameters"]["path"]["id"] = "x";
// @ts-expect-error: no document has it.
export type None = Both["put"]["responses"];
`;
    const files = await generatedBy(made);
    expect(typeErrors(root, new Map([...files, ["../uses.ts", uses]])).generated).toEqual([]);
  });

  it("that have the same operation are refused with both names, and are taken in as the message says", async () => {
    const root = exampleRoot();
    const twin = sourceOf(PAGE, "x.md");
    const taken = (more: object) => planOf({ root, sources: [twin], name: "twin", date: DATE, ...more });
    const both = /POST \S+ is in upscaler-precision\.yaml and in twin\.yaml\./;
    await expect(taken({})).rejects.toThrow(both);
    await expect(taken({})).rejects.toThrow(
      /\nTo replace upscaler-precision\.yaml, run:\nnpm run vendor -- x\.md --name twin --remove upscaler-precision$/,
    );
    const skip = ["/paths/~1v1~1ai~1image-upscaler-precision/post"];
    await expect(taken({ skip: ["/paths/~1gone"] })).rejects.toThrow(
      /--skip \/paths\/~1gone: the document has nothing there/,
    );
    const more = sibling((document) => {
      document.paths = { ...objectOf(exampleDocument().paths), ...objectOf(document.paths) };
    });
    await expect(plan(root, more, mystic)).rejects.toThrow(
      /replace upscaler-precision\.yaml, run:\nnpm run vendor -- mystic\.yaml --name upscaler-precision$/,
    );
    // As the message says: the overlay of the document that it replaces stays, and fits.
    const inPlace = await plan(root, more, { ...mystic, name: "upscaler-precision" });
    expect(inPlace).toMatchObject({ overlays: { removed: [] }, documents: [{ status: "changed" }] });
    expect(inPlace.effective?.length).toBe(1);
    const larger = await plan(root, more, { ...mystic, remove: "upscaler-precision" });
    writeAll(root, larger.files);
    const two = sibling((document) => {
      document.paths = {
        ...objectOf(document.paths),
        "/v1/ai/other": { get: { responses: { "200": { description: "" } } } },
      };
    });
    await expect(plan(root, two, { file: "two.yaml" })).rejects.toThrow(
      /^POST \/v1\/ai\/mystic is in mystic\.yaml and in two\.yaml\.\nTo leave this out of two\.yaml, run:\nnpm run vendor -- two\.yaml --skip '\/paths\/~1v1~1ai~1mystic\/post'$/,
    );
    const left = ["/paths/~1v1~1ai~1mystic/post"];
    expect((await plan(root, two, { file: "two.yaml", skip: left })).documents).toMatchObject([
      { operations: { added: ["GET /v1/ai/other"] }, notes: [`Left out: #${left[0]}.`] },
    ]);
    await expect(plan(root, sibling(), { file: "x.yaml", name: "twin" })).rejects.toThrow(
      /\nTo renew mystic\.yaml, since nothing else is in twin\.yaml, run:\nnpm run vendor -- mystic\.yaml$/,
    );
    const news = [sourceOf(two, "two.yaml"), sourceOf(sibling(), "one.yaml"), sourceOf(two, "three.yaml")];
    await expect(planOf({ root: exampleRoot(), sources: news, date: DATE })).rejects.toThrow(
      /\nTo leave this out of two\.yaml and three\.yaml, run:\nnpm run vendor -- one\.yaml && npm run vendor -- three\.yaml --skip '\/paths\/~1v1~1ai~1mystic\/post'$/,
    );
    writeAll(root, (await plan(root, PAGE, { remove: "mystic" })).files);
    const joined = await plan(root, more, { ...mystic, skip });
    expect(joined.documents[0]).toMatchObject({
      operations: { added: ["POST /v1/ai/mystic"] },
      notes: [`Left out: #${skip[0]}.`],
    });
    expect((await taken({ remove: "upscaler-precision" })).vendored.map(({ name }) => name)).toEqual(["twin.yaml"]);
  });

  it("are repaired where the meaning is plain: an empty anyOf is left out, which lock and report say", async () => {
    const root = exampleRoot();
    const broken = sibling((document) => {
      schemaOf(document, "task").anyOf = [];
    });
    const made = await plan(root, broken, mystic);
    expect(made.documents[0]?.notes).toEqual([expect.stringMatching(/Repaired: #\/components\/schemas\/task\/anyOf/)]);
    expect((await generatedBy(made)).get("mystic/openapi.json")).not.toContain("anyOf");
    writeAll(root, made.files);
    expect(readState(root).lock["mystic.yaml"]).toMatchObject({ repaired: ["/components/schemas/task/anyOf"] });
    expect((await plan(root, broken, mystic)).files.size).toBe(0);
    // Once the page is correct, the lock does not mention it.
    writeAll(root, (await plan(root, sibling(), mystic)).files);
    expect(readState(root).lock["mystic.yaml"]).not.toHaveProperty("repaired");
  });

  it("are repaired where nullable has no type: null is allowed there, which lock and report say", async () => {
    const root = exampleRoot();
    const loose = sibling((document) => {
      Object.assign(objectOf(schemaOf(document, "task").properties), {
        note: { nullable: true, allOf: [{ type: "string" }] },
      });
    });
    const made = await plan(root, loose, mystic);
    const pointer = "/components/schemas/task/properties/note/nullable";
    expect(made.documents[0]?.notes).toEqual([`Repaired: #${pointer} has no type next to it: null is allowed there.`]);
    expect((await generatedBy(made)).get("mystic/schema.ts")).toMatch(/note\?: string \| null/);
    writeAll(root, made.files);
    expect(readState(root).lock["mystic.yaml"]).toMatchObject({ nullable_without_type: [pointer] });
    expect((await plan(root, loose, mystic)).files.size).toBe(0);
  });

  it("are read where words are glued to the page's fence, which lock and report say", async () => {
    const root = exampleRoot();
    const page = `Try it:\`\`\`yaml post /v1/ai/mystic\n${sibling()}\n\`\`\`And more.\n`;
    const made = await plan(root, page, { file: "mystic.md" });
    expect(made.documents).toMatchObject([
      { name: "mystic.yaml", status: "added", notes: [expect.stringContaining("words stand on the line")] },
    ]);
    writeAll(root, made.files);
    expect(readState(root).lock["mystic.yaml"]).toMatchObject({ glued: true });
    expect(readState(root).present.find(({ name }) => name === "mystic.yaml")?.text).toBe(`${sibling()}\n`);
    expect((await plan(root, page, { file: "mystic.md" })).files.size).toBe(0);
    await expect(plan(root, page.slice(0, -20), { file: "mystic.md" })).rejects.toThrow(/no OpenAPI document/);
  });

  it("with an undefined component are refused with the options that leave out what needs it alone", async () => {
    const root = exampleRoot();
    const broken = sibling((document) => {
      const paths = objectOf(document.paths);
      const [own] = Object.values(paths);
      paths["/v1/ai/lost"] = structuredClone({
        ...objectOf(own),
        parameters: [{ $ref: "#/components/parameters/gone" }],
      });
      const lost = structuredClone(objectOf(own));
      objectOf(lost.post).responses = {
        "200": {
          description: "OK",
          content: { "application/json": { schema: { $ref: "#/components/schemas/outer" } } },
        },
      };
      paths["/v1/ai/{id}"] = {
        parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
        ...lost,
      };
      const schemas = objectOf(objectOf(document.components).schemas);
      schemas.outer = { type: "object", properties: { inner: { $ref: "#/components/schemas/inner" } } };
      paths["/v1/ai/unanswered"] = { post: { responses: { "200": { $ref: "#/components/responses/gone" } } } };
      for (const path of ["/v1/ai/lost", "/v1/ai/{id}"]) delete objectOf(objectOf(paths[path]).post).operationId;
    });
    const error = await plan(root, broken, mystic).then(String, String);
    const skip = [...error.matchAll(/--skip '([^']+)'/g)].map((each) => each[1] ?? "");
    const paths = ["/paths/~1v1~1ai~1{id}/post", "/paths/~1v1~1ai~1lost", "/paths/~1v1~1ai~1unanswered/post"];
    expect(skip.sort()).toEqual(["/components/schemas/outer", ...paths].sort());
    const made = await plan(root, broken, { ...mystic, skip });
    expect(made.documents[0]?.operations.added).toEqual(["POST /v1/ai/mystic"]);
    writeAll(root, made.files);
    expect(readState(root).lock["mystic.yaml"]).toMatchObject({ skip: expect.arrayContaining(skip) });
  });

  it("keep an example that contradicts its schema as it came, which report and lock say once", async () => {
    const root = exampleRoot();
    const place = "/paths/~1v1~1ai~1mystic/post/responses/400/content/application~1problem+json";
    const broken = sibling((document) => {
      // Wrong in two ways.
      objectOf(at(document, place)).examples = { flat: { value: { message: "", invalid_params: [] } } };
    });
    const made = await plan(root, broken, mystic);
    const pointer = `${place}/examples/flat`;
    expect(made.documents[0]?.notes).toEqual([`An example contradicts its schema, and stays as it came: #${pointer}.`]);
    const told = made.documents[0]?.lint.filter((each) => each.pointer.startsWith(`#${pointer}`)) ?? [];
    expect(told.map((each) => each.pointer)).toEqual([`#${pointer}`]);
    expect(made.documents[0]?.after?.text).toBe(broken);
    // Where pages of the provider share the flaw, it is no problem of the page.
    const known =
      "openapi/*.yaml:\n  no-invalid-media-type-examples: ['#/paths/*/*/responses/400/content/*/examples/flat']\n";
    writeFileSync(join(root, ".redocly.lint-ignore.yaml"), known);
    expect((await plan(root, broken, mystic)).documents[0]?.lint).toEqual(
      made.documents[0]?.lint.filter((each) => !told.includes(each)),
    );
    writeAll(root, made.files);
    expect(readState(root).lock["mystic.yaml"]).toMatchObject({ wrong_examples: [pointer] });
    expect((await plan(root, broken, mystic)).files.size).toBe(0);
  });

  it("keep the server and the places to skip that were passed once, and show them in lock and report", async () => {
    const root = exampleRoot();
    const server = "https://api.new.example";
    const old = sibling((document) => {
      document.servers = [{ url: "https://api.old.example" }];
    });
    const made = await plan(root, old, { ...mystic, server });
    expect(reportText(made)).toContain(`The server is ${server}`);
    expect((await generatedBy(made)).get("mystic/constants.ts")).toContain(`SERVER = "${server}"`);
    writeAll(root, made.files);
    expect(readState(root).lock).toMatchObject({ "mystic.yaml": { server } });
    const again = await plan(root, old, mystic);
    expect(again.documents).toMatchObject([{ status: "unchanged" }]);
    expect(again.files.size).toBe(0);
  });

  it("are named by what they hold: the same operations are the same document", async () => {
    const root = exampleRoot();
    const renewed = await plan(root, PAGE.replace("description: OK", "description: Fine"), {
      file: "post-upscaler.md",
    });
    expect(renewed.documents).toMatchObject([{ name: "upscaler-precision.yaml", status: "changed" }]);
    expect(renewed.overlays).toEqual({ unmatched: [], obsolete: [], partly: [], removed: [] });
    const named = await plan(root, sibling(), { file: "x.yaml", name: "other" });
    expect(named.documents).toMatchObject([{ name: "other.yaml", status: "added" }]);
    await expect(plan(root, PAGE, { name: "../evil" })).rejects.toThrow(/cannot be a document's name/);
    await expect(plan(root, sibling(), { file: "-.yaml" })).rejects.toThrow(/--name/);
    const twice = [sourceOf(PAGE), sourceOf(PAGE)];
    await expect(planOf({ root, sources: twice, date: DATE })).rejects.toThrow(/would both be/);
  });

  it("are removed with their pages, overlays and lock entries", async () => {
    const root = exampleRoot();
    const remove = async (name: string) => await planOf({ root, sources: [], remove: name, date: DATE });
    writeAll(root, (await plan(root, sibling(), mystic)).files);
    const removed = await remove("upscaler-precision");
    expect(removed.overlays.removed).toEqual(["upscaler-precision.10.overlay.yaml"]);
    expect(reportText(removed)).toMatch(/BREAKING for senders and readers\*\*\n\n.*POST \S+ removed/);
    writeAll(root, removed.files);
    expect(Object.keys(snapshot(join(root, "openapi"))).sort()).toEqual(["mystic.yaml", "vendor.lock.json"]);
    expect(Object.keys(readState(root).lock)).toEqual(["mystic.yaml"]);
    await expect(remove("mystic")).rejects.toThrow(/last document cannot be removed/);
    await expect(remove("gone")).rejects.toThrow(/no gone\.yaml in openapi\/ to remove/);
  });
});

describe("openapi/ that was edited by hand", () => {
  it("is refused for a lock that is not JSON, with the file's name", async () => {
    const root = exampleRoot();
    writeFileSync(join(root, "openapi", "vendor.lock.json"), "{");
    await expect((async () => await plan(root, PAGE))()).rejects.toThrow(/vendor\.lock\.json: /);
  });

  it("is corrected by taking the page in again", async () => {
    const root = exampleRoot();
    const file = join(root, "openapi", "upscaler-precision.yaml");
    writeFileSync(file, DOCUMENT_TEXT.replace("maximum: 100", "maximum: 50"));
    const made = await plan(root, PAGE);
    expect(made.documents).toMatchObject([{ status: "changed" }]);
    expect([...made.files.keys()]).toEqual(["openapi/upscaler-precision.yaml"]);
    expect(existsSync(join(root, "generated"))).toBe(false);
  });
});
