/** Links, and numbers as people read and type them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { count, decimal, fine, frameIndex, lasting, number, place, rounded, seconds, speedOf, typed } from "../../www/format.js";
import { keyNames } from "../../www/keys.js";
import { linkOf, rateOf, sessionOf } from "../../www/link.js";
import { sizeOf } from "../../www/pixels.js";
import { axis, ticks } from "../../www/scale.js";
import { thickness } from "../../www/thin.js";

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

test("a number is read in one way, with a decimal point or comma", () => {
  for (const [text, value, whole = value] of /** @type {[string, number, number?][]} */ ([
    ["12.5", 12.5], ["12,5", 12.5], [" 7 ", 7], ["−3", -3], ["-,5", -0.5], ["+2.", 2], ["1,5e−3", 0.0015], ["1 234,5", 1234.5],
    ["1,234.5", 1234.5], ["3,599,999", 3599999], ["1'234", 1234], ["1,234", 1.234, 1234],
    ["", NaN], ["12,5,1", NaN], ["1.234.5", NaN], ["1 2", NaN], ["0x10", NaN], ["Infinity", NaN], ["five", NaN], ["1,23,456", NaN],
  ])) {
    assert.equal(decimal(text), value, text);
    assert.equal(decimal(text, true), whole, `${text}, a count`);
  }
  assert.equal(seconds("12,5 s"), 12.5);
  assert.equal(seconds("−1:23,5"), -83.5);
  assert.equal(seconds("1:-2"), NaN);
  assert.equal(speedOf("0,25×"), 0.25);
  assert.equal(frameIndex("12,5"), NaN, "no frame, and not the 125th");
  assert.equal(rateOf("https://lab.org/?session=a.npy&rate=29,97"), 29.97);
});

test("how long something lasts is said as one says it", () => {
  assert.deepEqual([0.5, 12.3, 99, 3540, 5400, 9000, 360_000].map(lasting), ["0.5 s", "12 s", "99 s", "59 min", "90 min", "2.5 h", "100 h"]);
});

/** What a key is called that types one thing and lies somewhere. */
const pressed = (/** @type {Partial<KeyboardEvent>[]} */ ...events) => {
  const nameOf = keyNames();
  const names = events.map((event) => nameOf({
    key: "", code: "", shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, getModifierState: () => false, ...event,
  }));
  return names.at(-1);
};

test("a key goes by its letter, and by its place where letters are not Latin", () => {
  for (const [layout, key, code, name] of [
    ["US", "w", "KeyW", "w"], ["AZERTY", "w", "KeyZ", "w"], ["AZERTY", "z", "KeyW", "z"], ["Dvorak", ",", "KeyW", ","],
    ["Dvorak", "b", "KeyN", "b"], ["QWERTZ", "ü", "BracketLeft", "ü"], ["Turkish", "ı", "KeyI", "ı"],
    ["Russian", "и", "KeyB", "b"], ["Russian", "И", "KeyB", "b"], ["Russian", "х", "BracketLeft", "["], ["Russian", "ъ", "BracketRight", "]"],
    ["Greek", "ς", "KeyW", "w"], ["Hebrew", "נ", "KeyB", "b"], ["Arabic", "لا", "KeyB", "b"], ["Thai", "ิ", "KeyB", "b"], ["Thai", "ช", "Equal", "="],
    ["Korean", "ㅔ", "KeyP", "p"], ["Russian", "ю", "Period", "ю"], ["any", " ", "Space", " "], ["any", "ArrowLeft", "ArrowLeft", "ArrowLeft"],
  ]) assert.equal(pressed({ key, code }), name, `${layout}: ${key} on ${code}`);
  assert.equal(pressed({ key: "к", code: "KeyR", ctrlKey: true }), "Ctrl+r");
  assert.equal(pressed({ key: "ฦ", code: "Slash", shiftKey: true }), "?");
  // A Hebrew keyboard has an apostrophe where W is; a Dvorak one has, too, where Q is.
  assert.equal(pressed({ key: "ש", code: "KeyA" }, { key: "'", code: "KeyW" }), "w");
  assert.equal(pressed({ key: "ש", code: "KeyA" }, { key: "a", code: "KeyA" }, { key: "'", code: "KeyQ" }), "'");
  assert.equal(pressed({ key: "и", code: "KeyB", metaKey: true }), null);
});

