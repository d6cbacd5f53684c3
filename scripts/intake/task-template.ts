/**
 * Prints the overlay that adds to a document what its pages do not say of their tasks: how one is read, how all are listed,
 * and what a webhook receives. What it says stands in `openapi/overlays/task-template.yaml`, where `{{name}}` is filled in.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { jsonpath } from "json-p3";
import { stringify } from "yaml";
import type { NamedDocument } from "../../openapi/document/merge.js";
import { folderOf } from "../../openapi/document/names.js";
import { jsonOf, type Operation, operationsOf } from "../../openapi/document/operations.js";
import { applyOverlays, inFileOrder, type Overlay, overlaysOf, readOverlay } from "../../openapi/document/overlay.js";
import { at, pointerOf, resolve } from "../../openapi/document/pointer.js";
import { propertiesOf } from "../../openapi/document/properties.js";
import { isObject, type Json, type JsonObject, objectOf } from "../../openapi/document/types.js";
import { DocumentSchemas } from "../../openapi/document/validation.js";
import { parseYaml } from "../../openapi/document/yaml.js";

/** End of the name of a printed overlay, after the document's. */
const PRINTED = ".10-task.overlay.yaml";

export interface Printed {
  readonly overlay: Overlay;
  readonly text: string;
  /** The operations that it assumes, as `GET /v1/x`. */
  readonly assumed: readonly string[];
}

export function isPrinted({ name }: Overlay): boolean {
  return name.endsWith(PRINTED);
}

/** The overlays with those that are printed now in place of those that were; without a template nothing is printed. */
export function withPrinted(overlays: readonly Overlay[], printed: readonly Printed[] | undefined): readonly Overlay[] {
  if (!printed) return overlays;
  return [...overlays.filter((each) => !isPrinted(each)), ...printed.map(({ overlay }) => overlay)].sort(inFileOrder);
}

/** What the template of a folder `openapi/` makes for the documents that have tasks; `undefined` where there is none. */
export function printedOverlays(
  dir: string,
  documents: readonly NamedDocument[],
  overlays: readonly Overlay[],
): Printed[] | undefined {
  const path = join(dir, "overlays", "task-template.yaml");
  if (!existsSync(path)) return undefined;
  const template = parseYaml(readFileSync(path, "utf8"), "openapi/overlays/task-template.yaml");
  return documents.flatMap(({ name, document }) => {
    const own = overlaysOf(name, overlays).filter((each) => each.extends !== undefined && !isPrinted(each));
    return printed(template, name, applyOverlays(document, own).document) ?? [];
  });
}

function printed(template: JsonObject, name: string, document: JsonObject): Printed | undefined {
  const operations = operationsOf(document).filter(({ callback }) => !callback);
  const known = new Set(operations.flatMap(({ method, path }) => (method === "get" ? [nameless(path)] : [])));
  const tasks = operations.flatMap((operation) => valuesOf(document, operation, known));
  const templates = Array.isArray(template.actions) ? template.actions : [];
  // An action is left out where a value that it needs is null.
  const actions = tasks.flatMap((values) => templates.flatMap((action) => filled(action, values) ?? []));
  if (actions.length === 0) return undefined;
  const value: JsonObject = { overlay: "1.0.0", info: template.info ?? {}, extends: `../${name}`, actions };
  const overlay = readOverlay(value, folderOf(name) + PRINTED);
  const whole = applyOverlays(document, [overlay]).document;
  const assumed = operationsOf(whole).filter(({ pointer }) => objectOf(at(whole, pointer))["x-assumed"] === true);
  leaveOutWrong(overlay, whole, assumed);
  const first = "# Printed by `npm run vendor` from task-template.yaml. `x-task: false` on a POST declines it.\n";
  return {
    overlay,
    text: first + stringify(value, { aliasDuplicateObjects: false, lineWidth: 120 }),
    assumed: assumed.filter(({ callback }) => !callback).map(({ method, path }) => `${method.toUpperCase()} ${path}`),
  };
}

/** A path template without the names of its parameters. */
function nameless(path: Json): string {
  return String(path).replace(/\{[^{}]*\}/g, "{}");
}

/**
 * What the template can ask for, of a POST that answers a task; `x-task` of the operation says what differs.
 *
 * @param known the paths that a GET of the document reads.
 */
