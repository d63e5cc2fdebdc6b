/**
 * The shell against a fake handle: what the page does with the handle's answers, without WebGPU and without a network.
 * What the handle itself does is the end-to-end tests' business.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { serveShell } from "./site.js";

/** @type {import("playwright-core").Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof serveShell>>} */
let site;

before(async () => {
  site = await serveShell();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
});
after(async () => {
  await browser?.close();
  site?.close();
});

/**
 * Runs a test on a page of its own, and fails it on any error in the console.
 *
 * @param {string} name
 * @param {string} path  query and fragment
 * @param {(page: import("playwright-core").Page) => Promise<void>} body
 * @param {{ gpu?: boolean }} [options]
 */
function shellTest(name, path, body, { gpu = true } = {}) {
  test(name, async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    /** @type {string[]} */
    const errors = [];
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    page.on("pageerror", (error) => errors.push(String(error)));
    // The shell asks for WebGPU before it asks for the handle; the fake needs none.
    await page.addInitScript((there) => {
      if (there) Object.defineProperty(Navigator.prototype, "gpu", { value: {}, configurable: true });
      else Reflect.deleteProperty(Navigator.prototype, "gpu");
    }, gpu);
    await page.goto(site.url + path);
    try {
      await body(page);
      assert.deepEqual(errors, []);
    } finally {
      await page.close();
    }
  });
}

/**
 * Waits for an element's text, and says what it was instead.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} selector
 * @param {string | RegExp} expected
 */
async function shows(page, selector, expected) {
  let text = "";
  for (let tries = 0; tries < 100; tries += 1) {
    const found = page.locator(selector);
    text = await found.evaluate((node) => ("value" in node ? String(node.value) : node.textContent ?? ""));
    if (typeof expected === "string" ? text === expected : expected.test(text)) return;
    await page.waitForTimeout(30);
  }
  assert.fail(`${selector} shows "${text}", not ${expected}`);
}

/**
 * What the fake was called with.
 *
 * @param {import("playwright-core").Page} page
 * @returns {Promise<[string, any][]>}
 */
const calls = (page) => page.evaluate("viewer.stats().calls");

/** @param {import("playwright-core").Page} page */
const state = (page) => page.evaluate("viewer.state()");

shellTest("a link opens its session at its time, and the address bar keeps up", "?session=demo.zarr#t=2500", async (page) => {
  await shows(page, "#frame", "1200000");
  await shows(page, "#time", "2500.000");
  await shows(page, "#session-name", "open field");
  assert.equal(await page.title(), "open field · replayscope");
  assert.equal(await page.locator("#slider").getAttribute("aria-valuetext"), "2500.000 seconds, frame 1200000 of 3599999");
  await page.keyboard.press("ArrowRight");
  await page.waitForURL(/\?session=demo\.zarr#t=2500\.002&v=1$/);
  await page.evaluate(() => (location.hash = "#t=100.5"));
  await shows(page, "#frame", "250");
});

shellTest("no credentials reach the address bar", `?session=${encodeURIComponent("https://me:secret@host/a.zarr")}`, async (page) => {
  await shows(page, "#session-name", "open field");
  await page.waitForURL(/\?session=https:\/\/host\/a\.zarr#/);
  assert.doesNotMatch(String(await page.evaluate("viewer.link()")), /secret/);
});

shellTest("every key does what the list says", "?session=demo.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  const press = (/** @type {string} */ key) => page.keyboard.press(key);
  await press("ArrowRight");
  await shows(page, "#frame-note", "frame 1");
  await press("Shift+ArrowRight");
  await shows(page, "#frame-note", "frame 101");
  await press("ArrowLeft");
  await shows(page, "#frame-note", "frame 100");
  await press("Shift+ArrowLeft");
  await shows(page, "#frame-note", "frame 0");
  await press("End");
  await shows(page, "#frame-note", "frame 3,599,999");
  await press("Home");
  await shows(page, "#frame-note", "frame 0");
  await press("]");
  await shows(page, "#speed", "2");
  await press("[");
  await press("[");
  await shows(page, "#speed", "0.5");
  await press("Space");
  assert.equal(await page.evaluate("viewer.playing"), true);
  assert.equal(await page.locator("#play").getAttribute("aria-label"), "Pause");
  await press("Space");
  assert.equal(await page.evaluate("viewer.playing"), false);
  await press("c");
  await press("Control+r");
  assert.deepEqual((await calls(page)).slice(-2), [["auto_contrast", "posterior"], ["reset_view"]]);
  await press("g");
  await page.keyboard.type("1:42.5");
  await press("Enter");
  await shows(page, "#frame-note", "frame 1,250");
  await page.locator("#canvas").focus();
  await press("?");
  assert.equal(await page.locator("#help").isVisible(), true);
  await press("ArrowRight");
  await press("Escape");
  assert.equal(await page.locator("#help").isVisible(), false);
  await shows(page, "#frame-note", "frame 1,250");
});

shellTest("a focused control keeps its own keys", "?session=demo.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  await page.getByLabel("posterior: opacity").focus();
  await page.keyboard.press("ArrowLeft");
  await shows(page, "#frame-note", "frame 0");
  assert.equal((await state(page)).layers[0].opacity, 0.99);
  await page.getByRole("slider", { name: "posterior: upper limit" }).focus();
  await page.keyboard.press("ArrowRight");
  await shows(page, "#frame-note", "frame 0");
  assert.ok((await state(page)).layers[0].limits[1] > 0.043);
  await page.locator("#frame").focus();
  await page.keyboard.type("77");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("c");
  await shows(page, "#frame", "7c7");
  await page.keyboard.press("Escape");
  await shows(page, "#frame", "0");
  // Space on the play button is one press, not two.
  await page.locator("#play").focus();
  await page.keyboard.press("Space");
  assert.equal(await page.evaluate("viewer.playing"), true);
});

