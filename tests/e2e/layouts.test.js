/** Every spatial layout in the real viewer: where bins are, what is found under the pointer, and what a link keeps of it. */
import assert from "node:assert/strict";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { Window } from "./chromium.js";
import { folder } from "./server.js";
import { Site, random, sharedData } from "./site.js";

const FIXTURES = fileURLToPath(new URL("../fixtures/environments/", import.meta.url));
const FRAMES = 3;
/** The fixtures are the .json alone; that the .npz is looked for, Chromium logs as an error. */
const NO_NPZ = { expectErrors: true };

/** neurospatial's layouts, and what each is drawn as. */
const LAYOUTS = {
  masked: "grid", polygon: "grid", hexagonal: "hexagons", triangularmesh: "triangles", graph: "track", polar: "annular wedges",
};

/** @type {Site} */
let site;
/** @type {string} */
let home;

before(async () => {
  site = await Site.start();
  home = await mkdtemp(path.join(tmpdir(), "layouts-"));
  for (const name of Object.keys(LAYOUTS)) await session(name, FIXTURES);
  const data = sharedData();
  if (data) await session("grid", path.join(data, "environments"), true);
  site.server.mount("layouts/", folder(home));
});
after(async () => {
  await site.stop();
  await rm(home, { recursive: true });
});

/**
 * Writes NAME.session.json, of neurospatial's environment and a field in which each bin has a value of its own.
 *
 * @param {string} name
 * @param {string} from
 * @param {boolean} [arrays]  whether the .npz is there as well
 */
