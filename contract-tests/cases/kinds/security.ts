/** Cases about credentials: none, an empty one, wrong ones, and the right one in the wrong place. */
import type { Case, Credential } from "../case.js";
import { caseOf, type Site } from "../draft.js";

type Misuse = "absent" | "missing" | "empty" | "wrong" | "misplaced";

const WRONG_KEYS = {
  "a wrong key": "wrong",
  "the key cut short": "cut",
  "the key in another case": "swapped",
} as const;

export function* securityCases({ bases, operation }: Site): Generator<Case> {
  const { security, securityPointer: pointer } = operation;
  const request = bases.request(operation, bases.of(operation, "smallest"));
  const schemes = security.flat().map((credential) => `/components/securitySchemes/${credential.scheme}`);
  const own = { kind: "security" as const, pointer, covers: schemes };
  const accepted = (name: string, credentials: readonly Credential[]): Case =>
    caseOf(operation, {
      ...own,
      label: ["security", name],
      request: { ...request, credentials },
      expect: { is: "success" },
    });
  const refused = (name: string, rule: Misuse, credentials: readonly Credential[]): Case =>
    caseOf(operation, {
      ...own,
      label: ["security", name],
      place: ["credential"],
      rule,
      request: { ...request, credentials },
      expect: { is: "unauthorized" },
      providerOnly: rule === "wrong" ? "cannot be tested by a mock, which takes any key" : undefined,
    });
  if (security.length === 0 || security.some((alternative) => alternative.length === 0)) {
    yield accepted("no credential needed", []);
    return;
  }
  yield refused("no credential", "absent", []);
  for (const [index, alternative] of security.entries()) {
    const names = alternative.map((credential) => credential.scheme).join(" and ");
    if (index > 0) yield accepted(`${names} instead`, alternative);
    for (const credential of alternative) {
      const others = alternative.filter((one) => one !== credential);
      const label = security.flat().length > 1 ? `${credential.scheme}, ` : "";
      if (others.length > 0) yield refused(`${label}missing`, "missing", others);
      yield refused(`${label}empty`, "empty", [...others, { ...credential, form: "empty" }]);
      for (const [name, key] of Object.entries(WRONG_KEYS))
        yield refused(`${label}${name}`, "wrong", [...others, { ...credential, key }]);
      for (const [name, wrong] of misplaced(credential)) {
        // Misplaced for one alternative may be in place for another.
        const known = security
          .flat()
          .some((one) => one.in === wrong.in && one.name === wrong.name && one.form === wrong.form);
        if (!known) yield refused(`${label}${name}`, "misplaced", [...others, wrong]);
      }
    }
  }
}

function* misplaced(credential: Credential): Generator<[string, Credential]> {
  const plain = { ...credential, form: "plain" as const };
  if (credential.in === "header") {
    const name = credential.name === "authorization" ? "x-contract-key" : `${credential.name}-wrong`;
    yield ["in the wrong header", { ...plain, name }];
    yield ["in the query", { ...plain, in: "query" }];
  } else yield ["in a header", { ...plain, in: "header" }];
  if (credential.form === "plain")
    yield ["as bearer instead", { ...credential, in: "header", name: "authorization", form: "bearer" }];
  if (credential.form === "bearer") yield ["as basic instead", { ...credential, form: "basic" }];
  if (credential.form === "basic") yield ["as bearer instead", { ...credential, form: "bearer" }];
}
