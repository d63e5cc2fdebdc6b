/** The hand on the shell: buttons that are let go of, keys that are held, numbers as they are typed, windows as small as there are. */
import assert from "node:assert/strict";

import { calls, field, shellTest, shows, state } from "./page.js";

/** @typedef {import("playwright-core").Page} Page */

const playing = (/** @type {Page} */ page) => page.evaluate("viewer.playing");

/** The middle of an element, or a part of the way along it. @param {Page} page @param {string} selector */
async function along(page, selector, part = 0.5) {
  const box = (await page.locator(selector).boundingBox()) ?? assert.fail(selector);
  return /** @type {const} */ ([box.x + box.width * part, box.y + box.height / 2]);
}

/** The frame on screen. @param {Page} page */
const frame = async (page) => Number((await page.locator("#frame").inputValue()));

shellTest("playback goes on the way it went when the slider is let go of", "?session=demo.zarr#t=2500", async (page) => {
  await shows(page, "#frame", "1200000");
  for (const direction of [-1, 1]) {
    await page.evaluate(`viewer.play({ direction: ${direction} })`);
    await page.mouse.move(...await along(page, "#slider", 0.3));
    await page.mouse.down();
    assert.equal(await playing(page), false, "held");
    await page.mouse.move(...await along(page, "#slider", 0.6), { steps: 3 });
    // Wherever the hand is by then.
    await page.mouse.move(...await along(page, "#canvas"));
    await page.mouse.up();
    assert.deepEqual([await playing(page), await page.evaluate("viewer.direction")], [true, direction]);
    const before = await frame(page);
    await page.waitForTimeout(150);
    assert.equal(Math.sign(await frame(page) - before), direction);
    await page.keyboard.press("Space");
  }
});

shellTest("only the main button holds the slider, and nobody has to say that it is up", "?session=demo.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  await page.evaluate("viewer.play()");
  const slider = await along(page, "#slider", 0.4);
  await page.mouse.move(...slider);
  for (const button of /** @type {const} */ (["right", "middle"])) {
    await page.mouse.down({ button });
    assert.equal(await playing(page), true, button);
    const before = await frame(page);
    await page.waitForTimeout(100);
    assert.ok(await frame(page) > before, `the slider follows the frames: ${button}`);
    await page.mouse.up({ button });
  }
  for (const lost of [
    `document.getElementById("slider").dispatchEvent(new PointerEvent("lostpointercapture", { pointerId: 1, bubbles: true }))`,
    `document.body.dispatchEvent(new PointerEvent("pointermove", { pointerId: 1, bubbles: true, buttons: 0 }))`,
    `document.body.dispatchEvent(new PointerEvent("pointermove", { pointerId: 1, bubbles: true, buttons: 2 }))`,
  ]) {
    await page.mouse.down();
    await page.evaluate(`document.body.dispatchEvent(new PointerEvent("pointermove", { pointerId: 7, bubbles: true }))`);
    assert.equal(await playing(page), false, "held, whatever another pointer does");
    await page.evaluate(lost);
    assert.equal(await playing(page), true, lost);
    await page.mouse.up();
  }
});

shellTest("a pan ends when its pointer is lost, and when no button is down", "?session=demo.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  const pans = async () => (await calls(page)).filter(([name]) => name === "pan").length;
  const dragged = () => page.locator("#canvas").evaluate((canvas) => canvas.classList.contains("dragged"));
  const [x, y] = await along(page, "#canvas");
  for (const lost of [
    `canvas.releasePointerCapture(1)`,
    `canvas.dispatchEvent(new PointerEvent("lostpointercapture", { pointerId: 1 }))`,
    `canvas.dispatchEvent(new PointerEvent("pointermove", { pointerId: 1, buttons: 0, clientX: 500, clientY: 300 }))`,
    `canvas.dispatchEvent(new PointerEvent("pointermove", { pointerId: 1, buttons: 2, clientX: 500, clientY: 300 }))`,
  ]) {
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 30, y);
    assert.equal(await dragged(), true);
    await page.evaluate(`{ const canvas = document.getElementById("canvas"); ${lost} }`);
    await page.mouse.move(x + 31, y);
    const before = await pans();
    await page.mouse.move(x + 90, y, { steps: 3 });
    assert.deepEqual([await pans(), await dragged()], [before, false], lost);
    await page.mouse.up();
  }
  assert.deepEqual((await state(page)).pinned, [], "and what ended so is no click");
  // A selection on the slider likewise.
  const slider = await along(page, "#slider", 0.5);
  await page.keyboard.down("Shift");
  await page.mouse.move(...slider);
  await page.mouse.down();
  await page.mouse.move(slider[0] - 50, slider[1]);
  await page.evaluate(`document.getElementById("slider").dispatchEvent(new PointerEvent("pointermove", { buttons: 0, clientX: 300 }))`);
  const { selection } = await state(page);
  await page.mouse.move(slider[0] - 200, slider[1]);
  assert.deepEqual((await state(page)).selection, selection);
  await page.mouse.up();
  await page.keyboard.up("Shift");
});

