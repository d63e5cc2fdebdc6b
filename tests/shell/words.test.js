/** Links, and numbers as people read and type them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { count, fine, frameIndex, number, place, rounded, seconds, speedOf, typed } from "../../www/format.js";
import { linkOf, sessionOf } from "../../www/link.js";
import { axis, ticks } from "../../www/scale.js";

test("a link names a session beside the page by its path, any other in full", () => {
  const page = "https://lab.org/view/index.html?old=1#x";
  const at = "https://lab.org/view/index.html?session=";
  assert.equal(linkOf(page, "https://lab.org/view/demo.zarr", "t=1"), `${at}demo.zarr#t=1`);
  assert.equal(linkOf(page, "https://lab.org/data/a%20b.zarr", ""), `${at}https://lab.org/data/a%2520b.zarr`);
  assert.equal(linkOf(page, "https://lab.org/view/a:b.zarr", ""), `${at}https://lab.org/view/a:b.zarr`);
  assert.equal(linkOf(page, "https://lab.org/view/", ""), `${at}https://lab.org/view/`);
  assert.equal(linkOf("https://me:pw@lab.org/", null, "t=1"), "https://lab.org/");
});

test("what a link names is what it opens", () => {
  const page = "https://lab.org/view/";
  for (const session of [
    "https://lab.org/view/demo.zarr", "https://other.org/a%20b.zarr?x=1&y=2+3#group", "https://lab.org/view/d/e.zarr",
    "https://lab.org/view/a%26b.zarr", "http://127.0.0.1:8000/ü.zarr",
  ]) {
    const named = sessionOf(linkOf(page, session, "t=1&v=1"));
    assert.ok(named);
    assert.equal(new URL(named, page).href, new URL(session).href);
  }
});

test("numbers read well", () => {
  assert.equal(count(3600000), "3,600,000");
  assert.equal(number(0.0123456789), "0.01234568");
  assert.equal(number(-0.5), "−0.5");
  assert.equal(number(1.5e-9), "1.5e−9");
  assert.equal(number(2e12), "2e12");
  assert.equal(number(0), "0");
  assert.equal(number(-Infinity), "−Infinity");
});

test("limits are as exact as their range needs", () => {
  assert.equal(rounded(0.26321512, 0.26), 0.2632);
  assert.equal(rounded(4.17e-6, 1), 0);
  assert.equal(rounded(1000.12345, 0.1), 1000.1235);
  assert.equal(rounded(123456.7, 1e6), 123457);
  assert.equal(rounded(3e-9, 5e-9), 3e-9);
  assert.equal(rounded(2, 1e300), 2);
});

test("times and frames are read as people type them", () => {
  assert.equal(seconds("12.5"), 12.5);
  assert.equal(seconds("12.5 s"), 12.5);
  assert.equal(seconds("1:23.5"), 83.5);
  assert.equal(seconds("1:02:03"), 3723);
  assert.equal(seconds("-3"), -3);
  assert.equal(seconds("1e2"), 100);
  for (const text of ["", "abc", "1:", "1:2:3:4", "--1", "0x10"]) assert.equal(seconds(text), NaN);
  assert.equal(frameIndex("3,599,999"), 3599999);
  assert.equal(frameIndex("12 000"), 12000);
  assert.equal(frameIndex("-1"), -1);
  for (const text of ["", "1.5", "ten"]) assert.equal(frameIndex(text), NaN);
});

test("speeds are numbers or fractions", () => {
  for (const [text, speed] of /** @type {const} */ ([["2", 2], ["2x", 2], [" .5 ×", 0.5], ["1/8", 0.125], ["1 / 8 x", 0.125]])) {
    assert.equal(speedOf(text), speed, text);
  }
  for (const text of ["", "x", "0", "-1", "1/0", "1/2/3", "1e3", "fast"]) assert.ok(Number.isNaN(speedOf(text)), text);
});

