/** What changed between two versions of a document, as far as rules can rate it. */
import { isDeepStrictEqual } from "node:util";
import { pointerOf } from "../../../openapi/document/pointer.js";
import { type Json, type JsonObject, METHODS, objectOf } from "../../../openapi/document/types.js";
import { type Change, type Direction, fromTo, type Party, partiesOf, type Subject } from "./change.js";
import { compareNodes, type Node, type Nodes, nodesAt, type Place, parametersAt, partChanges } from "./parts.js";
import { SchemaWalk } from "./schema-walk.js";

export interface Rated {
  readonly changes: readonly Change[];
  /** Pointers of the new document's schemas that some operation uses. */
  readonly compared: ReadonlySet<string>;
}

export function ratedChanges(before: JsonObject, after: JsonObject): Rated {
  const comparison = new Comparison(before, after);
  comparison.servers();
  comparison.security();
  comparison.paths("/paths", "/paths");
  const { changes, walk } = comparison;
  return { changes: [...changes, ...walk.changes()], compared: walk.compared() };
}

interface OperationNode extends Node {
  readonly path: string;
  /** Pointer of the path item. */
  readonly item: string;
}

class Comparison {
  readonly before: JsonObject;
  readonly after: JsonObject;
  readonly walk: SchemaWalk;
  readonly changes: Change[] = [];

  constructor(before: JsonObject, after: JsonObject) {
    this.before = before;
    this.after = after;
    this.walk = new SchemaWalk(before, after);
  }