shellTest("a key that is held acts once, unless to go on makes sense", "?session=epochs.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  /** @param {string} key @param {number} [times] */
  const hold = async (key, times = 4) => {
    for (let time = 0; time < times; time += 1) await page.keyboard.down(key);
    await page.keyboard.up(key);
  };
  const scene = async (/** @type {string} */ name) => (await state(page)).scene[name];
  await hold("Space");
  assert.equal(await playing(page), true);
  await hold("Space", 3);
  assert.equal(await playing(page), false);
  await hold("b");
  assert.equal(await scene("borders"), true);
  await hold("x", 2);
  assert.equal(await scene("axes"), true);
  await hold("r");
  assert.equal((await state(page)).camera.rotation, 90);
  await page.evaluate("document.getElementById('canvas').focus()");
  await hold("p", 2);
  assert.deepEqual((await state(page)).pinned, [820]);
  await hold("k", 2);
  assert.equal((await state(page)).gaps, "skip");
  const resets = async () => (await calls(page)).filter(([name]) => name === "reset_view").length;
  const before = await resets();
  await page.keyboard.down("Control");
  await hold("r");
  await page.keyboard.up("Control");
  assert.equal(await resets(), before + 1);
  // The box that a key goes to is not typed in by it.
  await hold("g");
  assert.equal(await page.evaluate("document.activeElement.id"), "time");
  await shows(page, "#time", /^[\d.]+$/);
  await page.keyboard.press("Escape");
  // Enter on a button, too.
  await page.locator("#play").focus();
  await hold("Enter");
  assert.equal(await playing(page), true);
  await hold("Enter", 3);
  assert.equal(await playing(page), false);
  await page.locator("#canvas").focus();
  const at = await frame(page);
  await hold("ArrowRight");
  await shows(page, "#frame", String(at + 4));
  const zooms = async () => (await calls(page)).filter(([name]) => name === "zoom").length;
  await hold("+", 3);
  assert.equal(await zooms(), 3);
});

shellTest("keys go by their place where letters are not Latin", "?session=demo.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  const press = (/** @type {string} */ key, /** @type {string} */ code) =>
    page.evaluate(`document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "${key}", code: "${code}", bubbles: true, cancelable: true }))`);
  await press("и", "KeyB");
  assert.equal((await state(page)).scene.borders, true);
  await press("ъ", "BracketRight");
  await shows(page, "#speed", "2");
  // Dvorak: B is where N is, and nothing is where B is.
  await press("x", "KeyB");
  assert.deepEqual([(await state(page)).scene.borders, (await state(page)).scene.axes], [true, true]);
});

shellTest("12,5 is a number in every box", "?session=demo.zarr", async (page) => {
  await shows(page, "#colorbar-high", "0.043");
  const type = async (/** @type {string} */ box, /** @type {string} */ text) => {
    await page.locator(box).fill(text);
    await page.keyboard.press("Enter");
  };
  await type("#time", "112,5");
  await shows(page, "#frame", "6250");
  await type("#frame", "1,234");
  await shows(page, "#frame-note", "frame 1,234");
  await type("#frame", "12,5");
  await shows(page, "#notices", /“12,5” is not a frame/);
  await shows(page, "#frame", "1234");
  await type("[aria-label='posterior: upper limit, typed']", "12,5");
  assert.deepEqual((await field(page)).limits, [null, 12.5]);
  await type("#colorbar-low", "−0,5");
  assert.deepEqual((await field(page)).limits, [-0.5, 12.5]);
  await page.click(".coloring summary");
  await type("[aria-label='posterior: value in the middle']", "1,5");
  assert.equal((await field(page)).center, 1.5);
  await page.evaluate("viewer.setState({ layers: [{ name: 'posterior', center: null }] })");
  await type("[aria-label='posterior: least value of the log scale']", "0,01");
  assert.equal((await field(page)).floor, 0.01);
  await page.selectOption("#speed", { label: "other…" });
  await page.keyboard.type("2,5");
  await page.keyboard.press("Enter");
  assert.equal((await state(page)).speed, 2.5);
  await page.click("#memory summary");
  await shows(page, "#budget-cache", "256");
  await type("#budget-cache", "512,5");
  assert.equal((/** @type {any} */ (await page.evaluate("viewer.stats()"))).cacheBudget, 512.5 * 2 ** 20);
});

