/** Fields of a request that the document does not know: unchecked, but under every rule that keeps money and key safe. */
import type { Fault } from "../errors/request-errors.js";
import type { Call } from "../http/call.js";

interface ExtraBody extends NonNullable<Call["unchecked"]> {
  /** As JSON has them. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly faults: readonly Fault[];
}

/** @param own The request itself. @param faultsOf Those of a request by the document. */
export function extraBody(own: object, given: object, faultsOf: (request: object) => readonly Fault[]): ExtraBody {
  const fault = (field: string, message: string): Fault => ({ field: field.slice(0, 60), rule: "extra_body", message });
  const text = asJson(given);
  const fields = text === undefined ? {} : (JSON.parse(text) as Record<string, unknown>);
  const names = Object.keys(fields);
  const known = names.filter(
    (name) =>
      !faultsOf({ ...own, [name]: fields[name] }).some(
        ({ field, rule }) => rule.endsWith("Properties") && field === name.slice(0, 60),
      ),
  );
  return {
    fields,
    faults: [
      ...(text === undefined ? [fault("extraBody", "cannot be sent as JSON")] : []),
      ...known.map((name) =>
        fault(name, "is a field of this operation: it belongs in the request, where it is checked"),
      ),
    ],
    names: names.map((name) => name.slice(0, 60)),
    text: text ?? "",
  };
}

function asJson(value: object): string | undefined {
  try {
    const text = JSON.stringify(value);
    return text.startsWith("{") ? text : undefined;
  } catch {
    return undefined;
  }
}