shellTest("what was asked for and what is shown stand apart until they meet", "?session=slow.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  await page.locator("#frame").fill("1,234");
  await page.keyboard.press("Enter");
  await shows(page, "#frame-note", "frame 1,234 (showing 0)");
  await shows(page, "#loading", "loading frame 1234");
  await shows(page, "#frame-note", "frame 1,234");
  await shows(page, "#loading", "");
});

shellTest("dragging the slider seeks on the way", "?session=demo.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  const box = await page.locator("#slider").boundingBox();
  assert.ok(box);
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + 8, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, y, { steps: 5 });
  await shows(page, "#frame-note", /^frame 1,[78]\d\d,\d\d\d$/);
  await page.mouse.up();
});

shellTest("layers: limits typed, refused, and estimated again; colormap; visibility", "?session=demo.zarr", async (page) => {
  await shows(page, "#colorbar-high", "0.043");
  const upper = page.getByLabel("posterior: upper limit, typed");
  await upper.fill("0.7");
  await page.keyboard.press("Enter");
  await shows(page, "#colorbar-high", "0.7");
  assert.deepEqual((await state(page)).layers[0].limits, [0, 0.7]);
  await upper.fill("-1");
  await page.keyboard.press("Enter");
  await shows(page, "#notices", /lower limit has to be below/);
  assert.deepEqual((await state(page)).layers[0].limits, [0, 0.7]);
  await page.getByRole("button", { name: "Auto" }).click();
  await shows(page, "#colorbar-high", "0.043");
  await page.getByLabel("posterior: colormap").selectOption("magma");
  assert.equal((await state(page)).layers[0].colormap, "magma");
  await page.getByRole("checkbox", { name: "position" }).uncheck();
  assert.equal((await state(page)).layers[1].visible, false);
});

shellTest("pointer, wheel and double click move the camera; the status bar reads the bin", "?session=demo.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  const box = await page.locator("#canvas").boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + 100, box.y + 50);
  await shows(page, "#probe", "x 100 cm   y 50 cm   bin 820   value NaN (no data)");
  await page.keyboard.press("ArrowRight");
  await shows(page, "#probe", /value 0\.01234568$/);
  await page.mouse.wheel(0, -300);
  await page.mouse.down();
  await page.mouse.move(box.x + 130, box.y + 40);
  await page.mouse.up();
  await page.mouse.dblclick(box.x + 100, box.y + 50);
  const seen = (await calls(page)).filter(([name]) => name !== "resize");
  assert.deepEqual(seen[0], ["zoom", { factor: 2, x: 100, y: 50 }]);
  assert.deepEqual(seen[1], ["pan", { dx: 30, dy: -10 }]);
  assert.deepEqual(seen.at(-1), ["reset_view"]);
});

