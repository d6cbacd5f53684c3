/** What the client must know of an operation whose POST answers a task. `npm run generate` makes one of each. */
import type { ImageInput } from "../image/source.js";

/** One broken rule of a schema. */
export interface Violation {
  /** JSON pointer into the value. */
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

export interface Validator<T = unknown> {
  (value: unknown): value is T;
  /** What the last call found wrong. */
  errors?: readonly Violation[] | null;
}

/** How tasks are made and read. */
export interface TaskFacts {
  readonly submit: { readonly path: string };
  /** `path` is a template with this `parameter`; `uuid`: whether ids have that form. */
  readonly read: { readonly path: string; readonly parameter: string; readonly uuid: boolean };
  readonly list?: { readonly path: string } | undefined;
  /** The member of a response that the task is in; empty where the response is the task. */
  readonly wrapper: string;
  /** Names of a task's fields: its id, its status, and the URLs of its results. */
  readonly id: string;
  readonly status: string;
  readonly results: string;
  /** Every status that is known, and those that end a task with results or without. */
  readonly statuses: readonly string[];
  readonly completed: readonly string[];
  readonly failed: readonly string[];
  /** The fields of the request that are images, and what they take. */
  readonly images: Readonly<Record<string, "base64" | "url" | "either">>;
  /** The field of the request that takes the address for webhooks. */
  readonly webhook?: string | undefined;
}

/** The exported `contract` of a generated module `generated/<document>/operations/<operationId>`. */
export interface TaskContract extends TaskFacts {
  /** Refuses undeclared fields. */
  readonly validateRequest: Validator;
  readonly validateSubmit: Validator;
  readonly validateTask: Validator;
  readonly validateList?: Validator | undefined;
}

/** What the document says of a field of a request. */
export interface RequestField {
  readonly required: boolean;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly description?: string;
}

/** The exported `fields` of a generated module `generated/<document>/operations/<operationId>.fields`. */
export type RequestFields = Readonly<Record<string, RequestField>>;

/** The body of a request as it goes over the wire. */
export type WireRequest<C extends TaskContract> = C["validateRequest"] extends Validator<infer Wire> ? Wire : never;

/** The fields of a request that are sent as base64 of an image's bytes. */
export type ImageField<C extends TaskContract> = {
  [Name in keyof C["images"]]: C["images"][Name] extends "url" ? never : Name;
}[keyof C["images"]] &
  string;

type WithImages<Wire, Name> = Wire extends unknown
  ? { [Field in keyof Wire]: Field extends Name ? ImageInput : Wire[Field] }
  : never;

/**
 * The fields of the provider's document, by their wire names. The bytes of an image are sent as base64, read and encoded while
 * they are sent; where the document allows a URL as well, an `https:` string is one.
 */
export type TaskRequest<C extends TaskContract> = WithImages<WireRequest<C>, ImageField<C>>;

/** The statuses of a task that has not ended, as the document has them. */
export type PendingStatus<C extends TaskContract> = string extends C["statuses"][number]
  ? string
  : Exclude<C["statuses"][number], C["completed"][number] | C["failed"][number]>;

/** Operations as errors and hooks name them. */
export const submitOf = ({ submit }: TaskFacts): string => `POST ${submit.path}`;
export const readOf = ({ read }: TaskFacts): string => `GET ${read.path}`;

/** What a body says of the task or tasks: it, or the member of it that wraps that. */
export function unwrapped({ wrapper }: Pick<TaskFacts, "wrapper">, body: Readonly<Record<string, unknown>>): unknown {
  return wrapper === "" ? body : body[wrapper];
}

/** Whether a field takes the bytes of an image; a bare URL is a text like others. */
export function imageFields({ images }: Pick<TaskFacts, "images">): string[] {
  return Object.keys(images).filter((name) => images[name] !== "url");
}

/** A task as it arrived: its fields are named by the contract, and nothing is sure but that it is an object. */
export type UncheckedTask = Readonly<Record<string, unknown>>;

/** JSON pointer of a task's status in a response. */
export function statusPlace({ wrapper, status }: TaskFacts): string {
  return wrapper === "" ? `/${status}` : `/${wrapper}/${status}`;
}
