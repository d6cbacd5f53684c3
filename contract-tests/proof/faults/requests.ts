/** Faults in how a provider judges requests: what it accepts, what it refuses, keys, methods and paths. */
import type { Call } from "../../requests/findings.js";
import type { Reply } from "../provider/behaviour.js";
import type { ProviderFault } from "../provider/provider.js";
import { blind, type Fault, faultsOf, picky, schemas } from "./fault.js";

/** Also lets in whom this lets in. */
function letsIn(which: (call: Call, key: string) => boolean): Pick<ProviderFault, "change"> {
  return { change: ({ authenticated }, key) => ({ authenticated: (call) => authenticated(call) || which(call, key) }) };
}

/** Also lets in whoever sends such a text in the key's place. */
function letsInKey(which: (sent: string, key: string) => boolean): Pick<ProviderFault, "change"> {
  return letsIn(({ operation, received }, key) =>
    operation.security.flat().some(({ name }) => which(received.headers[name] ?? "", key)),
  );
}

function unrouted(statusOf: (why: "no path" | "no method") => number): Pick<ProviderFault, "change"> {
  return { change: () => ({ unrouted: (why): Reply => ({ status: statusOf(why), headers: {}, body: "" }) }) };
}

/** Moves every bound of one side. */
function moved(bound: "minimum" | "maximum", by: number): Pick<ProviderFault, "document"> {
  return schemas((schema) => {
    const own = schema[bound];
    if (typeof own === "number") schema[bound] = own + by;
  });
}

function withoutFormat(format: string): Pick<ProviderFault, "document"> {
  return schemas((schema) => {
    if (schema.format === format) delete schema.format;
  });
}

export const REQUEST_FAULTS: readonly Fault[] = [
  ...faultsOf("accepts", "accepted", [
    ["accepts above the maximum", "accepts numbers above the maximum", blind(({ rule }) => rule === "maximum")],
    ["accepts below the minimum", "accepts numbers below the minimum", blind(({ rule }) => rule === "minimum")],
    ["maximum off by one", "accepts one more than the maximum", moved("maximum", 1)],
    ["minimum off by one", "accepts one less than the minimum", moved("minimum", -1)],
    ["accepts wrong types", "accepts values of any type", blind(({ rule }) => rule === "type")],
    [
      "accepts fractions",
      "accepts fractions for integers",
      schemas((schema) => {
        if (schema.type === "integer") schema.type = "number";
      }),
    ],
    [
      "accepts null",
      "accepts null for what is not nullable",
      schemas((schema) => {
        if (typeof schema.type === "string") schema.nullable = true;
      }),
    ],
    ["accepts a missing field", "accepts a body without a required field", blind(({ rule }) => rule === "required")],
    ["accepts bad formats", "checks no format", blind(({ rule }) => rule === "format")],
    ["accepts unpadded base64", "does not check base64", withoutFormat("byte")],
    ["accepts relative references", "does not check URIs", withoutFormat("uri")],
    ["accepts malformed JSON", "accepts a body that cannot be parsed", blind(({ rule }) => rule === "malformed")],
    ["accepts no body", "accepts a request without its body", blind(({ rule }) => rule === "absent")],
    ["accepts any media type", "accepts JSON under another label", blind(({ rule }) => rule === "media type")],
    [
      "accepts bad ids",
      "accepts malformed ids",
      {
        change: (behaviour) => ({
          findings: (call) => behaviour.findings(call).filter(({ place }) => !place.startsWith("path.")),
          exists: () => true,
        }),
      },
    ],
  ]),
  ...faultsOf("refuses", "status", [
    ["refuses the maximum", "refuses the upper bound itself", moved("maximum", -1)],
    ["refuses the minimum", "refuses the lower bound itself", moved("minimum", 1)],
    ["refuses false", "refuses the boolean false", picky((body) => Object.values(body).includes(false))],
    ["refuses true", "refuses the boolean true", picky((body) => Object.values(body).includes(true))],
    [
      "refuses without options",
      "refuses a body of required fields only",
      picky((body) => Object.keys(body).length === 1),
    ],
    ["refuses with all options", "refuses a body with every field", picky((body) => Object.keys(body).length > 4)],
    [
      "refuses a charset",
      "refuses JSON that names its charset",
      picky((_, headers) => /charset/.test(headers["content-type"] ?? "")),
    ],
    ["refuses any Accept", "refuses Accept: */*", picky((_, headers) => headers.accept === "*/*")],
  ]),
  ...faultsOf("security", "accepted", [
    ["ignores the key", "asks for no key", letsIn(() => true)],
    ["takes a key in the query", "takes the key from the query", letsIn(({ received }) => received.query.size > 0)],
    ["takes a bearer", "takes the key as bearer", letsIn(({ received }) => "authorization" in received.headers)],
    [
      "takes an empty key",
      "takes a key header without a key",
      letsIn(({ received }) => Object.values(received.headers).includes("")),
    ],
    ["takes any key", "takes any key that is not empty", letsInKey((sent) => sent !== "")],
    [
      "takes a key cut short",
      "compares no more of the key than was sent",
      letsInKey((sent, key) => sent !== "" && key.startsWith(sent)),
    ],
    [
      "ignores the key's case",
      "compares the key without its case",
      letsInKey((sent, key) => sent.toLowerCase() === key.toLowerCase()),
    ],
    ["refuses the key", "refuses a valid key", { change: () => ({ authenticated: () => false }) }, "status"],
  ]),
  ...faultsOf("routing", "accepted", [
    ["accepts other methods", "accepts undeclared methods", unrouted((why) => (why === "no method" ? 200 : 404))],
    ["accepts other paths", "accepts undeclared paths", unrouted((why) => (why === "no path" ? 200 : 405))],
    ["breaks on other paths", "breaks on undeclared paths", unrouted(() => 500), "routing"],
  ]),
];