  #add(pointer: string, subject: Subject, what: string, breaks: readonly Party[], operation?: string): void {
    this.changes.push({ pointer, subject, what, breaks, operations: operation === undefined ? [] : [operation] });
  }

  servers(): void {
    const urls = ({ servers }: JsonObject) => (Array.isArray(servers) ? servers : []).map((each) => objectOf(each).url);
    const [old, now] = [urls(this.before), urls(this.after)];
    if (isDeepStrictEqual(old, now)) return;
    const moved = old[0] !== now[0] || old.some((url) => !now.includes(url));
    this.#add("/servers", "server", `servers ${fromTo(old, now)}`, moved ? ["senders"] : []);
  }

  security(): void {
    this.#securityOf({}, {}, "/security", "security of every operation");
    const base = "/components/securitySchemes";
    const name = (node: Node) => `security scheme ${node.name}`;
    const place = (node: Node) => base + pointerOf([node.name]);
    const meaning = ({ value }: Node) =>
      Object.fromEntries(Object.entries(value).filter(([key]) => key !== "description" && !key.startsWith("x-")));
    compareNodes(nodesAt(this.before, base), nodesAt(this.after, base), {
      added: (now) => this.#add(place(now), "security", `${name(now)} added`, []),
      removed: (old) => this.#add(place(old), "security", `${name(old)} removed`, ["senders"]),
      both: (old, now) => {
        const [was, is] = [meaning(old), meaning(now)];
        if (!isDeepStrictEqual(was, is))
          this.#add(place(now), "security", `${name(now)} ${fromTo(was, is)}`, ["senders"]);
      },
    });
  }

  #securityOf(old: JsonObject, now: JsonObject, pointer: string, what: string, operation?: string): void {
    const listOf = (own: Json | undefined, whole: Json | undefined) => {
      const list = own ?? whole;
      return Array.isArray(list) ? list : [];
    };
    const was = listOf(old.security, this.before.security);
    const is = listOf(now.security, this.after.security);
    if (isDeepStrictEqual(was, is) || (operation !== undefined && isDeepStrictEqual(old.security, now.security)))
      return;
    // Nobody has to act where every credential that was accepted still is.
    const open = was.length > 0 && was.every((way) => is.some((other) => isDeepStrictEqual(way, other)));
    this.#add(pointer, "security", `${what} ${fromTo(was, is)}`, open || is.length === 0 ? [] : ["senders"], operation);
  }

  /** @param callbackOf the operation whose callback's paths these are. */
  paths(before: string, after: string, callbackOf?: string): void {
    const callback = callbackOf !== undefined;
    const kind = callback ? "callback" : "operation";
    // In a callback the provider is the caller.
    const [sent, received]: Direction[] = callback ? ["response", "request"] : ["request", "response"];
    const nameOf = ({ name, path }: OperationNode) => (callback ? `${callbackOf} → callback ${path}` : name);
    const left = operationsAt(this.before, before, callback);
    const right = operationsAt(this.after, after, callback);
    for (const [key, now] of right) {
      const old = left.get(key);
      if (old) this.#operation(old, now, nameOf(now), sent ?? "request", received ?? "response");
      else this.#add(now.pointer, "operation", `${kind} ${now.name} added`, [], nameOf(now));
    }
    for (const [key, old] of left)
      if (!right.has(key)) {
        const breaks = partiesOf("alters", callback ? ["response"] : ["request", "response"]);
        this.#add(old.pointer, "operation", `${kind} ${old.name} removed`, breaks, nameOf(old));
      }
  }

  #operation(old: OperationNode, now: OperationNode, operation: string, sent: Direction, received: Direction): void {
    const add = (pointer: string, what: string, breaks: readonly Party[] = []) =>
      this.#add(pointer, "operation", what, breaks, operation);
    const renamed = old.path !== now.path && sent === "request";
    if (renamed) add(now.item, `path parameters renamed: ${old.path} → ${now.path}`, ["senders"]);
    const { operationId: was } = old.value;
    const { operationId: is } = now.value;
    if (was !== is) add(`${now.pointer}/operationId`, `operationId ${fromTo(was, is)}: generated names change with it`);
    const deprecated = now.value.deprecated === true;
    if ((old.value.deprecated === true) !== deprecated)
      add(`${now.pointer}/deprecated`, deprecated ? "deprecated" : "no longer deprecated");
    this.#securityOf(old.value, now.value, `${now.pointer}/security`, "security", operation);

    const { before, after, walk } = this;
    const place: Place = {
      ...{ before, after, walk, operation },
      add: (pointer, what, effect, direction) => add(pointer, what, partiesOf(effect, [direction])),
    };
    const parameters = parametersAt(before, [old.item, old.pointer], renamed);
    const others = parametersAt(after, [now.item, now.pointer], renamed);
    partChanges(place, parameters, others, { direction: sent, label: ({ name }) => name });
    const body = (document: JsonObject, { pointer }: Node) => only(nodesAt(document, pointer), "requestBody");
    partChanges(place, body(before, old), body(after, now), { direction: sent, label: () => "request body" });
    const responses = (document: JsonObject, { pointer }: Node) =>
      nodesAt(document, `${pointer}/responses`, (status) => status.toUpperCase());
    partChanges(place, responses(before, old), responses(after, now), {
      direction: received,
      label: ({ name }) => `response ${name}`,
      // A client must cope with an undeclared status anyway, unless it means success.
      added: ({ name }) => (/^[23]/.test(name) ? "widens" : "none"),
    });
    const callbacks = (document: JsonObject, { pointer }: Node) => nodesAt(document, `${pointer}/callbacks`);
    compareNodes(callbacks(before, old), callbacks(after, now), {
      added: ({ name, pointer }) => add(pointer, `callback ${name} added`),
      removed: ({ name, pointer }) => add(pointer, `callback ${name} removed`, ["readers"]),
      both: (one, other) => this.paths(one.pointer, other.pointer, operation),
    });
  }
}

function only(nodes: Nodes, name: string): Nodes {
  const found = nodes.get(name);
  return new Map(found ? [[name, found]] : []);
}

/** By method and path, whatever the names in the path's braces. */
function operationsAt(document: JsonObject, base: string, callback: boolean): Map<string, OperationNode> {
  const found = new Map<string, OperationNode>();
  for (const { name: path, pointer: item } of nodesAt(document, base).values())
    for (const { name: method, pointer, value } of nodesAt(document, item).values()) {
      if (!METHODS.some((known) => known === method)) continue;
      const key = `${method} ${callback ? path : path.replace(/\{[^{}]*\}/g, "{}")}`;
      found.set(key, { name: `${method.toUpperCase()} ${path}`, path, pointer, item, value });
    }
  return found;
}
