import assert from "node:assert/strict";
import test from "node:test";
import { Backoff } from "./backoff.ts";

test("the wait doubles up to its bound, and begins again", () => {
  const longest = new Backoff(500, 4_000, () => 1);
  assert.deepEqual([1, 2, 3, 4, 5].map(() => longest.next()), [500, 1_000, 2_000, 4_000, 4_000]);
  longest.reset();
  assert.equal(longest.next(), 500);
});

test("chance spreads it over the upper half", () => {
  assert.equal(new Backoff(500, 4_000, () => 0).next(), 250);
  assert.equal(new Backoff(500, 4_000, () => 0.5).next(), 375);
});