shellTest("a frame that is not stored says so", "?session=demo.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  assert.equal(await page.locator("#absent").isVisible(), false);
  await page.keyboard.press("End");
  await page.locator("#absent").waitFor({ state: "visible", timeout: 3000 });
});

shellTest("an error is an alert with a retry, and leaves the rest usable", "?session=broken.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  await page.keyboard.press("End");
  const alert = page.getByRole("alert");
  await alert.getByText("The connection was lost.").waitFor({ timeout: 3000 });
  assert.equal(await alert.locator(".banner").count(), 1);
  await page.keyboard.press("Home");
  await shows(page, "#frame-note", "frame 0");
  await page.keyboard.press("End");
  await alert.getByRole("button", { name: "Retry" }).click();
  await shows(page, "#frame-note", "frame 3,599,999");
  assert.equal(await alert.locator(".banner").count(), 0);
});

shellTest("the empty page opens what is typed, keeps what fails, and comes back", "", async (page) => {
  await page.locator("#url").fill("https://host/missing.zarr");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("the server answered 404").waitFor({ timeout: 3000 });
  assert.equal(await page.locator("#url").inputValue(), "https://host/missing.zarr");
  assert.equal(page.url(), site.url);
  await page.getByRole("button", { name: "Try the demo" }).click();
  await shows(page, "#session-name", "open field");
  await page.waitForURL(/\?session=demo\.zarr/);
  assert.equal(await page.getByRole("alert").locator(".banner").count(), 0);
  assert.equal(await page.locator("#empty").isVisible(), false);
  await page.locator("#open-other").click();
  await page.locator("#url").fill("other.zarr");
  await page.keyboard.press("Enter");
  await shows(page, "#session-name", "other");
  await page.goBack();
  await shows(page, "#session-name", "open field");
  await page.locator("#open-other").click();
  await page.locator("#url").fill("missing.zarr");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("the server answered 404").waitFor({ timeout: 3000 });
  // The session before is gone, and nothing pretends that it is there.
  await shows(page, "#session-name", "replayscope");
  assert.equal(await page.locator("#play").isDisabled(), true);
  assert.equal(await page.locator(".layer").count(), 0);
});

shellTest("times that turn out otherwise change the numbers, not the place", "?session=demo.zarr#t=101", async (page) => {
  await shows(page, "#frame-note", "frame 500");
  await page.evaluate("viewer.dispatchEvent(new CustomEvent('open', { detail: { ...viewer.session, rate: null } }))");
  await shows(page, "#frame", "500");
  await shows(page, "#colorbar-high", "0.043");
});

shellTest("the link is copied, with a word", "?session=demo.zarr#t=101", async (page) => {
  await shows(page, "#frame-note", "frame 500");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.locator("#copy-link").click();
  await shows(page, "#copy-link-label", "Copied ✓");
  await page.getByRole("status").getByText("Link copied").waitFor({ timeout: 3000 });
  assert.equal(await page.evaluate("navigator.clipboard.readText()"), `${site.url}?session=demo.zarr#t=101&v=1`);
});

shellTest("ready is the first exact frame of the session opened last", "", async (page) => {
  const seen = await page.evaluate(`(async () => {
    const first = viewer.ready;
    await viewer.open("demo.zarr");
    const shown = await first;
    const second = viewer.open("https://host/missing.zarr").catch((error) => error.code);
    const failed = await viewer.ready.catch((error) => error.code);
    return { shown, same: await second === failed, failed, session: viewer.session };
  })()`);
  assert.deepEqual(seen, { shown: { frame: 0, time: 100 }, same: true, failed: "not-found", session: null });
});

/** What the page says once the wasm has trapped. */
const STOPPED = /^The viewer has stopped: .*\nReload the page; .*address bar.*RetryDismiss$/;

