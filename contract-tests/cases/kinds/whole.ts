/** Valid requests as a whole: the smallest and the fullest, the examples, and the same request in other words. */
import type { Case } from "../case.js";
import { caseOf, pathItemOf, requestWith, type Site } from "../draft.js";
import { examplesAt } from "../model.js";
import { bodyText, isJson } from "../wire.js";

const SUCCESS: Case["expect"] = { is: "success" };

export function* wholeCases(site: Site): Generator<Case> {
  const { bases, operation } = site;
  const { pointer } = operation;
  for (const media of operation.request.length === 0 ? [undefined] : operation.request) {
    for (const size of ["smallest", "full"] as const) {
      const base = bases.of(operation, size, media?.mediaType);
      if (media && !base.body) continue;
      const examples = [...base.values.keys()].flatMap((parameter) => [
        parameter.pointer,
        ...parameter.examples.filter(({ value }) => value === base.values.get(parameter)).map((one) => one.pointer),
      ]);
      yield caseOf(operation, {
        label: [media?.mediaType ?? "request", "positive", size],
        kind: "positive",
        pointer,
        covers: [pathItemOf(operation), ...examples],
        request: bases.request(operation, base),
        expect: SUCCESS,
      });
    }
    if (!media) continue;
    const root = media.schema === undefined ? undefined : bases.rootExample(media.schema);
    for (const { name, pointer, value } of [...examplesAt(bases.document, media.pointer), ...(root ? [root] : [])]) {
      const text = bodyText(media.mediaType, value);
      if (text === undefined || !bases.fits(media.schema, value)) continue;
      const { body: _, ...base } = bases.of(operation, "smallest");
      const body = { mediaType: media.mediaType, value, text };
      yield caseOf(operation, {
        label: [media.mediaType, "request example", name === "default" ? "its own example" : `example ${name}`],
        kind: "request example",
        pointer,
        covers: [media.pointer],
        request: bases.request(operation, { ...base, body }),
        expect: SUCCESS,
      });
    }
  }
  yield* variations(site);
}

/** The same request in other words: charset, case, `Accept`. */
function* variations({ bases, operation }: Site): Generator<Case> {
  const base = bases.of(operation, "smallest");
  const request = bases.request(operation, base);
  const make = (name: string, header: string, value: string, pointer: string, more: { loud?: true } = {}): Case =>
    caseOf(operation, {
      label: ["headers", "positive", name],
      kind: "positive",
      pointer,
      place: ["header", header],
      request: { ...requestWith(request, { [header]: value }), ...more },
      expect: SUCCESS,
    });
  const [taken] = operation.request;
  if (base.body && isJson(base.body.mediaType) && taken) {
    const type = base.body.mediaType;
    yield make("charset", "content-type", `${type}; charset=utf-8`, taken.pointer);
    yield make("quoted charset", "content-type", `${type}; charset="utf-8"`, taken.pointer);
    yield make("media type in upper case", "content-type", type.toUpperCase(), taken.pointer);
  }
  const success = operation.responses.find((response) => /^2/.test(response.status));
  const [media] = success?.content ?? [];
  if (!success || !media) return;
  yield make("Accept anything", "accept", "*/*", success.pointer);
  yield make("names in upper case", "accept", "*/*", success.pointer, { loud: true });
  yield make("Accept by type", "accept", `${media.mediaType.split("/")[0]}/*`, media.pointer);
  yield make("Accept with quality", "accept", `text/x-contract;q=0.9, ${media.mediaType};q=0.5`, media.pointer);
}
