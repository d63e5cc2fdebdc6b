/** What a hand does, and whether what it points at is what is drawn there. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Window } from "./chromium.js";
import { Session } from "./session.js";
import { Site } from "./site.js";

/** Frames before a gap of 59 minutes. */
const BEFORE = 1000;

class Gapped extends Session {
  /** @param {number} frame */
  time(frame) {
    return super.time(frame) + (frame < BEFORE ? 0 : 59 * 60);
  }
}
const gapped = new Gapped({ name: "gapped", frames: 2000, grid: [16, 10], chunk: 250, timeArray: true });
/** A thousand times as wide as high, 16 × 10 bins. */
const flat = new Session({
  name: "flat", frames: 100, grid: [16, 10], chunk: 50,
  environment: { schema_version: "Environment-v1", layout_type: "RegularGrid", n_dims: 2, n_bins: 160, bin_centers: Array.from({ length: 160 }, (_, bin) => [Math.floor(bin / 10) * 1000, bin % 10]) },
});

/** @type {Site} */
let site;
before(async () => {
  site = await Site.start();
  for (const session of [gapped, flat]) site.server.mount(`data/${session.shape.name}/`, session.source);
});
after(() => site.stop());

/**
 * Points at places all over a part of the window: what the viewer finds there has the colour that is there.
 *
 * @param {Window} window
 * @param {{ x: number, y: number, width: number, height: number }} part  CSS pixels of the window
 * @returns {Promise<number>}  how many bins were met
 */
async function pointsAtWhatIsDrawn(window, part) {
  // Nothing lies on the picture.
  await window.page.waitForFunction(() => document.querySelector(".notice") === null, undefined, { timeout: 20_000 });
  await window.setState({ scene: { scaleBar: false }, layers: [{ name: "posterior", limits: [0, 1], colormap: "turbo" }] });
  const screen = await window.screen();
  const size = window.page.viewportSize() ?? assert.fail();
  const scale = screen.width / size.width;
  const points = [...Array(400).keys()].map((at) => ({
    x: Math.round(part.x + part.width * (((at * 0.618034) % 1) * 0.96 + 0.02)) + 0.5,
    y: Math.round(part.y + part.height * ((at + 0.5) / 400 * 0.96 + 0.02)) + 0.5,
  }));
  /** @type {{ bin: number | null, color: number[] }[]} */
  const found = await window.run(`(() => {
    const box = document.getElementById("canvas").getBoundingClientRect();
    return ${JSON.stringify(points)}.map(({ x, y }) => {
      const point = { x: x - box.x, y: y - box.y };
      const near = [[0, 0], [3, 0], [-3, 0], [0, 3], [0, -3]].map(([dx, dy]) => viewer.probe({ x: point.x + dx, y: point.y + dy }));
      // At an edge a pixel of the screen may be of two bins.
      const edge = near.some(({ bin }) => bin !== near[0].bin);
      const { bin, value } = near[0];
      return { bin: edge ? null : bin, color: value === null ? [] : [...viewer.colors({ values: [value] })] };
    });
  })()`);
  const bins = new Set();
  points.forEach(({ x, y }, at) => {
    const { bin, color } = found[at] ?? assert.fail();
    if (bin === null) return;
    const pixel = (Math.floor(y * scale) * screen.width + Math.floor(x * scale)) * 4;
    const seen = [...screen.data.subarray(pixel, pixel + 3)];
    // The browser may round what it enlarges.
    assert.ok(seen.every((level, i) => Math.abs(level - (color[i] ?? NaN)) <= 1), `bin ${bin} at (${x}, ${y}): ${seen} is not ${color}`);
    bins.add(bin);
  });
  return bins.size;
}

/** @param {Window} window @param {string} selector */
const boxOf = async (window, selector) => (await window.page.locator(selector).boundingBox()) ?? assert.fail(selector);