shellTest("a call that traps is told as the viewer's end, and the only thing told from then on", "?session=trap.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  await page.locator("#frame").fill("7");
  await page.keyboard.press("Enter");
  await shows(page, "#errors", STOPPED);
  await page.evaluate(`viewer.dispatchEvent(new CustomEvent("error", { detail: { code: "gpu", text: "later", retry: false } }))`);
  await shows(page, "#errors", STOPPED);
  await page.locator("#errors button.primary").click();
  await shows(page, "#frame-note", "frame 0");
  await shows(page, "#errors", "");
});

for (const [how, event] of Object.entries({
  "a task": `new ErrorEvent("error", { error: new WebAssembly.RuntimeError("unreachable") })`,
  "a promise": `new PromiseRejectionEvent("unhandledrejection",
    { promise: Promise.resolve(), reason: new WebAssembly.RuntimeError("unreachable") })`,
})) {
  shellTest(`a trap in ${how} of the wasm's own is told, another error is not taken for one`, "?session=demo.zarr", async (page) => {
    await shows(page, "#frame-note", "frame 0");
    await page.evaluate(`void dispatchEvent(${event.replace("WebAssembly.RuntimeError", "Error")})`);
    await shows(page, "#errors", "");
    await page.evaluate(`void dispatchEvent(${event})`);
    await shows(page, "#errors", STOPPED);
  });
}

shellTest("without WebGPU the page says which browsers have it", "", async (page) => {
  const card = page.locator("#unsupported");
  await card.waitFor({ state: "visible", timeout: 3000 });
  await shows(page, "#unsupported", /navigator\.gpu is missing[\s\S]*Safari 26/);
  assert.equal(await page.locator("#timebar").isVisible(), false);
}, { gpu: false });

shellTest("a range is selected by Shift and the slider, played, and let go", "?session=demo.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  await page.evaluate("viewer.setState({ loop: 'bounce' })");
  const box = await page.locator("#slider").boundingBox();
  assert.ok(box);
  const at = (/** @type {number} */ part) => box.x + 8 + part * (box.width - 16);
  const middle = box.y + box.height / 2;
  await page.keyboard.down("Shift");
  await page.mouse.move(at(0.5), middle);
  await page.mouse.down();
  await page.mouse.move(at(0.4), middle, { steps: 4 });
  await page.mouse.move(at(0.25), middle, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up("Shift");
  const { selection, loop, time } = /** @type {any} */ (await state(page));
  const last = 3_599_999 / 500;
  // A pixel is several frames.
  assert.ok(Math.abs(selection[0] - (100 + 0.25 * last)) < 20 && Math.abs(selection[1] - (100 + 0.5 * last)) < 20, `${selection}`);
  assert.equal(loop, "selection");
  assert.equal(time, 100, "it is no seek");
  await shows(page, "#selection-text", `selected ${selection[0].toFixed(3)} – ${selection[1].toFixed(3)} s`);
  await shows(page, "#loop", "selection");
  const mark = await page.locator("#selected").boundingBox();
  assert.ok(mark && Math.abs(mark.x - at(0.25)) < 3 && Math.abs(mark.x + mark.width - at(0.5)) < 5, JSON.stringify(mark));
  await page.click("#clear-selection");
  assert.equal((/** @type {any} */ (await state(page))).selection, null);
  await shows(page, "#loop", "bounce");
  assert.equal(await page.locator("#selection").isVisible(), false);

  // A click selects nothing, and takes what was selected.
  await page.evaluate("viewer.setState({ selection: [200, 300], loop: 'selection' })");
  assert.equal(await page.locator("#selected").isVisible(), true);
  await page.mouse.move(at(0.7), middle);
  await page.keyboard.down("Shift");
  await page.mouse.down();
  await page.mouse.up();
  await page.keyboard.up("Shift");
  assert.equal((/** @type {any} */ (await state(page))).selection, null);
  // Without Shift it seeks as ever.
  await page.mouse.click(at(0.7), middle);
  assert.ok(Math.abs((/** @type {any} */ (await state(page))).time - (100 + 0.7 * last)) < 20);
});

