import { expect } from "vitest";

/** What a promise is rejected with; the test fails where it is not, or with something of another class. */
export async function rejection<E extends Error>(
  promise: Promise<unknown>,
  kind: abstract new (...values: never[]) => E,
): Promise<E> {
  const reason = await promise.then(
    () => "nothing: the promise was fulfilled",
    (error: unknown) => error,
  );
  expect(reason).toBeInstanceOf(kind);
  return reason as E;
}