test("ticks are few, round, and within the limits, whatever these are", () => {
  assert.deepEqual(ticks({ low: -1, high: 1, from: null }), [-1, -0.5, 0, 0.5, 1]);
  assert.deepEqual(ticks({ low: 0, high: 0.043, from: null }), [0, 0.01, 0.02, 0.03, 0.04]);
  assert.deepEqual(ticks({ low: 0, high: 0.043, from: 4.3e-6 }), [1e-5, 1e-4, 1e-3, 1e-2]);
  assert.deepEqual(ticks({ low: 0, high: 90, from: 0.5 }), [0.5, 1, 5, 10, 50], "and what goes between few decades");
  assert.deepEqual(ticks({ low: 3, high: 4.1, from: 3 }), [3, 3.2, 3.4, 3.6, 3.8, 4], "none between: as a linear scale");
  assert.deepEqual(ticks({ low: 1e-12, high: 1, from: 1e-12 }), [1e-12, 1e-9, 1e-6, 1e-3, 1].map(Number));
  let seed = 1;
  const random = () => (seed = seed * 16807 % 2147483647) / 2147483647;
  for (let i = 0; i < 2000; i += 1) {
    const low = (random() - 0.5) * 10 ** (random() * 30 - 15);
    const high = low + (random() + 1e-3) * 10 ** (random() * 30 - 15);
    if (high - low < Math.abs(low) * 1e-9) continue;
    const found = ticks({ low, high, from: null });
    const near = (high - low) * 1e-6;
    assert.ok(found.length >= 3 && found.length <= 7, `${low}…${high}: ${found}`);
    assert.ok(found.every((tick, at) => tick >= low - near && tick <= high + near && tick > (found[at - 1] ?? -Infinity)), `${low}…${high}: ${found}`);
    const from = 10 ** (random() * 20 - 15);
    const decades = ticks({ low: 0, high: from * (1 + random() * 10 ** (random() * 9)), from });
    assert.ok(decades.length >= 3 && decades.length <= 7, `${from}: ${decades}`);
  }
  assert.deepEqual(ticks({ low: 1, high: 1, from: null }), []);
  assert.ok(ticks({ low: 16777215, high: 16777216, from: null }).length < 8);
  assert.ok(ticks({ low: 0, high: 1, from: 2 }).length < 8, "a floor above the upper limit");
});

test("a place on a scale is its value's", () => {
  const log = axis(1e-3);
  assert.ok(Math.abs(log.value(log.place(0.5)) - 0.5) < 1e-12);
  assert.equal(log.place(-1), log.place(1e-3), "below the beginning is at it");
  assert.equal(axis(null).place(-1), -1);
});

test("places have the digits of their bins", () => {
  assert.deepEqual([1003, 1003.25, 1003.5].map((x) => place([x, 1202], 0.25)), ["(1003, 1202)", "(1003.25, 1202)", "(1003.5, 1202)"]);
  assert.equal(place([543211.15, 4649777.05], 2), "(543211.15, 4649777.05)");
  assert.equal(place([12.345678, 1e-12], 5), "(12.35, 0)");
  assert.equal(place([0.00012345, -0.00067891], 1e-6), "(0.00012345, −0.00067891)");
});

test("ticks are told apart, however far from zero", () => {
  assert.deepEqual([4649776, 4649778, 4649780].map((y) => fine(y, 2)), ["4649776", "4649778", "4649780"]);
  assert.deepEqual([1e6, 1e6 + 0.2, 1e6 + 0.4].map((value) => fine(value, 0.2)), ["1000000", "1000000.2", "1000000.4"]);
  assert.deepEqual([1e-4, 1e-3, 1].map((value) => fine(value, 1e-4)), ["0.0001", "0.001", "1"]);
  assert.equal(fine(0, 0.1), "0");
  for (let power = -12; power <= 12; power += 1) {
    for (const start of [0, 1, 1003, 1e6, 4649777, -543211]) {
      const step = 2 * 10 ** power;
      if (Math.abs(start) / step > 1e12) continue; // beyond what float64 keeps apart with room to spare
      const told = Array.from({ length: 9 }, (_, at) => fine(start + at * step, step));
      assert.equal(new Set(told).size, 9, `${start} in steps of ${step}: ${told}`);
    }
  }
});

test("values keep what tells one float32 from the next", () => {
  const next = [1000000, 1000000.0625, 1000000.125].map(Math.fround);
  assert.deepEqual(next.map((value) => number(value)), ["1000000", "1000000.06", "1000000.1"]);
  assert.equal(number(Math.fround(0.1)), "0.1");
  assert.equal(typed(Math.fround(0.3)), "0.3");
  assert.equal(typed(1000000.69), "1000000.69");
  assert.equal(typed(543211.123456), "543211.123456");
});