async function session(name, from, arrays = false) {
  await copyFile(path.join(from, `${name}.json`), path.join(home, `${name}.json`));
  if (arrays) await copyFile(path.join(from, `${name}.npz`), path.join(home, `${name}.npz`));
  const bins = JSON.parse(await readFile(path.join(home, `${name}.json`), "utf8")).n_bins;
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${FRAMES}, ${bins}), }\n`;
  const values = Float32Array.from({ length: FRAMES * bins }, (_, at) => valueOf(Math.floor(at / bins), at % bins, bins));
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  const npy = Buffer.concat([Buffer.from("\x93NUMPY\x01\x00", "latin1"), length, Buffer.from(header), Buffer.from(values.buffer)]);
  await writeFile(path.join(home, `${name}.npy`), npy);
  await writeFile(path.join(home, `${name}.session.json`), JSON.stringify({
    version: 1, time: { start: 0, rate: 500 }, environment: `${name}.json`,
    fields: [{ name: "posterior", array: `${name}.npy`, colormap: "viridis", range: [0, 1] }],
  }));
}

/** @param {number} frame @param {number} bin @param {number} bins */
const valueOf = (frame, bin, bins) => Math.fround(((bin + 0.5) / bins + frame / FRAMES) % 1);

/** @param {[number, number][]} polygon @param {[number, number]} place */
function inside(polygon, [x, y]) {
  let odd = false;
  for (const [i, [ax, ay]] of polygon.entries()) {
    const [bx, by] = polygon[(i + 1) % polygon.length] ?? [0, 0];
    if (ay > y !== by > y && x < ax + (y - ay) / (by - ay) * (bx - ax)) odd = !odd;
  }
  return odd;
}

/** @param {[number, number][]} polygon @param {[number, number]} place */
function gap(polygon, [x, y]) {
  return Math.min(...polygon.map(([ax, ay], i) => {
    const [bx, by] = polygon[(i + 1) % polygon.length] ?? [0, 0];
    const [dx, dy] = [bx - ax, by - ay];
    const t = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
    return Math.hypot(ax + t * dx - x, ay + t * dy - y);
  }));
}

/**
 * Places all over the bins' box, and their pixels in a picture of a size, by the handle.
 *
 * @param {Window} window
 * @param {number} count
 * @param {{ width: number, height: number }} size
 */
async function survey(window, count, size) {
  const below = random(5);
  const shares = Array.from({ length: count }, () => [below(1e6) / 1e6, below(1e6) / 1e6]);
  return window.page.evaluate(({ shares, size }) => {
    /** @type {any} */
    const { viewer } = globalThis;
    /** @type {[number, number][][]} */
    const polygons = Array.from({ length: viewer.session.bins }, (_, bin) => viewer.polygon(bin));
    const all = polygons.flat();
    const [low, high] = [Math.min, Math.max].map((pick) => [0, 1].map((axis) => all.reduce((best, corner) => pick(best, corner[axis]), all[0][axis])));
    /** @type {[number, number][]} */
    const places = shares.map(([u, v]) => [low[0] + u * (high[0] - low[0]), low[1] + v * (high[1] - low[1])]);
    return {
      polygons, places,
      bins: places.map(([x, y]) => viewer.binAt({ x, y })),
      pixels: places.map(([x, y]) => viewer.project({ x, y, ...size })),
      luts: [...viewer.colormaps().find((/** @type {any} */ map) => map.name === "viridis").lut],
    };
  }, { shares, size });
}

/**
 * The bin found is the bin that holds the place, and the pixel there has that bin's colour.
 *
 * @param {Window} window
 * @param {number} frame
 */
async function check(window, frame) {
  const size = { width: 421, height: 333 };
  const { polygons, places, bins, pixels, luts } = await survey(window, 1000, size);
  const data = await window.pixels(size.width, size.height);
  let [found, seen] = [0, 0];
  for (const [i, place] of places.entries()) {
    const holders = polygons.flatMap((polygon, bin) => (inside(polygon, place) ? [bin] : []));
    assert.ok(holders.length <= 1, `bins ${holders} at ${place}`);
    assert.equal(bins[i], holders[0] ?? null, `at ${place}`);
    const bin = holders[0];
    if (bin === undefined) continue;
    found += 1;
    // Half a diagonal from the pixel's centre to the place, as much again for what is smoothed.
    const pixel = pixels[i] ?? assert.fail();
    const [column, row] = [Math.floor(pixel.x), Math.floor(pixel.y)];
    const unit = Math.hypot(pixel.x - (pixels[0]?.x ?? 0), pixel.y - (pixels[0]?.y ?? 0)) / Math.hypot(place[0] - (places[0]?.[0] ?? 0), place[1] - (places[0]?.[1] ?? 0));
    if (i === 0 || gap(polygons[bin] ?? [], place) * unit < 1.5) continue;
    seen += 1;
    const entry = Math.min(255, Math.floor(valueOf(frame, bin, polygons.length) * 256));
    const got = [...data.subarray((row * size.width + column) * 4, (row * size.width + column) * 4 + 3)];
    const near = [-1, 0, 1].some((step) => {
      const at = Math.max(0, Math.min(255, entry + step)) * 3;
      return got.every((level, channel) => Math.abs(level - (luts[at + channel] ?? -9)) <= 1);
    });
    assert.ok(near, `bin ${bin} at ${place} is ${got}, and not colour ${entry}: ${luts.slice(entry * 3, entry * 3 + 3)}`);
  }
  assert.ok(found > 100 && seen > 50, `${found} places in bins, ${seen} away from edges`);
}

for (const [name, layout] of Object.entries(LAYOUTS)) {
  test(`${layout} (${name}): what is found at 1,000 places is what is drawn there, turned and side by side too`, async () => {
    const window = await site.open(`layouts/${name}.session.json`, NO_NPZ);
    const opened = await window.session();
    assert.equal(opened.layout, layout, opened.notes.join("\n"));
    assert.equal(opened.linearised, layout === "track");
    // A region would tint what is under it.
    await window.setState({ layers: opened.regions.map((/** @type {{ name: string }} */ { name }) => ({ name, visible: false })) });
    await check(window, 0);
    await window.seek({ frame: 2 });
    await window.setState({ camera: { rotation: 90 } });
    await check(window, 2);
    if (opened.linearised) {
      await window.setState({ scene: { linearised: true } });
      await check(window, 2);
    }
    await window.screenshot(`layout-${name}`);
    await window.close();
  });
}

test("a click pins the bin under it, and the link shows the same pins, turn and scene to somebody else", async () => {
  const window = await site.open("layouts/hexagonal.session.json", NO_NPZ);
  const box = (await window.page.locator("#canvas").boundingBox()) ?? assert.fail();
  const at = await window.page.evaluate(({ width, height }) => {
    /** @type {any} */
    const { viewer } = globalThis;
    const [x, y] = viewer.bin(77).center;
    return viewer.project({ x, y, width: Math.round(width), height: Math.round(height) });
  }, box);
  await window.page.mouse.click(box.x + at.x, box.y + at.y);
  assert.deepEqual((await window.state()).pinned, [77]);
  await window.page.keyboard.press("r");
  await window.page.keyboard.press("b");
  await window.page.keyboard.press("x");
  const state = await window.state();
  assert.deepEqual(state.scene, { background: "#14161a", borders: true, axes: true, scaleBar: true, linearised: false, fitAxes: false });
  const other = await Window.openReady(site.browser, await window.link(), NO_NPZ);
  assert.deepEqual(await other.state(), state);
  assert.deepEqual([...(await other.pixels(200, 150))], [...(await window.pixels(200, 150))]);
  assert.match((await other.page.locator("#pins").textContent()) ?? "", /bin 77 at/);
  await window.screenshot("pinned");
  await other.close();
  await window.close();
});

test("a pinned bin's outline and a region's are in the picture, and gone when they are off", async () => {
  const window = await site.open("layouts/masked.session.json", NO_NPZ);
  const { regions } = await window.session();
  assert.deepEqual(regions.map((/** @type {any} */ { name, type }) => [name, type]), [["goal", "point"], ["zone", "polygon"]]);
  const hidden = regions.map((/** @type {any} */ { name }) => ({ name, visible: false }));
  const picture = async () => [...(await window.pixels(300, 300))];
  await window.setState({ layers: hidden });
  const bare = await picture();
  await window.setState({ layers: hidden.map((/** @type {any} */ { name }) => ({ name, visible: true })) });
  const changed = (/** @type {number[]} */ a, /** @type {number[]} */ b) => a.filter((level, at) => level !== b[at]).length;
  // 20 × 20 of about 41 × 41 units: a quarter of the picture, mixed with the region's colour.
  let differ = 0;
  for (let tries = 0; differ < 300 * 300 * 3 * 0.1; tries += 1) {
    assert.ok(tries < 50, `${differ} levels differ`);
    await window.page.waitForTimeout(100); // insides come after the first picture
    differ = changed(await picture(), bare);
  }
  await window.setState({ layers: hidden });
  await window.setState({ pinned: [40] });
  const pinned = await picture();
  assert.ok(changed(pinned, bare) > 50 && changed(pinned, bare) < 300 * 300 * 0.1, `${changed(pinned, bare)} levels differ`);
  await window.setState({ pinned: [] });
  assert.equal(changed(await picture(), bare), 0);
  await window.close();
});

test("a region is named at the pointer", async () => {
  const data = sharedData();
  if (!data) return void console.log("not run: no real environments");
  const window = await site.open("layouts/grid.session.json");
  const box = (await window.page.locator("#canvas").boundingBox()) ?? assert.fail();
  const at = await window.page.evaluate(({ width, height }) => (
    /** @type {any} */ (globalThis).viewer.project({ x: 35, y: 27, width: Math.round(width), height: Math.round(height) })
  ), box);
  await window.page.mouse.move(box.x + at.x, box.y + at.y);
  await window.page.locator("#region-label").waitFor();
  assert.equal(await window.page.locator("#region-label").textContent(), "zone");
  await window.screenshot("region");
  await window.close();
});
