import { expect, it } from "vitest";
import { RateLimiter } from "../rate-limit.js";

it("lets so many requests of a key pass in each of its windows, and says what is left", () => {
  const limiter = new RateLimiter({ limit: 2, windowMs: 10_000 });
  expect(limiter.take("a", 1000)).toEqual({ allowed: true, limit: 2, remaining: 1, reset: 10 });
  // Another key has a window of its own, which begins with its own first request.
  expect(limiter.take("b", 4000)).toEqual({ allowed: true, limit: 2, remaining: 1, reset: 10 });
  expect(limiter.take("a", 4001)).toEqual({ allowed: true, limit: 2, remaining: 0, reset: 7 });
  expect(limiter.take("a", 4002)).toEqual({ allowed: false, limit: 2, remaining: 0, reset: 7 });
  // A refused request takes nothing and prolongs nothing.
  expect(limiter.take("a", 10_999)).toEqual({ allowed: false, limit: 2, remaining: 0, reset: 1 });
  expect(limiter.take("b", 11_000)).toEqual({ allowed: true, limit: 2, remaining: 0, reset: 3 });
  expect(limiter.take("a", 11_000)).toEqual({ allowed: true, limit: 2, remaining: 1, reset: 10 });
});

it("lets nothing pass with a limit of 0", () => {
  const limiter = new RateLimiter({ limit: 0, windowMs: 1500 });
  expect(limiter.take("a", 0)).toEqual({ allowed: false, limit: 0, remaining: 0, reset: 2 });
});
