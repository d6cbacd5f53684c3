/**
 * The form of these pages before OpenAPI: one operation below `paths`, with `path`, `method`, `request`, `response` and
 * `schemaArray`. It is converted where nothing is guessed; what the form cannot say is listed, and what has no
 * counterpart is refused.
 */
import { isDeepStrictEqual } from "node:util";
import { Document } from "yaml";
import { type Json, type JsonObject, METHODS, objectOf } from "../../openapi/document/types.js";
import { OldSchemas } from "./old-schema.js";

export interface Converted {
  readonly document: JsonObject;
  /** What could not be carried over. */
  readonly lost: readonly string[];
}

const ALWAYS_LOST =
  "The older form has no operationId, tags, summary, response headers, callbacks or parameter styles: if the provider declares them, they are missing.";

/** @throws {Error} naming the place that has no counterpart in OpenAPI. */
export function convertOldForm(value: JsonObject, page: string): Converted {
  const lost: string[] = [ALWAYS_LOST];
  only(value, "", ["paths", "components"]);
  const old = objectOf(value.paths);
  only(old, "/paths", ["path", "method", "servers", "request", "response", "deprecated", "type"]);
  const { path, method } = old;
  if (typeof path !== "string" || !path.startsWith("/")) throw refusal("/paths/path", "is no path");
  if (typeof method !== "string" || !METHODS.some((known) => known === method.toLowerCase()))
    throw refusal("/paths/method", "is no HTTP method");
  if (old.type !== undefined && old.type !== "path") throw refusal("/paths/type", `"${String(old.type)}" is not known`);
  const components = objectOf(value.components);
  only(components, "/components", ["schemas"]);
  const schemas = new OldSchemas(objectOf(components.schemas), value, lost);

  const request = objectOf(old.request);
  only(request, "/paths/request", ["security", "parameters", "body", "codeSamples"]);
  if (request.codeSamples !== undefined) lost.push("The code samples (/paths/request/codeSamples).");
  const { security, securitySchemes } = securityOf(request.security, lost);
  const parameters = parametersOf(objectOf(request.parameters), schemas);
  const requestBody = bodyOf(objectOf(request.body), schemas, lost);
  const operation: JsonObject = {
    ...(old.deprecated === true ? { deprecated: true } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(requestBody ? { requestBody } : {}),
    responses: responsesOf(objectOf(old.response), schemas, lost),
  };
  const heading = /^#[ \t]+(.+?)[ \t]*$/m.exec(page)?.[1];
  lost.push(
    `The document's title and version: "${heading ?? path}" is the page's heading, "0" stands for the version.`,
  );
  const document: JsonObject = {
    openapi: schemas.version(),
    info: { title: heading ?? path, version: "0" },
    ...(Array.isArray(old.servers) ? { servers: old.servers } : {}),
    ...(security.length > 0 ? { security } : {}),
    paths: { [path]: { [method.toLowerCase()]: operation } },
    components: {
      schemas: schemas.components,
      ...(Object.keys(securitySchemes).length > 0 ? { securitySchemes } : {}),
    },
  };
  return { document, lost };
}

/** The converted document as YAML that says where it comes from. */
export function writeConverted(document: JsonObject, lost: readonly string[]): string {
  const yaml = new Document(document, { aliasDuplicateObjects: false });
  yaml.commentBefore = [
    " Converted by `npm run vendor` from a page of the older form. What could not be carried over:",
    ...lost.map((each) => ` - ${each}`),
  ].join("\n");
  return yaml.toString({ lineWidth: 120 });
}

function parametersOf(groups: JsonObject, schemas: OldSchemas): JsonObject[] {
  only(groups, "/paths/request/parameters", ["path", "query", "header", "cookie"]);
  return Object.entries(groups).flatMap(([place, group]) =>
    Object.entries(objectOf(group)).map(([name, entry]) => {
      const at = `/paths/request/parameters/${place}/${name}`;
      only(objectOf(entry), at, ["schema", "style", "explode", "deprecated"]);
      const { schema, more } = schemas.of(objectOf(entry).schema, at);
      const { style, explode } = objectOf(entry);
      return {
        name,
        in: place,
        ...(more.required || place === "path" ? { required: true } : {}),
        ...(more.deprecated ? { deprecated: true } : {}),
        ...(style === undefined ? {} : { style }),
        ...(explode === undefined ? {} : { explode }),
        schema,
      };
    }),
  );
}

function bodyOf(body: JsonObject, schemas: OldSchemas, lost: string[]): JsonObject | undefined {
  if (Object.keys(body).length === 0) return undefined;
  let required = false;
  const content = Object.fromEntries(
    Object.entries(body).map(([mediaType, entry]) => {
      const at = `/paths/request/body/${mediaType}`;
      only(objectOf(entry), at, ["schemaArray", "examples", "description"]);
      const { schema, more } = schemas.of(objectOf(entry).schemaArray, at);
      required ||= more.required;
      return [mediaType, { schema, ...examplesOf(objectOf(entry).examples, at, lost) }];
    }),
  );
  return { ...(required ? { required } : {}), content };
}

function responsesOf(old: JsonObject, schemas: OldSchemas, lost: string[]): JsonObject {
  if (Object.keys(old).length === 0) throw refusal("/paths/response", "declares no response");
  return Object.fromEntries(
    Object.entries(old).map(([status, media]) => {
      const descriptions = new Set<string>();
      const content: JsonObject = {};
      for (const [mediaType, entry] of Object.entries(objectOf(media))) {
        const at = `/paths/response/${status}/${mediaType}`;
        only(objectOf(entry), at, ["schemaArray", "examples", "description"]);
        const { description } = objectOf(entry);
        if (typeof description === "string") descriptions.add(description);
        if (mediaType === "_mintlify/placeholder") continue;
        const { schema } = schemas.of(objectOf(entry).schemaArray, at);
        content[mediaType] = { schema, ...examplesOf(objectOf(entry).examples, at, lost) };
      }
      const description = [...descriptions].join(" / ");
      return [status, { description, ...(Object.keys(content).length > 0 ? { content } : {}) }];
    }),
  );
}

/** The documentation's tool draws an example with `<string>` in it where the provider gives none. */
function examplesOf(value: Json | undefined, at: string, lost: string[]): JsonObject {
  const kept = Object.entries(objectOf(value)).filter(([name, example]) => {
    const drawn = /"<[a-z]+>"/.test(JSON.stringify(example));
    if (drawn)
      lost.push(`The example "${name}" (${at}/examples): drawn by the documentation's tool, with placeholders in it.`);
    return !drawn;
  });
  return kept.length > 0 ? { examples: Object.fromEntries(kept) } : {};
}

function securityOf(value: Json | undefined, lost: string[]): { security: Json[]; securitySchemes: JsonObject } {
  const security: Json[] = [];
  const securitySchemes: JsonObject = {};
  (Array.isArray(value) ? value : []).forEach((entry, index) => {
    const at = `/paths/request/security/${index}`;
    only(objectOf(entry), at, ["title", "parameters"]);
    const groups = objectOf(objectOf(entry).parameters);
    only(groups, `${at}/parameters`, ["query", "header", "cookie"]);
    const carriers = Object.entries(groups).flatMap(([place, group]) =>
      Object.entries(objectOf(group)).map(([name, scheme]) => ({ place, name, scheme: objectOf(scheme) })),
    );
    const [carrier] = carriers;
    if (!carrier || carriers.length > 1) throw refusal(at, "needs one parameter that carries the key");
    const title = String(objectOf(entry).title);
    const name = title.replace(/[^A-Za-z0-9._-]+/g, "-");
    if (name !== title) lost.push(`The name of the security scheme "${title}" (${at}): it is "${name}" here.`);
    const scheme = schemeOf(carrier, at);
    if (securitySchemes[name] && !isDeepStrictEqual(securitySchemes[name], scheme))
      throw refusal(at, `gives "${title}" a second meaning`);
    securitySchemes[name] = scheme;
    security.push({ [name]: [] });
  });
  return { security, securitySchemes };
}

function schemeOf(
  { place, name, scheme }: { place: string; name: string; scheme: JsonObject },
  at: string,
): JsonObject {
  only(scheme, at, ["type", "scheme", "description"]);
  const description = scheme.description === undefined ? {} : { description: scheme.description };
  if (scheme.type === "apiKey") return { type: "apiKey", in: place, name, ...description };
  if (scheme.type === "http" && typeof scheme.scheme === "string")
    return { type: "http", scheme: scheme.scheme, ...description };
  throw refusal(at, `a scheme of type ${String(scheme.type)} cannot be converted: the older form does not say enough`);
}

function only(value: JsonObject, at: string, keys: readonly string[]): void {
  const stranger = Object.keys(value).find((key) => !keys.includes(key) && !key.startsWith("x-"));
  if (stranger !== undefined) throw refusal(`${at}/${stranger}`, "is not known in the older form of these pages");
}

function refusal(at: string, why: string): Error {
  return new Error(`The page is of the older form, before OpenAPI, and cannot be converted: ${at} ${why}.`);
}
