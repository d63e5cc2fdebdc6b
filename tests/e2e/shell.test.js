/** The page around the picture: the demo, the keys, the keyboard alone, sizes, and no errors in the console. */
import assert from "node:assert/strict";
import { copyFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { OUTPUT, Window } from "./chromium.js";
import { Site, bits, sharded } from "./site.js";

/** @type {Site} */
let site;
before(async () => (site = await Site.start()));
after(() => site.stop());

/** @param {Window} window */
const frame = async (window) => (await window.events("frame")).at(-1)?.frame;

/**
 * @param {Window} window
 * @param {number} expected
 */
const frameIs = (window, expected) => window.page.waitForFunction((wanted) => {
  const shown = /** @type {any} */ (globalThis).events.filter((/** @type {any} */ event) => event.type === "frame").at(-1);
  return shown?.detail.frame === wanted && shown.detail.exact;
}, expected, { timeout: 10_000 }).catch(async () => assert.fail(`frame ${await frame(window)} is shown, not ${expected}`));

test("the demo opens with one click, plays, and tells what is under the pointer", async () => {
  const window = await Window.open(site.browser, site.server.url);
  await window.page.getByRole("button", { name: /demo/i }).click();
  await window.ready();
  const session = await window.session();
  assert.ok(session.frames > 100 && session.bins > 100, JSON.stringify(session));
  assert.deepEqual(session.overlays.map((/** @type {any} */ overlay) => overlay.type), ["position"]);
  assert.equal(session.rate, 500);

  await window.page.getByRole("button", { name: "Play", exact: true }).click();
  await window.page.waitForFunction(() => /** @type {any} */ (globalThis).events
    .some((/** @type {any} */ { type, detail }) => type === "frame" && detail.frame > 200), undefined, { timeout: 20_000 });
  await window.page.keyboard.press("Space");
  assert.equal(await window.run("viewer.playing"), false);

  await window.run("viewer.resetView()");
  const box = await window.page.locator("#canvas").boundingBox();
  assert.ok(box);
  await window.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  const probe = await window.run(`viewer.probe({ x: ${box.width / 2}, y: ${box.height / 2} })`);
  const values = await window.values(await frame(window));
  assert.ok(probe.bin !== null, "the middle of the demo's arena is a bin");
  assert.deepEqual(bits(Float32Array.of(probe.value)), bits(values.slice(probe.bin, probe.bin + 1)));
  await window.page.getByText(new RegExp(`bin ${probe.bin}\\b`)).first().waitFor();
  await window.screenshot("demo");
  await window.close();
});

test("the README's picture", async () => {
  const window = await Window.openReady(site.browser, `${site.server.url}?session=demo.zarr`,
    { window: { width: 1280, height: 800 }, scheme: "dark" });
  const { frames } = await window.session();
  await window.seek({ frame: Math.floor(frames * 0.6) });
  await window.settled();
  await window.screenshot("readme");
  // Asked for by whoever means to commit it: a test run leaves the checkout as it was.
  if (process.env.REPLAYSCOPE_SCREENSHOT) {
    const target = fileURLToPath(new URL("../../docs/screenshot.png", import.meta.url));
    await copyFile(path.join(OUTPUT, "readme.png"), target);
  }
  await window.close();
  const light = await Window.openReady(site.browser, `${site.server.url}?session=demo.zarr`, { scheme: "light" });
  await light.screenshot("demo-light");
  await light.close();
});

test("every key does what the help says", async () => {
  const window = await site.open("data/sharded/");
  const { keyboard } = window.page;
  await keyboard.press("ArrowRight");
  await frameIs(window, 1);
  await keyboard.press("Shift+ArrowRight");
  await frameIs(window, 101);
  await keyboard.press("ArrowLeft");
  await frameIs(window, 100);
  await keyboard.press("End");
  await frameIs(window, sharded.frames - 1);
  await keyboard.press("Home");
  await frameIs(window, 0);
  await keyboard.press("Shift+ArrowLeft");
  await frameIs(window, 0);

  await keyboard.press("]");
  assert.equal((await window.state()).speed, 2);
  await keyboard.press("[");
  await keyboard.press("[");
  assert.equal((await window.state()).speed, 0.5);

  await keyboard.press("g");
  await keyboard.type("7.5");
  await keyboard.press("Enter");
  await frameIs(window, 3750);
  await window.page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement)?.blur());

  await window.setState({ layers: [{ name: "posterior", limits: [0.2, 0.3] }] });
  await keyboard.press("c");
  assert.equal((await window.state()).layers[0].limits, null);
  const camera = (await window.state()).camera;
  await window.run("viewer.zoom({ factor: 3, x: 10, y: 10 })");
  assert.notDeepEqual((await window.state()).camera, camera);
  await keyboard.press("Control+r");
  assert.deepEqual((await window.state()).camera, camera);

  await keyboard.press("Space");
  await window.page.waitForFunction(() => /** @type {any} */ (globalThis).viewer.playing);
  await keyboard.press("Space");
  await window.page.waitForFunction(() => !(/** @type {any} */ (globalThis).viewer.playing));

  await keyboard.press("?");
  const help = window.page.getByRole("dialog");
  await help.waitFor();
  for (const key of ["Space", "Home", "Ctrl", "G"]) assert.match(await help.innerText(), new RegExp(key));
  await window.screenshot("help");
  await keyboard.press("Escape");
  await help.waitFor({ state: "hidden" });
  await window.close();
});

