import { jsonOf, type MediaType, type Operation, operationsOf } from "../../openapi/document/operations.js";
import { at, resolve } from "../../openapi/document/pointer.js";
import { partsOf, propertiesOf } from "../../openapi/document/properties.js";
import { type Json, type JsonObject, objectOf } from "../../openapi/document/types.js";

/** How a POST's task is submitted, read and listed, and what its fields are called. */
interface Task {
  readonly id: string;
  readonly path: string;
  readonly request: MediaType;
  readonly data: Readonly<Record<string, Json>>;
  /** Export of the contract → media type that its validator is of. */
  readonly validators: Readonly<Record<string, MediaType>>;
}

/**
 * The operations whose POST answers a task that can be read. What the document does not show is said by `x-task` of the POST,
 * an object with any of `read` and `list` (path templates), `parameter`, `wrapper`, `id`, `status`, `results`, `completed`,
 * `failed`, `images` (field → `base64`, `url` or `either`) and `webhook`; `x-task: false` says that there is no task.
 */
export function taskOperationsOf(document: JsonObject): Task[] {
  const operations = operationsOf(document).filter(({ callback }) => !callback);
  return operations.flatMap((post): Task[] => {
    const said = objectOf(at(document, post.pointer))["x-task"];
    const [submitted] = answersOf(post);
    const [request] = jsonOf(post.request);
    if (post.method !== "post" || said === false || !submitted || !request) return [];
    const hints = objectOf(said);
    const wrong = Object.keys(hints).find((name) => !HINTS.includes(name));
    if (wrong !== undefined)
      throw new Error(`#${post.pointer}/x-task has no member ${wrong}; there are ${HINTS.join(", ")}`);
    const text = (name: string, otherwise: string): string =>
      typeof hints[name] === "string" ? hints[name] : otherwise;
    const get = (path: string) => operations.find((each) => each.method === "get" && each.path === path);
    const inPath = operations.filter(({ method, path }) => method === "get" && path.startsWith(`${post.path}/{`));
    const path = text(
      "read",
      inPath.find((each) => /^\{[^{}/]+\}$/.test(each.path.slice(post.path.length + 1)))?.path ?? "",
    );
    const parameter = text("parameter", /\{([^{}]+)\}[^{}]*$/.exec(path)?.[1] ?? "");
    const listed = text("list", get(post.path)?.path ?? "");
    const list = answersOf(get(listed))[0];
    const read = answersOf(get(path))[0] ?? submitted;
    const id = text("id", "task_id");
    const wrapper = text("wrapper", fieldsOf(document, submitted).has(id) ? "" : "data");
    const fields = fieldsOf(document, read, wrapper);
    if (parameter === "" || !fieldsOf(document, submitted, wrapper).has(id)) return [];
    const status = text("status", !fields.has("status") && fields.has("task_status") ? "task_status" : "status");
    const place = fields.get(status);
    const statuses = place === undefined ? [] : partsOf(document, place).flatMap(({ value }) => value.enum ?? []);
    const ended = (name: string, word: string): Json => {
      const found = statuses.filter((each) => String(each).toUpperCase() === word);
      return hints[name] ?? (found.length > 0 ? found : [word]);
    };
    const properties = propertiesOf(document, request.schema);
    const images = Object.fromEntries(
      [...properties].flatMap(([name, pointer]) => {
        const kind = objectOf(hints.images)[name] ?? imageKind(partsOf(document, pointer).map(({ value }) => value));
        return kind === undefined ? [] : [[name, kind]];
      }),
    );
    const webhook = text("webhook", properties.has("webhook_url") ? "webhook_url" : "");
    const uuid = formatOf(document, get(path), parameter) === "uuid";
    const data = {
      operationId: post.id,
      submit: { method: "POST", path: post.path },
      read: { path, parameter, uuid },
      ...(listed === "" ? {} : { list: { path: listed } }),
      ...{ wrapper, id, status, results: text("results", "generated"), statuses: [...new Set(statuses)] },
      ...{ completed: ended("completed", "COMPLETED"), failed: ended("failed", "FAILED"), images },
      ...(webhook === "" ? {} : { webhook }),
    };
    const validators = { validateSubmit: submitted, validateTask: read, ...(list && { validateList: list }) };
    return [{ id: post.id, path: post.path, request, data, validators }];
  });
}

const HINTS = "read list parameter wrapper id status results completed failed images webhook".split(" ");

