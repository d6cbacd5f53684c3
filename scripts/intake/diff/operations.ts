/** What changed between two versions of a document, as far as rules can rate it. */
import { isDeepStrictEqual } from "node:util";
import type { JsonObject } from "../../../openapi/document/types.js";
import { type Change, type Direction, type Effect, fromTo, type Party, partiesOf, type Subject } from "./change.js";
import { type Node, type Nodes, nodesAt, type OperationNode, operationsAt, pairsOf, parametersAt } from "./nodes.js";
import { SchemaWalk } from "./schema-walk.js";

export function ratedChanges(before: JsonObject, after: JsonObject): Change[] {
  const comparison = new Comparison(before, after);
  comparison.security({}, {}, "/security", "security of every operation");
  comparison.paths("/paths", "/paths");
  return [...comparison.changes, ...comparison.walk.changes()];
}

/** Parameters, bodies, responses, media types and headers: each may be required, have a schema, and hold further parts. */
interface PartKind {
  readonly operation: string;
  readonly direction: Direction;
  readonly label: (name: string) => string;
  /** What an added one does, unless it is required. */
  readonly added?: (name: string) => Effect;
}

type Add = (pointer: string, what: string, effect: Effect) => void;

const FLAGS = [
  ["required", "is required now", "is no longer required", ["narrows", "widens"]],
  ["deprecated", "is deprecated", "is no longer deprecated", ["none", "none"]],
] as const;

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

  security(old: JsonObject, now: JsonObject, pointer: string, what: string, operation?: string): void {
    if (operation !== undefined && isDeepStrictEqual(old.security, now.security)) return;
    const was = [old.security ?? this.before.security ?? []].flat();
    const is = [now.security ?? this.after.security ?? []].flat();
    if (isDeepStrictEqual(was, is)) return;
    // Nobody has to act where every credential that was accepted still is.
    const open = was.length > 0 && was.every((way) => is.some((other) => isDeepStrictEqual(way, other)));
    this.#add(pointer, "security", `${what} ${fromTo(was, is)}`, open || is.length === 0 ? [] : ["senders"], operation);
  }

  /** @param callbackOf the operation whose callback's paths these are. */
  paths(before: string, after: string, callbackOf?: string): void {
    const callback = callbackOf !== undefined;
    const kind = callback ? "callback" : "operation";
    const nameOf = ({ name, path }: OperationNode) => (callback ? `${callbackOf} → callback ${path}` : name);
    const [left, right] = [operationsAt(this.before, before, callback), operationsAt(this.after, after, callback)];
    for (const [old, now] of pairsOf(left, right)) {
      if (old && now) this.#operation(old, now, nameOf(now), callback);
      else if (now) this.#add(now.pointer, "operation", `${kind} ${now.name} added`, [], nameOf(now));
      else if (old) {
        const breaks = partiesOf("alters", callback ? ["response"] : ["request", "response"]);
        this.#add(old.pointer, "operation", `${kind} ${old.name} removed`, breaks, nameOf(old));
      }
    }
  }

  #operation(old: OperationNode, now: OperationNode, operation: string, callback: boolean): void {
    const add = (pointer: string, what: string, breaks: readonly Party[] = []) =>
      this.#add(pointer, "operation", what, breaks, operation);
    const renamed = old.path !== now.path && !callback;
    if (renamed) add(now.item, `path parameters renamed: ${old.path} → ${now.path}`, ["senders"]);
    const [was, is] = [old.value.operationId, now.value.operationId];
    if (was !== is) add(`${now.pointer}/operationId`, `operationId ${fromTo(was, is)}: generated names change with it`);
    this.#flags(old, now, (pointer, what) => add(pointer, what));
    this.security(old.value, now.value, `${now.pointer}/security`, "security", operation);

    // In a callback the provider is the caller.
    const sent = { operation, direction: callback ? "response" : "request" } as const;
    const received = { operation, direction: callback ? "request" : "response" } as const;
    const parameters = parametersAt(this.before, old, renamed);
    this.#parts(parameters, parametersAt(this.after, now, renamed), { ...sent, label: (name) => name });
    const isBody = (name: string) => (name === "requestBody" ? name : undefined);
    this.#below(old, now, "", { ...sent, label: () => "request body" }, isBody);
    const responses: PartKind = {
      ...received,
      label: (name) => `response ${name}`,
      // A client must cope with an undeclared status anyway, unless it means success.
      added: (name) => (/^[23]/.test(name) ? "widens" : "none"),
    };
    this.#below(old, now, "/responses", responses, (status) => status.toUpperCase());
    const callbacks = (document: JsonObject, { pointer }: Node) => nodesAt(document, `${pointer}/callbacks`);
    for (const [one, other] of pairsOf(callbacks(this.before, old), callbacks(this.after, now))) {
      if (one && other) this.paths(one.pointer, other.pointer, operation);
      else if (other) add(other.pointer, `callback ${other.name} added`);
      else if (one) add(one.pointer, `callback ${one.name} removed`, ["readers"]);
    }
  }

  #below(old: Node, now: Node, place: string, kind: PartKind, keyOf?: Parameters<typeof nodesAt>[2]): void {
    const nodes = (document: JsonObject, { pointer }: Node) => nodesAt(document, pointer + place, keyOf);
    this.#parts(nodes(this.before, old), nodes(this.after, now), kind);
  }

  #parts(before: Nodes, after: Nodes, kind: PartKind): void {
    const { operation, direction, added } = kind;
    for (const [old, now] of pairsOf(before, after)) {
      const label = kind.label((now ?? old)?.name ?? "");
      const add = (pointer: string | undefined, what: string, effect: Effect) =>
        this.#add(pointer ?? "", "operation", `${label} ${what}`, partiesOf(effect, [direction]), operation);
      if (old && now) this.#part(old, now, label, kind, add);
      else if (now?.value.required === true) add(now.pointer, "added, required", "narrows");
      else if (now) add(now.pointer, "added", added?.(now.name) ?? "none");
      else add(old?.pointer, "removed", "alters");
    }
  }

  #flags(old: Node, now: Node, add: Add): void {
    for (const [key, yes, no, effects] of FLAGS) {
      const flag = now.value[key] === true;
      if (flag !== (old.value[key] === true)) add(`${now.pointer}/${key}`, flag ? yes : no, effects[flag ? 0 : 1]);
    }
  }

  #part(old: Node, now: Node, label: string, { operation, direction }: PartKind, add: Add): void {
    this.#flags(old, now, add);
    for (const key of ["style", "explode", "allowReserved", "allowEmptyValue"]) {
      const [was, is] = [old.value[key], now.value[key]];
      if (!isDeepStrictEqual(was, is)) add(`${now.pointer}/${key}`, `: ${key} ${fromTo(was, is)}`, "alters");
    }
    const [had, has] = [old.value.schema !== undefined, now.value.schema !== undefined];
    if (had && has) this.walk.meet(`${old.pointer}/schema`, `${now.pointer}/schema`, direction, operation);
    else if (had !== has) {
      // A parameter without a schema has content, which is written differently.
      const otherForm = (has ? old : now).value.content !== undefined;
      const effect = otherForm ? "alters" : has ? "narrows" : "widens";
      add(`${(has ? now : old).pointer}/schema`, `has ${has ? "a schema now" : "no schema any more"}`, effect);
    }
    this.#below(old, now, "/content", { operation, direction, label: (name) => `${label}: ${name}` });
    const headers: PartKind = { operation, direction, label: (name) => `${label}: header ${name}` };
    this.#below(old, now, "/headers", headers, (name) => name.toLowerCase());
  }
}
