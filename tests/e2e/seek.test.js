/** What is on the screen is exactly the data: values, colours and the canvas itself, at random frames. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { folder } from "./server.js";
import { npyRows } from "./session.js";
import { Site, bits, plain, random, sharded, sharedData } from "./site.js";

/** @type {Site} */
let site;
before(async () => (site = await Site.start()));
after(() => site.stop());

const GRAY = { layers: [{ name: "posterior", colormap: "gray", limits: [0, 1], gamma: 1, opacity: 1 }] };
/** @type {[width: number, height: number]} */
const PICTURE = [400, 200];

test("50 random seeks show exactly the right frame", async () => {
  const window = await site.open("data/sharded/");
  await window.setState(GRAY);
  const place = await layout(window, sharded);
  const below = random(1);
  for (let turn = 0; turn < 50; turn += 1) {
    const absent = (20 + turn) * sharded.shape.chunk + 5; // in chunks that are not stored
    const frame = turn < 2 ? absent : below(sharded.frames);
    assert.deepEqual(await window.seek({ frame }), { frame, time: sharded.time(frame) });
    assert.deepEqual(bits(await window.values(frame)), bits(sharded.row(frame)), `values of frame ${frame}`);
    const pixels = await window.pixels(...PICTURE);
    checkColours(pixels, place, sharded.row(frame), `frame ${frame}`);
    if (turn % 10 === 0) await checkCanvas(window, `frame ${frame}`);
  }
  await window.screenshot("seek");
  await window.close();
});

test("times and frames name each other, and what is out of range is clamped", async () => {
  const window = await site.open("data/plain/", { expectErrors: true });
  assert.equal((await window.session()).frames, plain.frames);
  assert.deepEqual(await window.seek({ time: 12.346 }), { frame: 6173, time: plain.time(6173) });
  assert.deepEqual(bits(await window.values(6173)), bits(plain.row(6173)));
  assert.deepEqual(await window.seek({ frame: 1e9 }), { frame: plain.frames - 1, time: plain.time(plain.frames - 1) });
  assert.deepEqual(await window.seek({ time: -5 }), { frame: 0, time: 0 });
  await window.close();
});

test("the latest of many seeks is the one that is shown", async () => {
  const window = await site.open("data/sharded/");
  await window.setState(GRAY);
  const place = await layout(window, sharded);
  const below = random(2);
  const frames = Array.from({ length: 30 }, () => below(sharded.frames));
  const outcomes = await window.run(`Promise.all(${JSON.stringify(frames)}.map((frame) =>
    viewer.seek({ frame }).then((shown) => shown.frame, (error) => error.name)))`);
  const last = frames[frames.length - 1] ?? 0;
  assert.equal(outcomes.at(-1), last);
  // A seek whose chunk is in memory may be shown before the next one comes; it is then right, and not superseded.
  outcomes.forEach((/** @type {unknown} */ outcome, /** @type {number} */ at) =>
    assert.ok(outcome === "AbortError" || outcome === frames[at], `seek ${at} to ${frames[at]}: ${outcome}`));
  assert.ok(outcomes.filter((/** @type {unknown} */ outcome) => outcome === "AbortError").length > 20);
  checkColours(await window.pixels(...PICTURE), place, sharded.row(last), `frame ${last}`);
  await checkCanvas(window, `frame ${last}`);
  await window.close();
});

test("a real session's values are its numpy array's, bit for bit", async (context) => {
  const cut = fileURLToPath(new URL("../fixtures/sargolini", import.meta.url));
  const data = sharedData();
  const whole = data && path.join(data, "sessions/sargolini");
  if (!whole) context.diagnostic("REPLAYSCOPE_TEST_DATA is not there: the cut in tests/fixtures is read instead");
  const home = whole ?? cut;
  const rows = await npyRows(path.join(home, "posterior.npy"));
  site.server.mount("real/", folder(home));
  for (const name of ["posterior.zarr", "sharded.zarr"]) {
    assert.ok(existsSync(path.join(home, name, "zarr.json")), `${home} has ${name}`);
    const window = await site.open(`real/${name}`);
    const { frames } = await window.session();
    const below = random(3);
    for (let turn = 0; turn < 200; turn += 1) {
      const frame = turn === 0 ? Math.min(4010, frames - 1) : below(frames);
      assert.deepEqual(bits(await window.values(frame)), bits(rows(frame)), `${name}, frame ${frame}`);
    }
    await window.seek({ frame: Math.floor(frames * 0.4) });
    await window.screenshot(`sargolini-${name}`);
    await window.close();
  }
});