test("under device emulation the pointer and the scale bar go by the canvas's own pixels", async () => {
  for (const deviceScaleFactor of [1, 2, 3]) {
    const window = await site.open("data/sharded/", { context: { deviceScaleFactor } });
    await window.seek({ frame: 500 });
    const bins = await pointsAtWhatIsDrawn(window, await boxOf(window, "#canvas"));
    assert.ok(bins > 80, `${bins} bins at ${deviceScaleFactor}`);
    // The bar is as long as that many bins, each of one cm, are on the screen.
    await window.setState({ scene: { scaleBar: true } });
    const length = (await boxOf(window, "#scale-bar")).width;
    const cm = Number((await window.page.locator("#scale-bar").textContent())?.replace(" cm", ""));
    const canvas = await window.page.locator("#canvas").evaluate((node) => {
      const canvas = /** @type {HTMLCanvasElement} */ (node);
      return { width: canvas.width, height: canvas.height, css: canvas.clientWidth };
    });
    const at = (/** @type {number} */ x) => `viewer.project({ x: ${x}, y: 5, width: ${canvas.width}, height: ${canvas.height} }).x`;
    const drawn = (await window.run(`${at(cm)} - ${at(0)}`)) * canvas.css / canvas.width;
    assert.ok(Math.abs(length - drawn) < 1.5, `${cm} cm are ${drawn} CSS pixels, the bar ${length}, at ${deviceScaleFactor}`);
    await window.screenshot(`emulated-${deviceScaleFactor}`);
    await window.close();
  }
});

test("a canvas beyond the limit of the GPU is drawn smaller, and nothing in it is stretched", async () => {
  const window = await site.open("data/sharded/");
  await window.seek({ frame: 500 });
  // The middle of a canvas that is much wider than the window.
  await window.page.evaluate(() => {
    const picture = /** @type {HTMLElement} */ (document.getElementById("picture"));
    const { width } = picture.getBoundingClientRect();
    picture.style.width = "10000px";
    picture.style.marginLeft = `${(width - 10_000) / 2}px`;
  });
  await window.page.waitForFunction(() => /** @type {HTMLCanvasElement} */ (document.getElementById("canvas")).width === 8192);
  const [width, height, cssHeight] = await window.page.locator("#canvas").evaluate((node) => {
    const canvas = /** @type {HTMLCanvasElement} */ (node);
    return [canvas.width, canvas.height, canvas.clientHeight];
  });
  assert.ok(Math.abs((width ?? 0) / 10_000 - (height ?? 0) / (cssHeight ?? 0)) < 0.6 / (cssHeight ?? 0), `${width} × ${height}`);
  const [panel, bar] = [await boxOf(window, "#panel"), await boxOf(window, "#colorbar")];
  const stage = await boxOf(window, "#stage");
  const bins = await pointsAtWhatIsDrawn(window, { ...stage, x: panel.width, width: stage.width - bar.width });
  assert.ok(bins > 80, `${bins} bins`);
  // A picture asked for beyond it is likewise what `project` says.
  const [x, y] = await window.run(`viewer.pixels({ width: 16384, height: 64 }).then((image) => [image.width, image.height])`);
  assert.deepEqual([x, y], [8192, 32]);
  const [inside, same] = await window.run(`[viewer.project({ x: 8, y: 5, width: 16384, height: 64 }), viewer.project({ x: 8, y: 5, width: 8192, height: 32 })]`);
  assert.deepEqual(inside, same);
  await window.close();
});

test("playing backwards goes on backwards after the slider was held", async () => {
  const window = await site.open("data/sharded/");
  await window.seek({ frame: 150_000 });
  await window.run(`viewer.play({ direction: -1 })`);
  const slider = await boxOf(window, "#slider");
  const { mouse } = window.page;
  await mouse.move(slider.x + slider.width * 0.7, slider.y + slider.height / 2);
  await mouse.down();
  assert.equal(await window.run("viewer.playing"), false);
  await mouse.move(slider.x + slider.width * 0.5, slider.y + slider.height / 2, { steps: 4 });
  await mouse.up();
  assert.deepEqual([await window.run("viewer.playing"), await window.run("viewer.direction")], [true, -1]);
  await window.page.waitForFunction(() => {
    const shown = /** @type {any} */ (globalThis).events.filter((/** @type {any} */ { type }) => type === "frame").slice(-3);
    const frames = shown.map((/** @type {any} */ { detail }) => detail.frame);
    return frames[0] < 130_000 && frames[2] < frames[1] && frames[1] < frames[0];
  }, undefined, { timeout: 20_000 });
  await window.close();
});

