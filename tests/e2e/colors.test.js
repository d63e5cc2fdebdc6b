/** Colours one can trust: what a value is said to look like is what is on screen, and limits are the command line's. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { Window } from "./chromium.js";
import { PROGRAM } from "./program.js";
import { Site, random, sharded } from "./site.js";

const DEMO = fileURLToPath(new URL("../../dist/demo.zarr", import.meta.url));
/** @type {[width: number, height: number]} */
const PICTURE = [640, 420];

/** @type {Site} */
let site;
before(async () => (site = await Site.start()));
after(() => site.stop());
beforeEach(() => site.server.heal());

/**
 * What `replayscope range` prints.
 *
 * @param {string} session
 * @param {string[]} options
 * @returns {Promise<Record<string, string>>}
 */
async function printed(session, ...options) {
  const { stdout } = await promisify(execFile)(PROGRAM, ["range", session, ...options]);
  return Object.fromEntries(stdout.trim().split("\n").map((line) => /^(\w+): (.*)$/.exec(line)?.slice(1) ?? []));
}

test("the viewer finds the range that the command line finds, to the last bit", async () => {
  const window = await site.open("demo.zarr");
  await window.settled();
  for (const [request, options] of [
    [null, []],
    [{}, []],
    [{ seed: 5 }, ["--seed", "5"]],
    [{ method: "peaks", samples: 9_000, seed: 5 }, ["--method", "peaks", "--samples", "9000", "--seed", "5"]],
    [{ method: "exact" }, ["--method", "exact"]],
    [{ method: "strided", stride: 7 }, ["--method", "strided", "--stride", "7"]],
    [{ method: "subset", samples: 300, seed: 3 }, ["--method", "subset", "--samples", "300", "--seed", "3"]],
    [{ method: "peaks", samples: 300, lower: 10, upper: 90 }, ["--method", "peaks", "--samples", "300", "--lower", "10", "--upper", "90"]],
    [{ method: "exact", vmax: 0.01 }, ["--method", "exact", "--vmax", "0.01"]],
  ]) {
    const range = await window.run(request ? `viewer.estimateRange(${JSON.stringify(request)})` : "viewer.range()");
    const expected = await printed(DEMO, .../** @type {string[]} */ (options));
    const { field, method } = range;
    const [low, high, frames, bytes, seed] = [range.low, range.high, range.frames, range.bytes, range.seed].map(String);
    assert.deepEqual(
      { field, low, high, method, frames, chunks: `${range.chunks} of ${(await window.session()).fields[0].chunks}`, bytes, seed },
      Object.fromEntries(Object.entries(expected).map(([key, value]) => [key, /^(low|high)$/.test(key) ? String(Number(value)) : value])),
      JSON.stringify(request));
  }
  // What the demo was packed with, of all its frames.
  assert.equal((await window.run("viewer.range()")).chunks, 0);
  await window.page.getByText(/^peak-based, all [\d,]+ frames$/).waitFor();
  for (const [request, words] of [
    [{ method: "best" }, /auto, exact, strided, subset, peaks/],
    [{ vmin: 2, vmax: 1 }, /vmin \(2\) has to be below vmax \(1\)/],
    [{ field: "likelihood" }, /the name of one of its fields/],
  ]) {
    await assert.rejects(window.run(`viewer.estimateRange(${JSON.stringify(request)})`), /** @type {RegExp} */ (words));
  }
  await window.close();
});

