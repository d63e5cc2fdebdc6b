/** What `cargo xtask bench pairs` makes of its measurements. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { measure, render, verdict } from "../../benches/pairs/run.js";
import { chosen } from "../../benches/pairs/scenario.js";
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

/**
 * A scenario whose samples are told.
 *
 * @param {(which: import("../../benches/pairs/statistics.js").Which, sample: number) => number} cost  `sample` counts them, from 1 on
 * @param {Partial<import("../../benches/pairs/scenario.js").Scenario>} [more]
 */
function scenario(cost, more = {}) {
  /** @type {{ starts: number, stops: number, order: string[] }} */
  const seen = { starts: 0, stops: 0, order: [] };
  /** @type {import("../../benches/pairs/scenario.js").Scenario} */
  const made = {
    name: "part.one", figures: { cost: { what: "a cost", unit: (value) => `${value} ms` } },
    start: async () => {
      seen.starts += 1;
      return {
        sample: async (which) => {
          seen.order.push(which);
          return { cost: cost(which, seen.order.length) };
        },
        stop: async () => {
          seen.stops += 1;
        },
      };
    },
    ...more,
  };
  const nowhere = { dist: "", program: "", benches: "" };
  const result = async (pairs = 4) => {
    const [result] = await measure(made, { before: nowhere, after: nowhere }, pairs);
    assert.ok(result);
    return result;
  };
  return { seen, result };
}

test("the first pair warms up and is not counted", async () => {
  const { seen, result } = scenario((which, sample) => (sample <= 2 ? 1000 : which === "after" ? 102 : 100));
  const found = await result();
  assert.deepEqual([found.comparison?.pairs, found.comparison?.before, found.comparison?.after], [4, 100, 102]);
  assert.equal(seen.order.join(" "), "after before after before before after after before before after");
  assert.equal(verdict(found), "met");
  assert.deepEqual([seen.starts, seen.stops], [1, 1]);
});

test("a measurement that fails begins anew, keeps its pairs, and says so", async () => {
  const { seen, result } = scenario((_, sample) => {
    if (sample === 6) throw new Error("the browser is gone");
    return 100;
  });
  const found = await result();
  assert.equal(found.comparison?.pairs, 4);
  assert.deepEqual([seen.starts, seen.stops], [2, 2]);
  assert.match(verdict(found), /^met; begun anew after: part\.one, pair 2, after: the browser is gone$/);
});

test("what cannot be measured is no success, and says why", async () => {
  const broken = scenario(() => {
    throw new Error("no adapter");
  });
  assert.match(verdict(await broken.result()), /^\*\*not measured\*\*: .*no adapter$/);
  assert.equal(broken.seen.starts, 2, "the same failure twice is enough");
  const nothing = await scenario(() => NaN).result();
  assert.equal(nothing.comparison, null);
  assert.match(render(["a line"], [nothing]), /\| part\.one \| a cost \| – .*not measured.*no ratio/);
});

test("worse is certain or not, and what takes too long has fewer pairs, which are told", async () => {
  assert.equal(verdict(await scenario((which) => (which === "after" ? 110 : 100)).result(8)), "**WORSE**");
  assert.equal(verdict(await scenario((which) => (which === "after" ? 110 : 100)).result(2)), "**WORSE**, not certain");
  const long = await scenario(() => 100, { warm: true, seconds: 1e-9 }).result(30);
  assert.equal(long.comparison?.pairs, 2);
  assert.match(render([], [long]), /\| part\.one \| a cost \| 2 \| 100 ms \| 100 ms \| 1\.000× \|/);
});

test("figures are chosen by name or part, and others refused", () => {
  const named = (/** @type {string} */ name) => /** @type {any} */ ({ name });
  const all = ["open.plain", "open.packed", "opening"].map(named);
  assert.deepEqual(chosen(all, []).length, 3);
  assert.deepEqual(chosen(all, ["open"]).map(({ name }) => name), ["open.plain", "open.packed"]);
  assert.throws(() => chosen(all, ["ope"]), /no figure "ope"; there are open.plain/);
});
