/** What `cargo xtask bench pairs` makes of its measurements. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MOST, compare, interval, order } from "../../benches/pairs/statistics.js";

test("the two sides take turns at being first, so that drift favours neither", () => {
  const sequence = [0, 1, 2, 3].flatMap(order);
  assert.deepEqual(sequence, ["after", "before", "before", "after", "after", "before", "before", "after"]);
  // A machine that becomes slower by the same amount with every measurement.
  const cost = new Map([["before", 0], ["after", 0]]);
  sequence.forEach((which, at) => cost.set(which, (cost.get(which) ?? 0) + at));
  assert.equal(cost.get("before"), cost.get("after"));
});

test("ratios are of pairs, and their median is judged", () => {
  // The machine is twice as slow in every other pair: the medians of the sides scatter, the ratios do not.
  const pairs = Array.from({ length: 30 }, (_, at) => {
    const before = at % 2 ? 100 : 200;
    return { before, after: before * 1.04 };
  });
  const { ratio, half, sure, met, ...rest } = compare(pairs);
  assert.ok(Math.abs(ratio - 1.04) < 1e-12 && met);
  assert.ok(half.concat(sure ?? []).every((value) => Math.abs(value - 1.04) < 1e-12));
  assert.deepEqual(rest, { pairs: 30, before: 150, after: 156 });
});

test("a figure is worse above the limit, not at it, and better is never worse", () => {
  const at = (/** @type {number} */ ratio) => compare([{ before: 1, after: ratio }]).met;
  assert.ok(at(MOST) && at(0.5));
  assert.ok(!at(MOST + 1e-9));
});

test("the ratio is a median: one pair that was disturbed moves it little", () => {
  const pairs = [1, 1.01, 0.99, 1.02, 50].map((after) => ({ before: 1, after }));
  assert.equal(compare(pairs).ratio, 1.01);
});

test("what has no ratio is refused, never passed", () => {
  assert.throws(() => compare([]), /no pairs/);
  for (const pair of [{ before: 0, after: 1 }, { before: 1, after: 0 }, { before: NaN, after: 1 }, { before: 1, after: Infinity }]) {
    assert.throws(() => compare([{ before: 1, after: 1 }, pair]), /pair 2 has no ratio/);
  }
});

test("the interval of a median is the one of the tables, and too few values have none", () => {
  const upTo = (/** @type {number} */ count) => Array.from({ length: count }, (_, at) => count - at);
  // Conover, Practical Nonparametric Statistics: ranks for 95 %.
  assert.deepEqual(interval(upTo(6)), [1, 6]);
  assert.deepEqual(interval(upTo(10)), [2, 9]);
  assert.deepEqual(interval(upTo(30)), [10, 21]);
  assert.equal(interval(upTo(5)), null);
  assert.equal(interval([]), null);
});