function valuesOf(
  document: JsonObject,
  { method, path, pointer, responses, request }: Operation,
  known: ReadonlySet<string>,
): JsonObject[] {
  const post = objectOf(at(document, pointer));
  const hints = objectOf(post["x-task"]);
  const [answer] = jsonOf(responses.find(({ status }) => status === "200")?.content);
  if (method !== "post" || path.includes("{") || post["x-task"] === false || answer === undefined) return [];
  const said = (name: string, otherwise: string | null): Json => (hints[name] === undefined ? otherwise : hints[name]);
  const outer = propertiesOf(document, answer.schema);
  const id = String(said("id", "task_id"));
  const wrapper = said("wrapper", outer.has(id) ? null : "data") || null;
  const data = wrapper === null ? answer.schema : outer.get(String(wrapper));
  if (data === undefined) return [];
  const fields = propertiesOf(document, data);
  const status = String(said("status", fields.has("status") ? "status" : "task_status"));
  const idPlace = fields.get(id);
  if (idPlace === undefined || !fields.has(status)) return [];
  const parameter = said("parameter", "task-id");
  const read = said("read", `${path}/{${parameter}}`);
  const all = said("list", path);
  const webhook = said("webhook", "webhook_url");
  const sent = jsonOf(request).flatMap(({ schema }) => [...propertiesOf(document, schema).keys()]);
  const named = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== "" && !/^v\d+$/.test(word));
  const { type = "string", format } = objectOf(resolve(document, idPlace).value);
  const errors = Object.entries(objectOf(post.responses)).filter(([code]) => !/^2/.test(code));
  const results = String(said("results", "generated"));
  const list = { type: "array", items: { type: "string", format: "uri" } };
  const task = fields.has(results)
    ? schemaAt(document, data)
    : { allOf: [schemaAt(document, data), { type: "object", properties: { [results]: list } }] };
  const wrapped =
    wrapper === null ? task : { type: "object", required: [wrapper], properties: { [String(wrapper)]: task } };
  const values: JsonObject = {
    ...{ path, parameter, id, status, results },
    name: String(post.summary ?? path).split(" - ")[0] ?? path,
    Name: named.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(""),
    tags: post.tags ?? [],
    read: known.has(nameless(read)) ? null : read,
    list: known.has(nameless(all)) ? null : all,
    webhook: post.callbacks === undefined && sent.includes(String(webhook)) ? webhook : null,
    answer: fields.has(results) ? schemaAt(document, answer.schema) : wrapped,
    task,
    // The part that has the id, without the results: what a list can be expected to hold.
    item: schemaAt(document, idPlace.replace(/\/properties\/[^/]*$/, "")),
    idSchema: format === undefined ? { type } : { type, format },
    errors: Object.fromEntries(errors),
  };
  return [values];
}

/** A reference to the component that the schema is; its text where it stands in place. */
function schemaAt(document: JsonObject, pointer: string): Json {
  const { pointer: place, value } = resolve(document, pointer);
  return /^\/components\/schemas\/[^/]+$/.test(place) ? { $ref: `#${place}` } : structuredClone(value);
}

/** A copy with the values in it; `undefined` where one that it needs is null. */
function filled(template: Json, values: JsonObject): JsonObject | undefined {
  let complete = true;
  const valueFor = (name: string): Json => {
    const value = values[name];
    if (value === undefined) throw new Error(`openapi/overlays/task-template.yaml: there is no {{${name}}}.`);
    if (value === null) complete = false;
    return value;
  };
  const text = (source: string): string => source.replace(/\{\{(\w+)\}\}/g, (_, name) => String(valueFor(name)));
  const visit = (value: Json): Json => {
    const whole = typeof value === "string" ? /^\{\{(\w+)\}\}$/.exec(value)?.[1] : undefined;
    if (whole !== undefined) return structuredClone(valueFor(whole));
    if (typeof value === "string") return text(value);
    if (Array.isArray(value)) return value.map(visit);
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [text(key), visit(inner)]));
  };
  const result = visit(template);
  return complete ? (result as JsonObject) : undefined;
}

/** Takes the examples that contradict their schema out: statuses, fields and wrapper differ from task to task. */
function leaveOutWrong({ actions }: Overlay, document: JsonObject, operations: readonly Operation[]): void {
  const schemas = new DocumentSchemas(document);
  const updates = actions.map(({ target, update = null }) => {
    return { update, base: pointerOf(jsonpath.query(target, document).nodes[0]?.location ?? []) };
  });
  const media = operations.flatMap((each) => [...each.request, ...each.responses.flatMap(({ content }) => content)]);
  for (const { pointer, schema } of media)
    for (const { update, base } of schema !== undefined ? updates : []) {
      if (!pointer.startsWith(`${base}/`)) continue;
      const examples = objectOf(at(update, `${pointer.slice(base.length)}/examples`));
      for (const name of Object.keys(examples)) {
        const { value } = resolve(document, pointer + pointerOf(["examples", name]));
        if (!schemas.validator(schema ?? "", "closed")(objectOf(value).value)) delete examples[name];
      }
    }
}