test("with the keyboard alone: open the demo, reach every control, play", async () => {
  const window = await Window.open(site.browser, site.server.url);
  const { keyboard } = window.page;
  assert.equal(await focused(window), "url", "the box for a URL has the focus");
  await tabTo(window, "demo");
  await keyboard.press("Enter");
  await window.ready();

  const order = await tabTo(window, "play");
  const nameless = await window.page.evaluate(() => [...document.querySelectorAll("button, input, select, [tabindex='0']")]
    .filter((control) => control instanceof HTMLElement && control.offsetParent !== null)
    .filter((control) => !(control.getAttribute("aria-label") || control.getAttribute("aria-labelledby") ||
      /** @type {HTMLInputElement} */ (control).labels?.length || control.textContent?.trim()))
    .map((control) => control.outerHTML));
  assert.deepEqual(nameless, [], "controls without a name");
  assert.ok(order.length > 0);
  await keyboard.press("Space");
  await window.page.waitForFunction(() => /** @type {any} */ (globalThis).viewer.playing);
  await keyboard.press("Space");
  for (const id of ["frame", "slider", "time", "speed", "loop", "copy-link"]) await tabTo(window, id);
  await window.close();
});

test("the slider and the boxes seek, and show time and frame", async () => {
  const window = await site.open("data/sharded/");
  const slider = window.page.getByRole("slider", { name: "Time" });
  await slider.fill("10000");
  await frameIs(window, 10_000);
  assert.match(await slider.getAttribute("aria-valuetext") ?? "", /20(\.0*)? s/);
  const box = window.page.getByRole("textbox", { name: "Frame" });
  await box.fill("1234");
  await box.press("Enter");
  await frameIs(window, 1234);
  const time = window.page.getByRole("textbox", { name: "Time in seconds" });
  assert.equal(Number(await time.inputValue()), sharded.time(1234));
  await time.fill("3");
  await time.press("Enter");
  await frameIs(window, 1500);
  await window.page.getByLabel("posterior: colormap").click();
  await window.page.locator("#colormaps-search").fill("turbo");
  await window.page.keyboard.press("Enter");
  assert.equal((await window.state()).layers[0].colormap, "turbo");
  await window.close();
});

test("the wheel zooms at the pointer, dragging pans, a double click resets", async () => {
  const window = await site.open("data/sharded/");
  const box = await window.page.locator("#canvas").boundingBox();
  assert.ok(box);
  const { mouse } = window.page;
  const [x, y] = [box.width * 0.4, box.height * 0.5];
  const before = await window.run(`viewer.probe({ x: ${x}, y: ${y} })`);
  await mouse.move(box.x + x, box.y + y);
  await mouse.wheel(0, -400);
  await window.page.waitForFunction(() => /** @type {any} */ (globalThis).viewer.state().camera.zoom > 1.5);
  const after = await window.run(`viewer.probe({ x: ${x}, y: ${y} })`);
  const pixel = Math.abs((await window.run(`viewer.probe({ x: ${x + 1}, y: ${y} })`)).x - after.x);
  assert.ok(Math.hypot(after.x - before.x, after.y - before.y) < pixel, "what is under the pointer stays there");
  await mouse.down();
  await mouse.move(box.x + x + 50, box.y + y - 30, { steps: 5 });
  await mouse.up();
  const moved = await window.run(`viewer.probe({ x: ${x + 50}, y: ${y - 30} })`);
  assert.ok(Math.hypot(moved.x - after.x, moved.y - after.y) < pixel, "what was taken is under the pointer still");
  await mouse.dblclick(box.x + x, box.y + y);
  assert.equal((await window.state()).camera.zoom, 1);
  await window.close();
});

test("a picture comes back after its place had no size, and stays sharp at any size", async () => {
  const window = await site.open("data/sharded/");
  await window.seek({ frame: 500 });
  const before = await window.canvas();
  await window.page.evaluate(() => {
    const picture = /** @type {HTMLElement} */ (document.getElementById("picture"));
    picture.style.display = "none";
  });
  await window.run(`viewer.seek({ frame: 600 }).catch(() => {})`);
  await window.page.waitForTimeout(300);
  await window.page.evaluate(() => {
    const picture = /** @type {HTMLElement} */ (document.getElementById("picture"));
    picture.style.display = "";
  });
  await window.seek({ frame: 500 });
  const again = await window.canvas();
  assert.deepEqual([again.width, again.height], [before.width, before.height]);
  const middle = ((before.height >> 1) * before.width + (before.width >> 2)) * 4;
  assert.deepEqual([...again.data.subarray(middle, middle + 400)], [...before.data.subarray(middle, middle + 400)]);
  for (const size of [{ width: 420, height: 640 }, { width: 900, height: 600 }]) {
    await window.page.setViewportSize(size);
    await window.page.waitForTimeout(200);
    const fits = await window.page.evaluate(() => {
      const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById("canvas"));
      return [canvas.width - canvas.clientWidth * devicePixelRatio, canvas.height - canvas.clientHeight * devicePixelRatio];
    });
    assert.ok(fits.every((difference) => Math.abs(difference) <= 1), `canvas and its place differ by ${fits} pixels`);
    await window.screenshot(`window-${size.width}`);
  }
  await window.close();
});

/** The id of what has the focus. @param {Window} window */
const focused = (window) => window.page.evaluate(() => document.activeElement?.id ?? "");

/**
 * Presses Tab until an element has the focus.
 *
 * @param {Window} window
 * @param {string} id
 * @returns {Promise<string[]>}  the ids that had it on the way
 */
async function tabTo(window, id) {
  const passed = [];
  for (let turn = 0; turn < 80; turn += 1) {
    await window.page.keyboard.press("Tab");
    const now = await focused(window);
    if (now === id) return passed;
    passed.push(now);
  }
  return assert.fail(`Tab does not reach #${id}; it passed ${passed}`);
}