shellTest("a rate is typed with a comma, and Back goes to another one", "?session=untimed.npy", async (page) => {
  const rates = () => page.evaluate(() => location.search.match(/rate=([^&]*)/)?.[1] ?? null);
  await page.locator("#rate").fill("29,97");
  await page.keyboard.press("Enter");
  await shows(page, "#session-name", "open field");
  await page.waitForFunction(() => location.search.includes("rate=29.97"));
  await page.locator("#open-other").click();
  await page.locator("#url").fill("untimed.npy");
  await page.keyboard.press("Enter");
  await page.locator("#rate").fill("250");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => location.search.includes("rate=250"));
  await page.evaluate("viewer.addEventListener('open', () => (globalThis.opened = (globalThis.opened ?? 0) + 1))");
  await page.goBack();
  await page.waitForFunction(() => Reflect.get(globalThis, "opened") > 0);
  assert.equal(await rates(), "29.97");
  assert.match(String(await page.evaluate("viewer.link()")), /rate=29\.97#/, "it is open at that rate");
  await page.goForward();
  await page.waitForFunction(() => Reflect.get(globalThis, "opened") > 1);
  assert.match(String(await page.evaluate("viewer.link()")), /rate=250#/);
});

shellTest("a fragment that comes while a session opens is shown with it", "#nothing-yet", async (page) => {
  await page.locator("#empty").waitFor();
  // The first session, and another one while that is open.
  for (const [name, time, shown] of /** @type {const} */ ([["one.zarr", 2500, "1200000"], ["other.zarr", 300, "100000"]])) {
    await page.evaluate(([name, time]) => {
      history.pushState(null, "", `?session=${name}#t=150`);
      dispatchEvent(new PopStateEvent("popstate"));
      setTimeout(() => (location.hash = `#t=${time}`), 10);
    }, /** @type {const} */ ([name, time]));
    await shows(page, "#session-name", name === "other.zarr" ? "other" : "open field");
    await shows(page, "#frame", shown);
    await page.waitForTimeout(600);
    assert.match(page.url(), new RegExp(`#t=${time}`), "and the address bar has it");
  }
});

shellTest("waiting in a gap is said, with what to do about it", "?session=epochs-waiting.zarr#t=1299.998", async (page) => {
  await shows(page, "#frame", "599999");
  await page.keyboard.press("Space");
  assert.equal(await page.locator("#gap").textContent(), "", "a short wait needs no word");
  await shows(page, "#gap", "in a gap of 3 min; to skip gaps, choose “gaps: skip” or press K");
  assert.equal(await page.locator("#gap").getAttribute("role"), "status");
  await page.keyboard.press("k");
  await shows(page, "#gaps", "skip");
  await shows(page, "#gap", "");
  await page.keyboard.press("k");
  await shows(page, "#gap", /in a gap/);
  await page.keyboard.press("Space");
  await shows(page, "#gap", "");
  await page.keyboard.press("Space");
  await shows(page, "#gap", /in a gap/);
  await page.keyboard.press("Home");
  await shows(page, "#gap", "");
});

shellTest("notices of one kind are one, with their count", "?session=demo.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  const say = (/** @type {string} */ text) => page.evaluate((text) =>
    Reflect.get(globalThis, "viewer").dispatchEvent(new CustomEvent("notice", { detail: { text } })), text);
  for (const speed of [100, 1e3, 1e3, 1e3]) await say(`Set speed to 64, the allowed value nearest to ${speed}.`);
  await say("Ignored loop “round”: it must be off, all, bounce or selection.");
  await say("Ignored loop “x y”: it must be off, all, bounce or selection.");
  await say("The link is too long: its end was ignored.");
  assert.deepEqual(await page.locator("#notices .notice").allTextContents(), [
    "Set speed to 64, the allowed value nearest to 1000. (2 of this kind)",
    "Ignored loop “x y”: it must be off, all, bounce or selection. (2 of this kind)",
    "The link is too long: its end was ignored.",
  ]);
});

