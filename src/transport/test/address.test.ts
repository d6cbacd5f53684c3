import { expect, it } from "vitest";
import { addressOf, authorityOf } from "../address.js";

it.each([
  ["http://a.test/x", "a.test", 80, "a.test:80"],
  ["https://a.test/x", "a.test", 443, "a.test:443"],
  ["https://a.test:8443", "a.test", 8443, "a.test:8443"],
  ["http://10.0.0.1:81", "10.0.0.1", 81, "10.0.0.1:81"],
  ["http://[::1]/", "::1", 80, "[::1]:80"],
  ["https://[2001:db8::7]:8443/", "2001:db8::7", 8443, "[2001:db8::7]:8443"],
])("%s is at %s, %i: %s", (text, host, port, authority) => {
  const address = addressOf(new URL(text));
  expect(address).toEqual({ host, port });
  expect(authorityOf(address)).toBe(authority);
});