/** The JSON of each 2xx response. */
function answersOf(operation: Operation | undefined): MediaType[] {
  const good = operation?.responses.filter(({ status }) => /^2/.test(status)) ?? [];
  return good.flatMap(({ content }) => jsonOf(content));
}

/** The properties of a body, or of the member that wraps what it is about. */
function fieldsOf(document: JsonObject, { schema = "" }: MediaType, wrapper = ""): ReadonlyMap<string, string> {
  const fields = propertiesOf(document, schema);
  if (wrapper === "") return fields;
  const inside = fields.get(wrapper);
  return inside === undefined ? new Map() : propertiesOf(document, inside);
}

/** By `x-image` or by the formats: base64 is an image here, a bare URL only where the document says so. */
function imageKind(parts: readonly JsonObject[]): Json | undefined {
  const said = parts.map((part) => part["x-image"]).find((kind) => kind !== undefined);
  const formats = parts.map(({ format }) => format);
  if (said !== undefined || !formats.includes("byte")) return said === false ? undefined : said;
  return formats.includes("uri") ? "either" : "base64";
}

function formatOf(document: JsonObject, operation: Operation | undefined, parameter: string): Json | undefined {
  if (operation === undefined) return undefined;
  const holders = [operation.pointer, operation.pointer.replace(/\/[^/]+$/, "")];
  const all = holders.flatMap((holder) => {
    const list = at(document, `${holder}/parameters`);
    return Array.isArray(list) ? list.map((_, index) => resolve(document, `${holder}/parameters/${index}`)) : [];
  });
  const found = all.find(({ value }) => objectOf(value).name === parameter && objectOf(value).in === "path");
  return found && objectOf(objectOf(found.value).schema).format;
}

/** What a command or a stand-in says of a field; keywords of its parts are joined, the outer ones win. */
const FACTS = ["type", "format", "enum", "minimum", "maximum", "minLength", "maxLength", "default", "description"];

export function requestFields(document: JsonObject, schema: string): Readonly<Record<string, JsonObject>> {
  const required = new Set(partsOf(document, schema).flatMap(({ value }) => value.required ?? []));
  const entries = [...propertiesOf(document, schema)].map(([name, pointer]) => {
    const values = partsOf(document, pointer).map(({ value }) => value);
    const parts: JsonObject = Object.assign({}, ...values.reverse());
    const facts = FACTS.flatMap((key) => (parts[key] === undefined ? [] : [[key, parts[key]] as const]));
    return [name, { required: required.has(name), ...Object.fromEntries(facts) }] as const;
  });
  return Object.fromEntries(entries);
}

/** @param names the name of each validator, as `validatorsOf` gives them. */
export function contractModule(task: Task, names: ReadonlyMap<string, string>): string {
  const { path, request, data, validators } = task;
  const media = Object.entries(validators).map(([name, { pointer }]) => [name, pointer] as const);
  const wanted = [["validateRequest", `${request.pointer} closed`] as const, ...media];
  const imports = [...new Set(wanted.map(([, key]) => names.get(key)))].join(", ");
  const members = wanted.map(([name, key]) => `  ${name}: ${names.get(key)},\n`).join("");
  const facts = Object.entries(data).map(([name, value]) => `  ${name}: ${JSON.stringify(value)},\n`);
  return `// Generated by \`npm run generate\` from openapi/. Do not edit.
import { ${imports} } from "../validators.js";

/** How tasks of POST ${path} are made and read. */
export const task = {
${facts.join("")}} as const;

/** The same, with the validators of its request and responses: what the client needs. */
export const contract = {
  ...task,
${members}} as const;

/** Its type, under a name that editors show. */
export interface Contract extends Readonly<typeof contract> {}
`;
}

/** A module of its own: the client does without, a command or stand-in needs nothing else. */
export function fieldsModule(
  document: JsonObject,
  { path, request }: Task,
  names: ReadonlyMap<string, string>,
): string {
  return `// Generated by \`npm run generate\` from openapi/. Do not edit.
import { ${names.get(request.pointer)} } from "../validators.js";

/** The fields of the request body of POST ${path}. */
export const fields = ${JSON.stringify(requestFields(document, request.schema ?? ""), null, 2)} as const;

/** Whether a body is one; undeclared fields are accepted where the document accepts them. */
export const accepts = ${names.get(request.pointer)};
`;
}