shellTest("a range is selected by keys alone", "?session=demo.zarr#t=200", async (page) => {
  await shows(page, "#frame-note", "frame 50,000");
  await page.keyboard.press("i");
  assert.deepEqual((/** @type {any} */ (await state(page))).selection, [200, 100 + 3_599_999 / 500]);
  await page.evaluate("viewer.seek({ time: 210 })");
  await shows(page, "#frame-note", "frame 55,000");
  await page.keyboard.press("o");
  assert.deepEqual((/** @type {any} */ (await state(page))).selection, [200, 210]);
  await page.locator("#slider").focus();
  await page.keyboard.press("Escape");
  assert.equal((/** @type {any} */ (await state(page))).selection, null);
});

shellTest("any speed can be typed", "?session=demo.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  for (const [text, speed, shown] of /** @type {const} */ ([["1/3", 1 / 3, "0.333×"], ["2.5x", 2.5, "2.5×"], ["16×", 16, "16×"]])) {
    await page.selectOption("#speed", { label: "other…" });
    await page.keyboard.type(text);
    await page.keyboard.press("Enter");
    assert.equal((/** @type {any} */ (await state(page))).speed, speed);
    assert.equal(await page.locator("#speed").evaluate((select) => /** @type {HTMLSelectElement} */ (select).selectedOptions[0]?.text), shown);
    assert.equal(await page.locator("#typed-speed").isVisible(), false);
  }
  await page.selectOption("#speed", { label: "other…" });
  await page.keyboard.type("fast");
  await page.keyboard.press("Enter");
  await shows(page, "#notices", /“fast” is no speed/);
  await shows(page, "#speed", "16");
  await page.selectOption("#speed", { label: "other…" });
  await page.keyboard.press("Escape");
  await shows(page, "#speed", "16");
});

shellTest("every frame by itself is one of the ways to show them", "?session=demo.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  await page.selectOption("#projection", { label: "every frame" });
  assert.equal((/** @type {any} */ (await state(page))).pace, "frames");
  await page.selectOption("#projection", { label: "mean" });
  const { pace, projection } = /** @type {any} */ (await state(page));
  assert.deepEqual([pace, projection], ["time", "mean"]);
  await page.evaluate("viewer.setState({ pace: 'frames' })");
  await shows(page, "#projection", "frames");
});

shellTest("a preview says that it is one, and is not dimmed", "?session=slow-pyramid.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  await page.keyboard.press("Shift+ArrowRight");
  await shows(page, "#frame-note", "frame 100, preview of 256 frames");
  await shows(page, "#preview", "preview · 256 frames");
  assert.equal(await page.locator("#preview").isVisible(), true);
  assert.equal(await page.locator("#canvas").evaluate((canvas) => canvas.classList.contains("pending")), false);
  await shows(page, "#frame-note", "frame 100");
  assert.equal(await page.locator("#preview").isVisible(), false);
});

shellTest("without one the last picture stays, dimmed", "?session=slow.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  await page.keyboard.press("Shift+ArrowRight");
  await shows(page, "#frame-note", "frame 100 (showing 0)");
  await page.evaluate("void viewer.seek({ frame: 700 }).catch(() => {})");
  await shows(page, "#frame-note", "frame 700 (showing 0)");
  const opacity = () => page.locator("#canvas").evaluate((canvas) => Number(getComputedStyle(canvas).opacity));
  await page.waitForTimeout(500);
  assert.ok(await opacity() < 0.7);
  await shows(page, "#frame-note", "frame 700");
  await page.waitForTimeout(300);
  assert.equal(await opacity(), 1);
});

shellTest("memory is shown and bounded, and the bound is kept", "?session=demo.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  await page.click("#memory summary");
  await shows(page, "#memory-cache", "120");
  await shows(page, "#memory-gpu", "64");
  await shows(page, "#memory-wasm", "150");
  await shows(page, "#budget-gpu", "256");
  await page.fill("#budget-cache", "512");
  await page.keyboard.press("Enter");
  assert.equal((/** @type {any} */ (await page.evaluate("viewer.stats()"))).cacheBudget, 512 * 2 ** 20);
  await page.fill("#budget-gpu", "lots");
  await page.keyboard.press("Enter");
  await shows(page, "#notices", /“lots” is no amount of memory/);
  await shows(page, "#budget-gpu", "256");
  await page.reload();
  await shows(page, "#frame-note", "frame 0");
  assert.equal((/** @type {any} */ (await page.evaluate("viewer.stats()"))).cacheBudget, 512 * 2 ** 20);
});