test("the canvas's own ratio counts, whatever the browser says of the screen", () => {
  /** @type {(inlineSize: number, blockSize: number) => ResizeObserverSize} */
  const box = (inlineSize, blockSize) => ({ inlineSize, blockSize });
  // Device emulation at 2 leaves the canvas its pixels; a privacy mode says 1 of a screen of 2.
  assert.deepEqual(sizeOf(box(640, 480), box(640, 480), 2), { width: 640, height: 480, ratio: 1 });
  assert.deepEqual(sizeOf(box(640, 480), box(1280, 960), 1), { width: 640, height: 480, ratio: 2 });
  assert.deepEqual(sizeOf(box(640, 480), undefined, 1.5), { width: 640, height: 480, ratio: 1.5 });
  assert.deepEqual(sizeOf(box(0, 480), box(0, 960), 1), { width: 0, height: 480, ratio: 2 });
  assert.deepEqual(sizeOf(box(0, 0), box(0, 0), 2), { width: 0, height: 0, ratio: 2 });
  // Whatever was rounded, the device's pixels come out whole.
  for (const [css, device] of [[box(533.3, 301.7), box(800, 453)], [box(100.5, 811.2), box(126, 1014)], [box(300.4, 20.6), box(901, 62)]]) {
    const { width, height, ratio } = sizeOf(css, device, 1);
    assert.deepEqual([Math.round(width * ratio), Math.round(height * ratio)], [device.inlineSize, device.blockSize]);
    assert.ok(Math.abs(width - css.inlineSize) < 1 && Math.abs(height - css.blockSize) < 1);
  }
});

test("how thick a bin is does not depend on how it lies, but on what a pixel is", () => {
  /** @type {(width: number, height: number, angle: number) => [number, number][]} */
  const rectangle = (width, height, angle) => [[0, 0], [width, 0], [width, height], [0, height]].map(([x = 0, y = 0]) =>
    [1e6 + x * Math.cos(angle) - y * Math.sin(angle), x * Math.sin(angle) + y * Math.cos(angle)]);
  for (const angle of [0, 0.3, 1, 2.5]) {
    assert.ok(Math.abs(thickness(rectangle(800, 0.08, angle), [1, 1]) - 0.08) < 1e-6, `${angle}`);
    assert.ok(Math.abs(thickness(rectangle(3, 3, angle), [1.5, 1.5]) - 2) < 1e-6, `${angle}`);
  }
  assert.equal(thickness(rectangle(10, 2, 0), [5, 4]), 0.5);
  assert.equal(thickness([], [1, 1]), 0);
  assert.equal(thickness([[3, 3], [3, 3], [3, 3]], [1, 1]), 0);
});

test("times and frames are read as people type them", () => {
  assert.equal(seconds("12.5"), 12.5);
  assert.equal(seconds("12.5 s"), 12.5);
  assert.equal(seconds("1:23.5"), 83.5);
  assert.equal(seconds("1:02:03"), 3723);
  // To the last bit of the number that its seconds alone would be.
  for (let frame = 0; frame < 30_000; frame += 7) {
    const shown = (frame / 29.97).toFixed(4);
    const [whole = "", fraction] = shown.split(".");
    assert.equal(seconds(`${Math.floor(Number(whole) / 60)}:${Number(whole) % 60}.${fraction}`), Number(shown));
  }
  assert.equal(seconds("472222:13:20.0013"), 1_700_000_000.0013);
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
  assert.equal(typed(98970584594426180000), "9.897058459442618e19");
});
