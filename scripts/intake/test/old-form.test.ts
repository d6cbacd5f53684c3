import { describe, expect, it } from "vitest";
import { documentOfPage } from "../../../openapi/document/page.js";
import { parseYaml } from "../../../openapi/document/yaml.js";
import { filesOf } from "../../generate/files.js";
import { writeAll } from "../transaction.js";
import { freshRoot, plan } from "./roots.js";

const OLD = `# Create a task

> Creates a task.

## OpenAPI

\`\`\`\`yaml api.json post /v1/ai/task/{kind}
paths:
  path: /v1/ai/task/{kind}
  method: post
  servers:
    - url: https://api.example.com
      description: Production
  request:
    security:
      - title: api key
        parameters:
          query: {}
          header:
            x-api-key:
              type: apiKey
              description: Your key
          cookie: {}
    parameters:
      path:
        kind:
          schema:
            - type: enum<string>
              enum: [fast, slow]
              required: true
              description: The kind of task
      query:
        limit:
          schema:
            - type: integer
              required: false
              minimum: 1
      header: {}
      cookie: {}
    body:
      application/json:
        schemaArray:
          - type: object
            properties:
              image:
                allOf:
                  - type: string
                    format: byte
              prompt:
                allOf:
                  - $ref: '#/components/schemas/Prompt'
            required: true
            refIdentifier: '#/components/schemas/TaskRequest'
            requiredProperties:
              - image
        examples:
          example:
            value:
              image: aGk=
    codeSamples:
      - lang: bash
        source: curl https://api.example.com
  response:
    '200':
      application/json:
        schemaArray:
          - type: object
            properties:
              id:
                allOf:
                  - type: string
                    nullable: true
            refIdentifier: '#/components/schemas/Task'
            requiredProperties: [id]
          - type: string
        examples:
          drawn:
            value:
              id: <string>
        description: OK
    '404':
      _mintlify/placeholder:
        schemaArray:
          - type: any
            description: No task
        examples: {}
        description: No task
  deprecated: true
  type: path
components:
  schemas:
    Prompt:
      type: string
      maxLength: 100
\`\`\`\`
`;

describe("a page of the older form", () => {
  const taken = plan(freshRoot([]), OLD, { file: "create-task.md" });
  const [document] = taken.documents;

  it("becomes the OpenAPI document that it stands for", () => {
    expect(document?.after?.document).toEqual({
      openapi: "3.0.0",
      info: { title: "Create a task", version: "0" },
      servers: [{ url: "https://api.example.com", description: "Production" }],
      security: [{ "api-key": [] }],
      paths: {
        "/v1/ai/task/{kind}": {
          post: {
            deprecated: true,
            parameters: [
              {
                name: "kind",
                in: "path",
                required: true,
                schema: { type: "string", enum: ["fast", "slow"], description: "The kind of task" },
              },
              { name: "limit", in: "query", schema: { type: "integer", minimum: 1 } },
            ],
            requestBody: {
              required: true,
              content: {
                "application/json": {
                  schema: { $ref: "#/components/schemas/TaskRequest" },
                  examples: { example: { value: { image: "aGk=" } } },
                },
              },
            },
            responses: {
              "200": {
                description: "OK",
                content: {
                  "application/json": {
                    schema: { anyOf: [{ $ref: "#/components/schemas/Task" }, { type: "string" }] },
                  },
                },
              },
              "404": { description: "No task" },
            },
          },
        },
      },
      components: {
        schemas: {
          Prompt: { type: "string", maxLength: 100 },
          TaskRequest: {
            type: "object",
            required: ["image"],
            properties: { image: { type: "string", format: "byte" }, prompt: { $ref: "#/components/schemas/Prompt" } },
          },
          Task: { type: "object", required: ["id"], properties: { id: { type: "string", nullable: true } } },
        },
        securitySchemes: { "api-key": { type: "apiKey", in: "header", name: "x-api-key", description: "Your key" } },
      },
    });
  });

  it("says what could not be carried over, in the report and in the document", () => {
    const notes = document?.notes.join("\n") ?? "";
    for (const word of [/operationId/, /code samples/i, /oneOf or anyOf/, /example "drawn"/, /"api key"/, /version/])
      expect(notes).toMatch(word);
    for (const note of document?.notes ?? [])
      expect(document?.after?.text.replace(/\n#/g, "")).toContain(note.slice(0, 40));
    expect(parseYaml(document?.after?.text ?? "", "converted")).toEqual(document?.after?.document);
  });

  it("is taken in twice without a change, and generated from", async () => {
    const root = freshRoot([]);
    writeAll(root, plan(root, OLD, { file: "create-task.md" }).files);
    const again = plan(root, OLD, { file: "create-task.md", date: "2031-01-01" });
    expect(again.files.size).toBe(0);
    if (!again.effective) throw new Error("There is no effective document.");
    expect((await filesOf(again.effective)).get("validators.d.ts")).toContain("postV1AiTaskKindRequest");
  });

  it("is no OpenAPI document for those who ask for one", () => {
    expect(() => documentOfPage(OLD)).toThrow(/older form/);
  });

  for (const [what, from, to, error] of [
    ["an unknown type", "enum<string>", "tuple<string>", /unknown type "tuple<string>"/],
    ["a method that is none", "method: post", "method: fetch", /\/paths\/method is no HTTP method/],
    [
      "a list for a flag",
      "required: true\n            refIdentifier",
      "required: [image]\n            refIdentifier",
      /list named "required"/,
    ],
    ["no response", /response:[\s\S]*(?= {2}deprecated)/, "response: {}\n", /declares no response/],
    [
      "a body without schemas",
      "schemaArray:\n          - type: object\n            properties:\n              image",
      "schemas:\n          - type: object\n            properties:\n              image",
      /\/schemas is not known/,
    ],
    ["a $ref to nothing", "#/components/schemas/Prompt'", "#/components/schemas/Gone'", /\$ref to nothing/],
  ] as const) {
    it(`is refused for ${what}`, () => {
      const page = OLD.replace(from, to);
      expect(page).not.toBe(OLD);
      expect(() => plan(freshRoot([]), page, { file: "create-task.md" })).toThrow(error);
    });
  }

  it("keeps to the version that its keywords know", () => {
    const page = OLD.replace("nullable: true", "const: x");
    expect(plan(freshRoot([]), page, { file: "create-task.md" }).documents[0]?.after?.document.openapi).toBe("3.1.0");
  });
});