shellTest("bins thinner than a pixel are told, with a way to see them", "?session=thin.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  const note = page.locator("#thin");
  await shows(page, "#notices", /Bins are thinner than a pixel here.*zoom in, or fit each axis/);
  assert.equal(await note.isVisible(), true);
  const resets = (await calls(page)).filter(([name]) => name === "reset_view").length;
  await page.getByRole("button", { name: "Fit each axis" }).click();
  assert.equal((await state(page)).scene.fitAxes, true);
  assert.equal((await calls(page)).filter(([name]) => name === "reset_view").length, resets + 1);
  assert.equal(await page.getByLabel("fit each axis").isChecked(), true);
  await shows(page, "#scale-bar", "20 cm in x");
  await page.getByLabel("fit each axis").uncheck();
  assert.equal((await state(page)).scene.fitAxes, false);
});

shellTest("bins of some pixels are no news", "?session=demo.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  assert.equal(await page.locator("#thin").isVisible(), false);
  await shows(page, "#notices", "");
});

shellTest("under the system's own colours, colours that mean something stay", "?session=demo.zarr", async (page) => {
  await shows(page, "#colorbar-high", "0.043");
  await page.evaluate("viewer.setState({ layers: [{ name: 'posterior', under: '#0072b2' }], scene: { axes: true } })");
  const style = (/** @type {string} */ selector, /** @type {string} */ name) =>
    page.locator(selector).first().evaluate((node, name) => getComputedStyle(node).getPropertyValue(name), name);
  assert.match(await style("#colorbar-under-color", "box-shadow"), /rgb\(0, 114, 178\)/);
  assert.equal(await style(".layer .swatch", "background-color"), "rgb(230, 159, 0)");
  assert.equal(await style("#scale-bar", "border-bottom-color"), "rgb(255, 255, 255)", "on the picture, which is as dark as ever");
  const pressed = await style("button[aria-pressed=true]", "background-color");
  assert.notEqual(pressed, await style("button[aria-pressed=false]", "background-color"));
}, { forcedColors: "active", colorScheme: "light" });

/** What no window is too small for. @param {Page} page @param {number} width @param {number} height */
async function fits(page, width, height) {
  await page.setViewportSize({ width, height });
  await shows(page, "#frame-note", "frame 0");
  const box = async (/** @type {string} */ id) => (await page.locator(id).boundingBox()) ?? assert.fail(id);
  const [canvas, bar, legend] = [await box("#canvas"), await box("#timebar"), await box("#colorbar")];
  assert.ok(canvas.y + canvas.height <= bar.y + 0.5, `${width} × ${height}: the picture ends at ${canvas.y + canvas.height}, the time bar begins at ${bar.y}`);
  assert.ok(canvas.height >= 120 && canvas.width >= 200, `${width} × ${height}: ${JSON.stringify(canvas)}`);
  assert.ok(legend.y + legend.height <= bar.y + 0.5, "nor does it cover the legend");
  assert.ok((await box("#scale-bar")).y < bar.y - 10);
  assert.equal(await page.evaluate("document.documentElement.scrollWidth"), width, "nothing is beside the window");
  return box;
}

for (const [width, height] of /** @type {const} */ ([[320, 480], [320, 568], [375, 667], [480, 320], [700, 320], [820, 560], [1280, 800]])) {
  shellTest(`a window of ${width} × ${height} shows the whole picture`, "?session=epochs.zarr", async (page) => {
    const box = await fits(page, width, height);
    if (width >= 400 && width !== 480) return;
    const rows = new Set();
    for (const id of ["#speed", "#loop", "#projection", "#gaps"]) rows.add((await box(id)).y);
    assert.equal(rows.size, 1, "the ways to play share a row");
  });
}