test("an estimate reads what it says, in the background, and gives way to what is to be shown", async () => {
  const window = await site.open("data/sharded/");
  await window.settled();
  const stride = 5_000;
  const since = site.server.log.length;
  site.server.fault({ path: "data/sharded/posterior", latency: 100 });
  await window.run(`void (globalThis.found = viewer.estimateRange({ method: "strided", stride: ${stride} }))`);
  await window.page.waitForTimeout(300);
  // Whatever was on its way, the seek's own chunk and its shard's index are the next that is asked for.
  const frame = 123_456;
  const before = site.server.log.length;
  await window.seek({ frame });
  const mine = `data/sharded/posterior/c/${Math.floor(frame / (sharded.shape.chunk * (sharded.shape.shard ?? 1)))}/0`;
  assert.equal(site.server.requests("data/sharded/posterior", before)[0]?.path, mine);
  site.server.heal();
  const found = await window.run("globalThis.found");
  let [low, high] = [Infinity, -Infinity];
  for (let at = 0; at < sharded.frames; at += stride) {
    for (const value of sharded.row(at)) {
      if (!Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  assert.deepEqual([found.low, found.high, found.chunks], [low, high, sharded.frames / stride]);
  assert.ok(found.bytes >= found.chunks * sharded.decodedChunk, `${found.bytes} bytes`);
  const fetched = site.server.requests("data/sharded/posterior/c/", since).filter(({ aborted }) => !aborted);
  assert.ok(fetched.length <= 2 * (found.chunks + 3), `${fetched.length} requests, each chunk's and its shard's index`);
  await window.close();
});

const LOOKS = [
  { colormap: "viridis", limits: [0.2, 0.7] },
  { colormap: "RdBu", limits: [0.1, 0.6], center: 0.5, reversed: true },
  { colormap: "cmo.phase", limits: [0, 1], gamma: 0.5 },
  { colormap: "CET_L3", limits: [0, 1], log: true, floor: 0.01 },
  { colormap: "magma", limits: [0.3, 0.6], under: "#0072b2", over: "#d55e00", noData: "#00ff00" },
  { colormap: "turbo", limits: [0, 1], steps: 5 },
  { colormap: "gray", limits: [0.1, 0.9], fade: true, opacity: 0.8 },
  { colormap: "twilight", limits: "frame" },
];

test("what a value is said to look like is what is on screen, and in the link", async () => {
  const window = await site.open("data/sharded/");
  const below = random(6);
  const background = [255, 250, 240];
  await window.setState({ scene: { background: "#fffaf0" } });
  for (const look of LOOKS) {
    const layer = { name: "posterior", log: false, floor: null, center: null, steps: null, reversed: false, fade: false, gamma: 1, opacity: 1, under: null, over: null, ...look };
    await window.setState({ layers: [layer] });
    await window.run("viewer.allColormaps().then(() => {})");
    const frame = below(sharded.frames);
    await window.seek({ frame });
    const check = async (/** @type {Window} */ shown) => {
      const pixels = await shown.pixels(...PICTURE);
      const { colors, places } = await shown.run(`(() => {
        const values = Array.from({ length: ${sharded.bins} }, (_, bin) => viewer.bin(bin));
        return {
          colors: [...viewer.colors({ values: values.map(({ value }) => value) })],
          places: values.map(({ center: [x, y] }) => viewer.project({ x, y })),
        };
      })()`);
      let seen = 0;
      for (let bin = 0; bin < sharded.bins; bin += 1) {
        const { x, y } = places[bin];
        const at = (Math.floor(y) * PICTURE[0] + Math.floor(x)) * 4;
        const alpha = colors[bin * 4 + 3] / 255 * layer.opacity;
        const expected = background.map((level, channel) => level * (1 - alpha) + colors[bin * 4 + channel] * alpha);
        const near = expected.every((level, channel) => Math.abs(level - (pixels[at + channel] ?? NaN)) <= 1.01);
        // A trail may lie over some of them.
        seen += near ? 1 : 0;
      }
      assert.ok(seen > sharded.bins * 0.8, `${JSON.stringify(look)}: ${seen} of ${sharded.bins} bins are as told`);
      return pixels;
    };
    const pixels = await check(window);
    const copy = await Window.openReady(site.browser, await window.link());
    assert.deepEqual(await copy.state(), await window.state());
    assert.ok((await check(copy)).equals(pixels), `${JSON.stringify(look)}: the link shows the same picture`);
    await copy.close();
  }
  await window.screenshot("colors");
  await window.close();
});

test("a link with a colormap that the page has not got is never shown in another one", async () => {
  const window = await Window.open(site.browser, site.url("data/sharded/", "#t=1&l=posterior;c:cmo.balance;r:0,1"));
  await window.ready();
  const first = await window.pixels(...PICTURE);
  await window.run("viewer.allColormaps().then(() => viewer.setState({}))");
  assert.ok((await window.pixels(...PICTURE)).equals(first));
  const lut = await window.run(`[...viewer.colormaps().find(({ name }) => name === "cmo.balance").lut]`);
  assert.ok([24, 28, 67].every((level, channel) => Math.abs(level - lut[channel]) <= 1), `cmocean's first colour, not ${lut.slice(0, 3)}`);
  const used = new Set();
  for (let at = 0; at < first.length; at += 4) used.add(first.subarray(at, at + 3).join());
  const known = Array.from({ length: 256 }, (_, entry) => lut.slice(entry * 3, entry * 3 + 3).join()).filter((color) => used.has(color));
  assert.ok(known.length > 20, `${known.length} of its colours`);
  await window.close();
});

test("limits, histogram and colour bar by hand", async () => {
  const window = await site.open("demo.zarr");
  await window.settled();
  const { page } = window;
  const limits = async () => (await window.state()).layers[0].limits;
  await page.locator("#colorbar-high").fill("0.5");
  await page.locator("#colorbar-high").press("Enter");
  assert.deepEqual(await limits(), [null, 0.5]);
  assert.equal((await window.run("viewer.range()")).high, 0.5);
  const paths = page.locator(".histogram path");
  for (const at of [0, 1]) assert.match(await paths.nth(at).getAttribute("d") ?? "", /^M0 40V/);
  await page.locator(".histogram").first().click({ button: "right" });
  assert.equal(await limits(), null);
  await page.getByRole("button", { name: "Follow" }).first().click();
  assert.equal(await limits(), "frame");
  const highs = new Set();
  for (const frame of [100, 900, 2000]) {
    await window.seek({ frame });
    const values = await window.values(frame);
    const range = await window.run("viewer.range()");
    assert.deepEqual([range.low, range.high, range.method], [Math.min(...values), Math.max(...values), "frame"]);
    highs.add(range.high);
  }
  assert.equal(highs.size, 3);
  await page.getByRole("button", { name: "Auto" }).first().click();
  await page.locator("details.coloring summary").first().click();
  await page.getByLabel("posterior: log, from").check();
  assert.notEqual((await window.run("viewer.range()")).from, null);
  await window.screenshot("contrast");
  await window.close();
});
