import { isObject } from "./json.js";

/** An error and what caused it, outermost first. By shape: under Jest an error of Node is an instance of another `Error`. */
export function causesOf(error: unknown): { readonly [name: string]: unknown }[] {
  const chain: { readonly [name: string]: unknown }[] = [];
  for (let one = error; isObject(one) && !chain.includes(one) && chain.length < 8; one = one.cause) chain.push(one);
  return chain;
}