test("waiting in a gap is said, and the key leaves it", async () => {
  for (const direction of [1, -1]) {
    const window = await site.open("data/gapped/");
    await window.seek({ frame: BEFORE - direction * 20 });
    await window.run(`viewer.play({ direction: ${direction} })`);
    await window.heard(/in a gap of 59 min; to skip gaps, choose .*skip.* or press K/);
    assert.equal((await window.events("frame")).at(-1).frame, BEFORE - 1, "the last frame before it stays, whichever way time runs");
    await window.screenshot("gap");
    await window.page.keyboard.press("k");
    await window.page.waitForFunction(([before, direction]) => {
      const { frame } = /** @type {any} */ (globalThis).events.filter((/** @type {any} */ { type }) => type === "frame").at(-1).detail;
      return (direction ?? 0) > 0 ? frame > (before ?? 0) + 10 : frame < (before ?? 0) - 10;
    }, [BEFORE, direction], { timeout: 10_000 });
    assert.equal(await window.page.locator("#gap").innerText(), "");
    await window.close();
  }
});

test("a link's camera that shows nothing is moved and told, and zooming out ends with the whole", async () => {
  for (const camera of ["1e9,1e9,1", "-1e6,5,40", "8,5,0.001"]) {
    const window = await Window.openReady(site.browser, site.url("data/sharded/", `#t=1&v=1&c=${camera}`));
    await window.heard(/Set (camera [xy]|zoom) to /);
    const { width, height } = await window.page.locator("#canvas").evaluate((node) => ({ width: node.clientWidth, height: node.clientHeight }));
    const met = await window.run(`[...Array(${Math.floor(width / 4)}).keys()].some((x) => [...Array(${Math.floor(height / 4)}).keys()]
      .some((y) => viewer.probe({ x: 4 * x, y: 4 * y }).bin !== null))`);
    assert.equal(met, true, `something is in view of c=${camera}`);
    await window.close();
  }
  const window = await site.open("data/sharded/");
  const box = await boxOf(window, "#canvas");
  await window.page.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.6);
  await window.page.mouse.wheel(0, -900);
  await window.page.waitForFunction(() => /** @type {any} */ (globalThis).viewer.state().camera.zoom > 7);
  for (let turn = 0; turn < 10; turn += 1) await window.page.mouse.wheel(0, 500);
  await window.page.waitForFunction(() => /** @type {any} */ (globalThis).viewer.state().camera.zoom === 1);
  await window.close();
});

test("bins thinner than a pixel are told, and each axis fits by itself where one wants it", async () => {
  const window = await site.open("data/flat/");
  await window.heard(/Bins are thinner than a pixel/);
  await window.screenshot("thin");
  await window.page.getByRole("button", { name: "Fit each axis" }).click();
  await window.page.locator("#thin").waitFor({ state: "hidden" });
  await window.screenshot("fitted");
  assert.ok(await pointsAtWhatIsDrawn(window, await boxOf(window, "#canvas")) > 100, "all of them are seen");
  const link = await window.link();
  assert.match(link, /&fx=1/);
  const other = await Window.openReady(site.browser, link);
  assert.deepEqual(await other.state(), await window.state());
  await other.close();
  await window.close();
});

test("what is held acts once", async () => {
  const window = await site.open("data/sharded/");
  for (const [key, name] of /** @type {const} */ ([["b", "borders"], ["x", "axes"]])) {
    for (let time = 0; time < 4; time += 1) await window.page.keyboard.down(key);
    await window.page.keyboard.up(key);
    assert.equal((await window.state()).scene[name], true, key);
  }
  for (let time = 0; time < 4; time += 1) await window.page.keyboard.down("Space");
  await window.page.keyboard.up("Space");
  assert.equal(await window.run("viewer.playing"), true);
  await window.close();
});