/**
 * Where the environment lies in the offscreen picture, found from the picture itself: everything that is not as the
 * corner is, over a few frames.
 *
 * @param {import("./chromium.js").Window} window
 * @param {import("./session.js").Session} session
 */
async function layout(window, session) {
  const [width, height] = PICTURE;
  const box = { left: width, right: -1, top: height, bottom: -1 };
  for (const frame of [1, 2, 3]) {
    await window.seek({ frame });
    const pixels = await window.pixels(width, height);
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const at = (y * width + x) * 4;
        if ([0, 1, 2].every((channel) => pixels[at + channel] === pixels[channel])) continue;
        box.left = Math.min(box.left, x);
        box.right = Math.max(box.right, x);
        box.top = Math.min(box.top, y);
        box.bottom = Math.max(box.bottom, y);
      }
    }
  }
  const [nx, ny] = session.shape.grid;
  const cell = [(box.right + 1 - box.left) / nx, (box.bottom + 1 - box.top) / ny];
  assert.ok(Math.abs(/** @type {number} */ (cell[0]) - /** @type {number} */ (cell[1])) < 0.3, `cells are square, not ${cell}`);
  assert.ok(/** @type {number} */ (cell[0]) > 8, `the environment fills the picture; its cells are ${cell} pixels`);
  return { ...box, nx, ny };
}

/**
 * Each bin's middle has the colour its value says: gray, limits 0 and 1, y up.
 *
 * @param {Buffer} pixels
 * @param {Awaited<ReturnType<typeof layout>>} place
 * @param {Float32Array} row
 * @param {string} what
 */
function checkColours(pixels, place, row, what) {
  const [width] = PICTURE;
  let noData = "";
  row.forEach((value, bin) => {
    const [column, line] = [Math.floor(bin / place.ny), bin % place.ny];
    const x = Math.floor(place.left + ((column + 0.5) * (place.right + 1 - place.left)) / place.nx);
    const y = Math.floor(place.bottom + 1 - ((line + 0.5) * (place.bottom + 1 - place.top)) / place.ny);
    const at = (y * width + x) * 4;
    const colour = [...pixels.subarray(at, at + 3)];
    if (Number.isNaN(value)) {
      noData ||= colour.join();
      assert.equal(colour.join(), noData, `${what}: all NaN bins have one colour`);
      return;
    }
    const level = Math.min(Math.floor(value * 256), 255);
    assert.ok(colour.every((channel) => Math.abs(channel - level) <= 1), `${what}, bin ${bin}, value ${value}: ${colour} is not gray ${level}`);
  });
}

/**
 * What the screen shows is what `pixels()` draws, in the middle of the canvas (the page lays things over its edges).
 *
 * @param {import("./chromium.js").Window} window
 * @param {string} what
 */
async function checkCanvas(window, what) {
  const shown = await window.canvas();
  const drawn = await window.pixels(shown.width, shown.height);
  let worst = 0;
  for (let y = Math.floor(shown.height * 0.35); y < shown.height * 0.65; y += 1) {
    for (let x = Math.floor(shown.width * 0.2); x < shown.width * 0.8; x += 1) {
      const at = (y * shown.width + x) * 4;
      for (const channel of [0, 1, 2]) {
        worst = Math.max(worst, Math.abs((shown.data[at + channel] ?? 0) - (drawn[at + channel] ?? 0)));
      }
    }
  }
  assert.ok(worst <= 1, `${what}: the canvas differs from pixels() by ${worst}`);
}
