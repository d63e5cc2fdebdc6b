/**
 * The shell against a fake handle: what the page does with the handle's answers, without WebGPU and without a network.
 * What the handle itself does is the end-to-end tests' business.
 */
import assert from "node:assert/strict";

import { calls, field, shellTest, shows, site, state } from "./page.js";

shellTest("a link opens its session at its time, and the address bar keeps up", "?session=demo.zarr#t=2500", async (page) => {
  await shows(page, "#frame", "1200000");
  await shows(page, "#time", "2500.000");
  await shows(page, "#session-name", "open field");
  assert.equal(await page.title(), "open field · replayscope");
  assert.equal(await page.locator("#slider").getAttribute("aria-valuetext"), "2500.000 seconds, frame 1200000 of 3600000");
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
  await page.evaluate("viewer.setState({ layers: [{ name: 'posterior', limits: [0.01, 0.02] }] })");
  await press("c");
  await press("Control+r");
  assert.equal((await field(page)).limits, null);
  // The histogram follows in its own time.
  assert.deepEqual((await calls(page)).filter(([name]) => name !== "histogram").at(-1), ["reset_view"]);
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
  await page.getByLabel("posterior: opacity", { exact: true }).focus();
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

shellTest("layers: limits typed, refused, and estimated again; visibility", "?session=demo.zarr", async (page) => {
  await shows(page, "#colorbar-high", "0.043");
  const upper = page.getByLabel("posterior: upper limit, typed");
  await upper.fill("0.7");
  await page.keyboard.press("Enter");
  await shows(page, "#colorbar-high", "0.7");
  assert.deepEqual((await field(page)).limits, [null, 0.7]);
  await shows(page, ".contrast .hint", "upper limit set by hand, peak-based, 64 of 22,086 chunks, seed 0");
  await upper.fill("-1");
  await page.keyboard.press("Enter");
  await shows(page, "#notices", /lower limit has to be below the upper one \(0 is not below -1\)/);
  await upper.fill("high");
  await page.keyboard.press("Enter");
  await shows(page, "#notices", /“high” is not a number/);
  assert.deepEqual((await field(page)).limits, [null, 0.7]);
  await page.getByLabel("posterior: lower limit, typed").fill("−0.25");
  await page.keyboard.press("Enter");
  assert.deepEqual((await field(page)).limits, [-0.25, 0.7]);
  await shows(page, ".contrast .hint", "set by hand");
  // An empty box is estimated again.
  await upper.fill("");
  await page.keyboard.press("Enter");
  assert.deepEqual((await field(page)).limits, [-0.25, null]);
  await shows(page, "#colorbar-high", "0.043");
  await shows(page, ".contrast .hint", /^lower limit set by hand, peak-based/);
  await page.getByRole("button", { name: "Auto" }).click();
  assert.equal((await field(page)).limits, null);
  await shows(page, "#colorbar-low", "0");
  await page.getByRole("checkbox", { name: "position" }).uncheck();
  assert.equal((await state(page)).layers[2].visible, false);
});

shellTest("limits come from the estimate, one frame, every frame, or all values", "?session=demo.zarr", async (page) => {
  await shows(page, ".contrast .hint", "peak-based, 64 of 22,086 chunks, seed 0");
  assert.equal(await page.locator(".contrast .hint").getAttribute("title"), "4,096 frames, 16 MiB as stored");
  const pressed = (/** @type {string} */ name) => page.getByRole("button", { name, exact: true }).getAttribute("aria-pressed");
  const click = (/** @type {string} */ name) => page.getByRole("button", { name, exact: true }).click();
  assert.deepEqual([await pressed("Auto"), await pressed("Follow")], ["true", "false"]);
  await click("Frame");
  assert.deepEqual((await field(page)).limits, [0, 0.5]);
  await shows(page, ".contrast .hint", "set by hand");
  assert.deepEqual([await pressed("Auto"), await pressed("Follow")], ["false", "false"]);
  await click("Full");
  assert.deepEqual((await field(page)).limits, [0, 0.9]);
  await shows(page, "#colorbar-high", "0.9");
  await click("Follow");
  assert.equal((await field(page)).limits, "frame");
  assert.equal(await pressed("Follow"), "true");
  await shows(page, ".contrast .hint", "this frame's lowest and highest");
  await shows(page, "#colorbar-high", "0.5");
  await page.keyboard.press("g");
  await page.keyboard.type("2100");
  await page.keyboard.press("Enter");
  await shows(page, "#colorbar-high", "0.6");
  await shows(page, "input[aria-label='posterior: upper limit, typed']", "0.6");
  await click("Follow");
  assert.equal((await field(page)).limits, null);
});

shellTest("an estimate that is not the last says so", "?session=refining.zarr", async (page) => {
  await shows(page, ".contrast .hint", "refining, peak-based, 64 of 22,086 chunks, seed 0");
});

/** @param {import("playwright-core").Page} page @returns {Promise<[string, string, number[], number][]>} */
const counted = async (page) => /** @type {any} */ ((await calls(page)).filter(([name]) => name === "histogram"));

/** @param {import("playwright-core").Page} page */
const outlines = (page) => page.locator(".histogram path").evaluateAll((paths) => paths.map((path) => path.getAttribute("d") ?? ""));

shellTest("the histogram spans the slider, follows the frames now and then, and a right click resets", "?session=demo.zarr", async (page) => {
  await shows(page, ".contrast .hint", /^peak-based/);
  await page.waitForTimeout(400);
  const first = await counted(page);
  assert.ok(first.length >= 1 && first.length <= 3, `counted ${first.length} times`);
  const [, name, edges = []] = first.at(-1) ?? assert.fail();
  assert.equal(name, "posterior");
  assert.equal(edges.length, 65);
  assert.deepEqual([edges[0], edges[64]], [0, 0.086], "the limits, with room");
  const [sample = "", frame = ""] = await outlines(page);
  // Log counts: after 10 of 64 bars a tenth of the values is left, and most of the height.
  const tenth = Number(/V([\d.]+)H11/.exec(sample)?.[1]);
  assert.ok(Math.abs(tenth - 40 * (1 - Math.log1p(107374) / Math.log1p(1e6))) < 0.1, `${tenth}`);
  assert.match(frame, /^M0 40V0\.0H1V40\.0H2/);

  // Nothing is counted while nothing happens, and frames do not each have theirs.
  await page.waitForTimeout(300);
  assert.equal((await counted(page)).length, first.length);
  await page.evaluate("(async () => { for (let frame = 1; frame <= 20; frame += 1) await viewer.seek({ frame }); })()");
  await page.waitForTimeout(300);
  const moved = (await counted(page)).slice(first.length);
  assert.ok(moved.length >= 1 && moved.length <= 12, `20 frames in a second or so: ${moved.length}`);
  assert.equal(moved.at(-1)?.[3], 20, "the last one is counted");
  assert.match((await outlines(page))[1] ?? "", /V40\.0H20V0\.0H21V40\.0H22/);

  await page.evaluate("viewer.setState({ layers: [{ name: 'posterior', limits: [0.01, 0.02] }] })");
  await page.locator(".histogram").click({ button: "right" });
  assert.equal((await field(page)).limits, null);

  // A layer that is not shown counts nothing.
  await page.getByRole("checkbox", { name: "posterior" }).first().uncheck();
  await page.waitForTimeout(300);
  const before = (await counted(page)).length;
  await page.evaluate("viewer.seek({ frame: 40 })");
  await page.waitForTimeout(300);
  assert.equal((await counted(page)).length, before);
});

shellTest("a handle is dragged in the histogram; about a centre both move", "?session=demo.zarr", async (page) => {
  await shows(page, "#colorbar-high", "0.043");
  const handle = page.getByRole("slider", { name: "posterior: upper limit" });
  const drag = async (/** @type {number} */ by) => {
    const box = (await handle.boundingBox()) ?? assert.fail();
    const [x, y] = [box.x + box.width / 2, box.y - 20];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + by, y, { steps: 3 });
    await page.mouse.up();
  };
  await drag(30);
  const [low, high] = (await field(page)).limits;
  assert.equal(low, null, "the other limit is as it was");
  assert.ok(high > 0.05 && high < 0.06, `${high}`);
  assert.equal(String(high).length <= 7, true, "no more exact than a hand is");
  await page.evaluate("viewer.setState({ layers: [{ name: 'posterior', limits: null, center: 0 }] })");
  await shows(page, "#colorbar-low", "-0.043");
  await drag(-10);
  const [under, over] = (await field(page)).limits;
  assert.ok(over < 0.043 && over > 0.02, `${over}`);
  assert.equal(under, -over);
});

shellTest("a logarithmic scale: the slider's and the histogram's, and the ticks are decades", "?session=demo.zarr", async (page) => {
  await shows(page, "#colorbar-high", "0.043");
  assert.deepEqual(await page.locator("#colorbar-ticks span").allTextContents(), ["0", "0.01", "0.02", "0.03", "0.04"]);
  await page.click(".coloring summary");
  await page.getByLabel("posterior: log").check();
  assert.equal((await field(page)).log, true);
  await shows(page, "#colorbar-ticks", "1e−50.00010.0010.01");
  const places = await page.locator("#colorbar-ticks span").evaluateAll((marks) => marks.map((mark) => parseFloat(mark.style.bottom)));
  assert.ok(Math.abs((places[0] ?? 0) - Math.log(1e-5 / 4.3e-6) / Math.log(1e4) * 100) < 0.01, `${places}`);
  assert.ok(Math.abs((places[2] ?? 0) - (places[1] ?? 0) - 25) < 0.01, "decades are evenly spaced");
  await page.waitForTimeout(300);
  const [, , edges = []] = (await counted(page)).at(-1) ?? assert.fail();
  const ratios = edges.slice(1).map((edge, at) => edge / (edges[at] ?? NaN));
  assert.ok(ratios.every((ratio) => Math.abs(ratio - (ratios[0] ?? 0)) < 1e-9) && (ratios[0] ?? 0) > 1.1, `${ratios}`);
  assert.ok(Math.abs((edges[0] ?? 0) / 4.3e-6 - 1) < 1e-9, "from where the scale begins");
  const lower = page.getByRole("slider", { name: "posterior: lower limit" });
  assert.equal(await lower.getAttribute("aria-valuetext"), "4.3e−6");
  await lower.focus();
  await page.keyboard.press("ArrowRight");
  const { limits: [low] } = await field(page);
  assert.ok(low > 4.3e-6 && low < 6e-6, `a hundredth of the slider further: ${low}`);

  const floor = page.getByLabel("posterior: least value of the log scale");
  await floor.fill("0");
  await page.keyboard.press("Enter");
  await shows(page, "#notices", /has to be above 0/);
  await floor.fill("0.01");
  await page.keyboard.press("Enter");
  assert.equal((await field(page)).floor, 0.01);
  await shows(page, "#colorbar-ticks", "0.010.020.030.04");
  await floor.fill("");
  await page.keyboard.press("Enter");
  assert.equal((await field(page)).floor, null);
});

shellTest("what else makes colours is set, and taken away", "?session=demo.zarr", async (page) => {
  await shows(page, "#colorbar-high", "0.043");
  await page.click(".coloring summary");
  const box = (/** @type {string} */ label) => page.getByLabel(`posterior: ${label}`);
  const type = async (/** @type {string} */ label, /** @type {string} */ text) => {
    await box(label).fill(text);
    await page.keyboard.press("Enter");
  };
  await box("reversed").check();
  await box("opacity from value").check();
  await type("steps", "7");
  await box("symmetric about").check();
  assert.equal((await field(page)).center, 0);
  await type("value in the middle", "−1.5");
  let { reversed, fade, steps, center } = await field(page);
  assert.deepEqual({ reversed, fade, steps, center }, { reversed: true, fade: true, steps: 7, center: -1.5 });
  await type("steps", "1");
  await shows(page, "#notices", /steps from 2 to 256/);
  await shows(page, "input[aria-label='posterior: steps']", "7");
  await type("steps", "");
  await box("symmetric about").uncheck();
  await box("reversed").uncheck();
  ({ reversed, fade, steps, center } = await field(page));
  assert.deepEqual({ reversed, fade, steps, center }, { reversed: false, fade: true, steps: null, center: null });
  await box("symmetric about").check();
  assert.equal((await field(page)).center, -1.5, "as it was typed");

  await box("above").first().check();
  await box("below").first().check();
  let { under, over, noData } = await field(page);
  assert.deepEqual([under, over], ["#0072b2", "#d55e00"]);
  await box("colour above the limits").fill("#112233");
  await box("colour of no data").fill("#445566");
  await box("below").first().uncheck();
  ({ under, over, noData } = await field(page));
  assert.deepEqual([under, over, noData], [null, "#112233", "#445566"]);
  await page.getByLabel("background").fill("#ffffff");
  assert.equal((await state(page)).scene.background, "#ffffff");
  // The state is shown, whoever set it.
  await page.evaluate("viewer.setState({ layers: [{ name: 'posterior', steps: 12, over: null, noData: '#000001' }], scene: { background: '#000002' } })");
  await shows(page, "input[aria-label='posterior: steps']", "12");
  await shows(page, "#scene-background", "#000002");
  await shows(page, "input[aria-label='posterior: colour of no data']", "#000001");
  assert.equal(await box("above").first().isChecked(), false);
});

shellTest("the bar beside the picture is the legend, and its limits are typed over", "?session=demo.zarr", async (page) => {
  await shows(page, "#colorbar-high", "0.043");
  const swatches = () => page.locator("#colorbar .swatch").evaluateAll((all) => all.map((swatch) => swatch.style.boxShadow.replace(/\) .*/, ")")));
  assert.deepEqual(await swatches(), ["rgb(255, 255, 255)", "rgb(0, 0, 0)", "rgb(127, 127, 127)"]);
  assert.deepEqual(await page.locator("#colorbar .legend").allTextContents(), ["> max", "< min", "no data"]);
  await page.evaluate("viewer.setState({ layers: [{ name: 'posterior', under: '#0072b2', over: '#d55e00', noData: '#010203' }] })");
  assert.deepEqual(await swatches(), ["rgb(213, 94, 0)", "rgb(0, 114, 178)", "rgb(1, 2, 3)"]);
  const bar = (/** @type {number} */ y) => page.locator("#colorbar-lut").evaluate((canvas, y) =>
    [.../** @type {HTMLCanvasElement} */ (canvas).getContext("2d")?.getImageData(0, y, 1, 1).data ?? []], y);
  assert.deepEqual([await bar(0), await bar(255), await bar(127)], [[255, 255, 255, 255], [0, 0, 0, 255], [128, 128, 128, 255]]);
  await page.evaluate("viewer.setState({ layers: [{ name: 'posterior', gamma: 2 }] })");
  assert.deepEqual(await bar(127), [64, 64, 64, 255]);
  await page.evaluate("viewer.setState({ layers: [{ name: 'posterior', fade: true }] })");
  assert.equal((await bar(127))[3], 64, "as transparent as the picture");

  await page.getByLabel("Upper limit", { exact: true }).fill("0.5");
  await page.keyboard.press("Enter");
  assert.deepEqual((await field(page)).limits, [null, 0.5]);
  await shows(page, "input[aria-label='posterior: upper limit, typed']", "0.5");
  await shows(page, "#colorbar-ticks", "00.10.20.30.40.5");
  await page.getByLabel("Lower limit", { exact: true }).fill("0.6");
  await page.keyboard.press("Enter");
  await shows(page, "#notices", /\(0\.6 is not below 0\.5\)/);
  await shows(page, "#colorbar-low", "0");
  const { width } = (await page.locator("#picture").boundingBox()) ?? assert.fail();
  await page.getByRole("checkbox", { name: "posterior" }).first().uncheck();
  assert.equal(await page.locator("#colorbar-high").isVisible(), false);
  assert.equal((await page.locator("#picture").boundingBox())?.width, width, "blank, and not gone");
});

shellTest("a colormap is searched, and taken by Enter or a click", "?session=demo.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  const button = page.getByLabel("posterior: colormap");
  const search = page.locator("#colormaps-search");
  const options = page.locator("#colormaps-list").getByRole("option");
  const right = (/** @type {string} */ strip) => page.locator(strip).evaluate((canvas) =>
    [.../** @type {HTMLCanvasElement} */ (canvas).getContext("2d")?.getImageData(/** @type {HTMLCanvasElement} */ (canvas).width - 1, 0, 1, 1).data ?? []]);
  assert.deepEqual(await right("button.colormap .strip"), [250, 230, 60, 255]);
  await button.click();
  assert.deepEqual(await options.allTextContents(), ["viridis", "magma", "gray", "RdBu", "cmo.phase", "twilight"]);
  assert.equal(await page.locator("#colormaps-list [aria-selected=true]").textContent(), "viridis");
  await page.waitForTimeout(150);
  assert.deepEqual(await right("[role=option]:has-text('cmo.phase') .strip"), [170, 120, 20, 255], "fetched with the list");
  await search.fill("CYCLIC p");
  assert.deepEqual(await options.filter({ visible: true }).allTextContents(), ["cmo.phase"]);
  assert.equal((await field(page)).colormap, "viridis");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#colormaps").isVisible(), false);
  assert.equal(await button.evaluate((node) => node === document.activeElement), true, "the focus is back");
  assert.equal((await field(page)).colormap, "viridis");

  await page.keyboard.press("Enter");
  await search.fill("cyclic");
  await page.keyboard.press("ArrowDown");
  assert.equal(await page.locator(`#${await search.getAttribute("aria-activedescendant")}`).textContent(), "twilight");
  assert.equal((await field(page)).colormap, "viridis", "nothing is set on the way");
  await page.keyboard.press("Enter");
  assert.equal((await field(page)).colormap, "twilight");
  assert.equal(await page.locator("#colormaps").isVisible(), false);
  await shows(page, "button.colormap span", "twilight");
  assert.deepEqual(await right("button.colormap .strip"), [220, 210, 225, 255]);

  await button.click();
  await search.fill("zzz");
  await shows(page, "#colormaps .hint[role=status]", "No colormap matches.");
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("#colormaps").isVisible(), true);
  await search.fill("");
  await options.filter({ hasText: "magma" }).click();
  assert.equal((await field(page)).colormap, "magma");
  await page.locator("#colormaps").waitFor({ state: "hidden" });
});

shellTest("a colormap that is still to come is shown once it is there", "?session=demo.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  await page.evaluate("viewer.setState({ layers: [{ name: 'posterior', colormap: 'cmo.phase' }] })");
  await shows(page, "button.colormap span", "cmo.phase");
  await page.waitForTimeout(200);
  const end = await page.locator("button.colormap .strip").evaluate((canvas) =>
    [.../** @type {HTMLCanvasElement} */ (canvas).getContext("2d")?.getImageData(255, 0, 1, 1).data ?? []]);
  assert.deepEqual(end, [170, 120, 20, 255]);
  const all = await page.evaluate("viewer.colormaps()");
  assert.ok(Array.isArray(all) && all.every(({ lut }) => lut));
});

shellTest("a request for a range that makes no sense is told why", "?session=demo.zarr", async (page) => {
  await shows(page, "#colorbar-high", "0.043");
  assert.deepEqual(await page.evaluate("viewer.estimateRange({ method: 'best' }).catch((error) => [error.name, error.message])"), ["RangeError", "“best” is no method."]);
  assert.equal(await page.evaluate("viewer.estimateRange().then(({ method }) => method)"), "peaks");
});

shellTest("in a narrow window typed limits are whole", "?session=demo.zarr", async (page) => {
  await page.setViewportSize({ width: 820, height: 700 });
  await shows(page, "#colorbar-high", "0.043");
  await page.evaluate("viewer.setState({ layers: [{ name: 'posterior', limits: [0.0012345, 0.0434567] }] })");
  await shows(page, "input[aria-label='posterior: lower limit, typed']", "0.0012345");
  const cut = await page.locator(".limits input, #colorbar input").evaluateAll((inputs) => inputs.filter((input) => input.scrollWidth > input.clientWidth).map((input) => input.outerHTML));
  assert.deepEqual(cut, []);
});

shellTest("scale bar and axes follow the camera, and say what is across", "?session=demo.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  const bar = page.locator("#scale-bar");
  const { width } = (await page.locator("#canvas").boundingBox()) ?? assert.fail();
  await shows(page, "#scale-bar", "20 cm");
  const length = (await bar.boundingBox())?.width ?? 0;
  assert.ok(Math.abs(length - 200) < 1.5, `20 cm at 10 pixels a cm are ${length}`);
  assert.ok(length / width > 0.12 && length / width < 0.32, `${length} of ${width}`);
  assert.equal(await page.locator("#axes").isVisible(), false);
  await page.keyboard.press("x");
  const texts = (/** @type {string} */ selector) => page.locator(selector).allTextContents();
  assert.deepEqual((await texts(".tick.x")).slice(0, 3), ["10", "20", "30"]);
  const marks = await page.locator(".tick.x").evaluateAll((found) => found.map((mark) => mark.getBoundingClientRect()).map(({ left, width }) => left + width / 2));
  assert.ok(Math.abs((marks[2] ?? 0) - (marks[1] ?? 0) - 100) < 0.5, `${marks}`);
  assert.deepEqual(await texts(".axis"), ["x (cm)", "y (cm)"]);
  await page.keyboard.press("r");
  assert.equal((await state(page)).camera.rotation, 90);
  assert.deepEqual(await texts(".axis"), ["y (cm)", "x (cm)"]);
  for (let i = 0; i < 3; i += 1) await page.getByRole("button", { name: "Rotate" }).click();
  assert.equal((await state(page)).camera.rotation, 0);
  await page.getByLabel("scale bar").uncheck();
  assert.equal(await bar.isVisible(), false);
  assert.equal(await page.getByLabel("linearised").isVisible(), false);
  await page.keyboard.press("b");
  assert.equal(await page.getByLabel("borders").isChecked(), true);
});

shellTest("a track has a second view, whose axis is the way along it", "?session=track.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  await page.getByLabel("linearised").check();
  await page.keyboard.press("x");
  assert.deepEqual(await page.locator(".axis").allTextContents(), ["x (cm)"]);
  await page.keyboard.press("l");
  assert.equal((await state(page)).scene.linearised, false);
  assert.equal(await page.getByLabel("linearised").isChecked(), false);
});

shellTest("a click pins a bin, a drag does not; the list shows its value and lets go of it", "?session=demo.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  const box = (await page.locator("#canvas").boundingBox()) ?? assert.fail();
  await page.mouse.move(box.x + 300, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(box.x + 302, box.y + 51);
  await page.mouse.up();
  assert.deepEqual((await state(page)).pinned, [820]);
  await shows(page, "#pins li span", "bin 820 at (20.5, 20.5)");
  await shows(page, "#pins output", "NaN");
  await page.keyboard.press("ArrowRight");
  await shows(page, "#pins output", "0.01234568");
  await page.mouse.down();
  await page.mouse.move(box.x + 320, box.y + 60);
  await page.mouse.up();
  assert.deepEqual((await state(page)).pinned, [820], "a drag moves the picture and no more");
  await page.mouse.dblclick(box.x + 300, box.y + 50);
  assert.deepEqual((await state(page)).pinned, [820], "a double click shows all and leaves pins alone");
  await page.getByRole("button", { name: "Unpin bin 820" }).click();
  assert.deepEqual((await state(page)).pinned, []);
  assert.equal(await page.locator("#pins li").count(), 0);
  await page.locator("#canvas").focus();
  await page.keyboard.press("p");
  assert.deepEqual((await state(page)).pinned, [820], "without a pointer, too");
});

shellTest("a region is named at the pointer, and toggled by its name", "?session=demo.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  const box = (await page.locator("#canvas").boundingBox()) ?? assert.fail();
  const label = page.locator("#region-label");
  await page.mouse.move(box.x + 300, box.y + 50);
  assert.equal(await label.isVisible(), false);
  await page.mouse.move(box.x + 50, box.y + 50);
  await shows(page, "#region-label", "goal");
  assert.equal(await label.isVisible(), true);
  const at = (await label.boundingBox()) ?? assert.fail();
  assert.ok(at.x - box.x > 50 && at.x - box.x < 80 && at.y - box.y > 50 && at.y - box.y < 80, JSON.stringify(at));
  await page.getByRole("checkbox", { name: "goal" }).uncheck();
  assert.equal((await state(page)).layers.find((/** @type {any} */ layer) => layer.name === "goal").visible, false);
  const swatch = page.locator(".layer .swatch");
  assert.equal(await swatch.evaluate((node) => getComputedStyle(node).backgroundColor), "rgb(230, 159, 0)");
});

shellTest("pointer, wheel and double click move the camera; the status bar reads the bin", "?session=demo.zarr", async (page) => {
  await shows(page, "#frame-note", "frame 0");
  const box = await page.locator("#canvas").boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + 100, box.y + 50);
  await shows(page, "#probe", "x 10 cm   y −5 cm   bin 820 at (20.5, 20.5)   value NaN (no data)");
  await page.keyboard.press("ArrowRight");
  await shows(page, "#probe", /value 0\.01234568$/);
  await page.mouse.wheel(0, -300);
  await page.mouse.down();
  await page.mouse.move(box.x + 130, box.y + 40);
  await page.mouse.up();
  await page.mouse.dblclick(box.x + 100, box.y + 50);
  const seen = (await calls(page)).filter(([name]) => name !== "resize" && name !== "histogram");
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
  // The session that works stays, and nothing is in its way; what was typed is kept.
  await shows(page, "#session-name", "open field");
  await shows(page, "#total", "of 3,600,000");
  assert.match(page.url(), /\?session=demo\.zarr/);
  assert.equal(await page.locator("#empty").isVisible(), false);
  assert.equal(await page.locator("#progress").isVisible(), false);
  await page.keyboard.press("ArrowRight");
  await shows(page, "#frame-note", "frame 1");
  assert.equal(await page.locator(".layer").count(), 3);
  await page.locator("#open-other").click();
  assert.equal(await page.locator("#url").inputValue(), "missing.zarr");
});

shellTest("a session stays while another one opens, which can be let go", "?session=demo.zarr#t=101", async (page) => {
  await shows(page, "#frame-note", "frame 500");
  await page.locator("#open-other").click();
  await page.locator("#url").fill("https://host/busy.zarr");
  await page.keyboard.press("Enter");
  const alert = page.getByRole("alert");
  await alert.getByText("The server asked to wait 4000 s.").waitFor({ timeout: 3000 });
  assert.match((await alert.textContent()) ?? "", /^Waiting until \S+/);
  await page.keyboard.press("ArrowRight");
  await shows(page, "#frame-note", "frame 501");
  await page.locator("#progress").getByRole("button", { name: "Cancel" }).click();
  await page.locator("#progress").waitFor({ state: "hidden", timeout: 3000 });
  await shows(page, "#session-name", "open field");
  await shows(page, "#errors", "");
  await page.waitForURL(/\?session=demo\.zarr#t=101\.002&v=1$/);
});

shellTest("Retry ends a wait that the server asked for", "?session=busy.zarr", async (page) => {
  await page.getByRole("alert").getByRole("button", { name: "Retry" }).click();
  await shows(page, "#session-name", "open field");
  await shows(page, "#errors", "");
});

shellTest("what could not be opened has a Retry, and is opened when the network is back", "?session=offline.zarr", async (page) => {
  const retry = page.getByRole("alert").getByRole("button", { name: "Retry" });
  await retry.click();
  await retry.waitFor({ timeout: 3000 });
  assert.equal(await page.getByRole("alert").locator(".banner").count(), 1);
  await page.evaluate(`import("/replayscope.js").then(({ Handle }) => {
    Handle.back = true;
    dispatchEvent(new Event("online"));
  })`);
  await shows(page, "#session-name", "open field");
  await shows(page, "#errors", "");
  assert.ok((await calls(page)).some(([name, waits]) => name === "retry" && waits === false), "the handle asks again by itself");
});

shellTest("the handle is told whether anybody sees the page", "?session=demo.zarr", async (page) => {
  await shows(page, "#session-name", "open field");
  await page.evaluate(`for (const hidden of [true, false]) {
    Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
    document.dispatchEvent(new Event("visibilitychange"));
  }`);
  assert.deepEqual(await page.evaluate("viewer.stats().hidden"), [false, true, false]);
});

shellTest("a session that Back cannot open leaves the one on screen, and its address", "?session=missing.zarr", async (page) => {
  await page.getByRole("alert").getByText("the server answered 404").waitFor({ timeout: 3000 });
  await page.locator("#url").fill("demo.zarr");
  await page.keyboard.press("Enter");
  await shows(page, "#session-name", "open field");
  await page.waitForURL(/\?session=demo\.zarr/);
  await page.goBack();
  await page.getByRole("alert").getByText("the server answered 404").waitFor({ timeout: 3000 });
  await shows(page, "#session-name", "open field");
  await page.waitForURL(/\?session=demo\.zarr/);
});

shellTest("a destroyed viewer rejects what is pending and whatever is asked of it, and the page says so", "?session=busy.zarr", async (page) => {
  await page.getByRole("alert").getByRole("button", { name: "Retry" }).waitFor({ timeout: 3000 });
  const told = await page.evaluate(`(async () => {
    const told = [];
    const outcome = (promise) => Promise.resolve(promise).then(() => "resolved", ({ code, message }) => code + ": " + message);
    const pending = { ready: outcome(viewer.ready), open: outcome(viewer.open("busy.zarr")) };
    viewer.addEventListener("progress", () => told.push("progress"));
    viewer.destroy();
    viewer.destroy();
    const calls = {
      ready: () => viewer.ready, open: () => viewer.open("demo.zarr"), openFiles: () => viewer.openFiles([]), stopOpening: () => viewer.stopOpening(),
      seek: () => viewer.seek({ frame: 0 }), play: () => viewer.play(), pause: () => viewer.pause(), state: () => viewer.state(),
      setState: () => viewer.setState({}), applyFragment: () => viewer.applyFragment("t=1"), link: () => viewer.link(),
      values: () => viewer.values({ frame: 0, field: "posterior" }), pixels: () => viewer.pixels(), stats: () => viewer.stats(),
      setBudgets: () => viewer.setBudgets({}), direction: () => viewer.direction, binSize: () => viewer.binSize, timeText: () => viewer.timeText(0), timeOf: () => viewer.timeOf(0), frameAt: () => viewer.frameAt(0), probe: () => viewer.probe({ x: 0, y: 0 }),
      binAt: () => viewer.binAt({ x: 0, y: 0 }), polygon: () => viewer.polygon(0), bin: () => viewer.bin(0), project: () => viewer.project({ x: 0, y: 0 }),
      zoom: () => viewer.zoom({ factor: 2, x: 0, y: 0 }), pan: () => viewer.pan({ dx: 1, dy: 1 }), resetView: () => viewer.resetView(),
      resize: () => viewer.resize({ width: 1, height: 1, dpr: 1 }), autoContrast: () => viewer.autoContrast("posterior"), range: () => viewer.range(),
      estimateRange: () => viewer.estimateRange(), histogram: () => viewer.histogram({ edges: [0, 1] }), colors: () => viewer.colors({ values: [0] }),
      retry: () => viewer.retry(), buffered: () => viewer.buffered(), colormaps: () => viewer.colormaps(), allColormaps: () => viewer.allColormaps(),
      on: () => viewer.on("frame", () => {}),
    };
    const after = {};
    for (const [name, call] of Object.entries(calls)) {
      after[name] = await outcome(new Promise((resolve) => resolve(call())));
    }
    return { pending: { ready: await pending.ready, open: await pending.open }, after, told, session: viewer.session, playing: viewer.playing };
  })()`);
  const { pending, after, ...rest } = /** @type {any} */ (told);
  for (const [name, outcome] of Object.entries({ ...pending, ...after })) {
    assert.match(String(outcome), /^destroyed: .*destroy\(\).*createViewer/, name);
  }
  assert.deepEqual(rest, { told: [], session: null, playing: false });
  await page.getByRole("alert").getByText("This viewer was destroyed").waitFor({ timeout: 3000 });
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
    return { shown, same: await second === failed, failed, session: viewer.session?.name };
  })()`);
  assert.deepEqual(seen, { shown: { frame: 0, time: 100 }, same: true, failed: "not-found", session: "open field" });
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
  await shows(page, "#notices", /“fast” is not a speed/);
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
  await shows(page, "#notices", /“lots” is not an amount of memory/);
  await shows(page, "#budget-gpu", "256");
  await page.reload();
  await shows(page, "#frame-note", "frame 0");
  assert.equal((/** @type {any} */ (await page.evaluate("viewer.stats()"))).cacheBudget, 512 * 2 ** 20);
});

/**
 * Lets go of files over the page, as an operating system does.
 *
 * @param {import("playwright-core").Page} page
 * @param {string[]} names
 */
async function drop(page, names) {
  await page.evaluate((names) => {
    const dataTransfer = new DataTransfer();
    for (const name of names) dataTransfer.items.add(new File(["x".repeat(name.length)], name));
    for (const type of ["dragenter", "dragover"]) {
      document.body.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
    }
  }, names);
  await page.locator("#drop").waitFor();
  await page.evaluate((names) => {
    const dataTransfer = new DataTransfer();
    for (const name of names) dataTransfer.items.add(new File(["x".repeat(name.length)], name));
    document.body.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
  }, names);
}

/** @param {import("playwright-core").Page} page @returns {Promise<unknown[]>} */
const filesOpened = (page) => page.evaluate(() =>
  Reflect.get(globalThis, "viewer").stats().calls.filter((/** @type {unknown[]} */ [name]) => name === "open_files"));

shellTest("files that are dropped open as one session, which no link carries", "?session=one.zarr", async (page) => {
  await shows(page, "#session-name", "open field");
  await drop(page, ["posterior.npy", "environment.json"]);
  await shows(page, "#session-name", "posterior.npy");
  assert.equal(await page.locator("#drop").isVisible(), false);
  assert.deepEqual(await filesOpened(page), [["open_files", [["posterior.npy", 13], ["environment.json", 16]], null]]);
  assert.equal(new URL(page.url()).search, "", "the address bar names no session that it cannot open");
  await page.locator("#panel summary").first().click();
  await shows(page, "#session-info", /on this computer; nothing is sent anywhere/);
  await page.locator("#copy-link").click();
  await shows(page, "#notices", /on this computer only.*replayscope pack.*replayscope serve/s);
  await page.reload();
  await shows(page, "#notices", /“posterior\.npy” was opened from this computer.*drop or choose them once more/s);
  assert.equal(await page.locator("#empty").isVisible(), true);
  // And back to what the address bar named before.
  await page.goBack();
  await shows(page, "#session-name", "open field");
});

shellTest("a drag without files is left alone", "", async (page) => {
  await page.locator("#empty").waitFor();
  const taken = await page.evaluate(() => {
    const dataTransfer = new DataTransfer();
    dataTransfer.setData("text/plain", "a");
    const event = new DragEvent("dragover", { bubbles: true, cancelable: true, dataTransfer });
    document.body.dispatchEvent(event);
    return event.defaultPrevented;
  });
  assert.equal(taken, false);
  assert.equal(await page.locator("#drop").isVisible(), false);
});

shellTest("files are chosen from the opening card", "", async (page) => {
  await page.locator("#empty").waitFor();
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.locator("#files-button").click()]);
  assert.equal(chooser.isMultiple(), true);
  await chooser.setFiles([
    { name: "results.nc", mimeType: "", buffer: Buffer.from("12345") },
    { name: "environment.json", mimeType: "", buffer: Buffer.from("{}") },
  ]);
  await shows(page, "#session-name", "results.nc");
  assert.deepEqual(await filesOpened(page), [["open_files", [["results.nc", 5], ["environment.json", 2]], null]]);
});

shellTest("a folder is walked to its end, however many files it holds", "", async (page) => {
  await page.locator("#empty").waitFor();
  const found = await page.evaluate(async () => {
    const { walk } = await import(new URL("www/local.js", document.baseURI).href);
    /** @param {string} path */
    const file = (path) => ({
      isDirectory: false, fullPath: `/${path}`, file: (/** @type {(file: File) => void} */ done) => done(new File([], path)),
    });
    // As browsers do: at most 100 at a time, and nothing at the end.
    /** @param {string} path @param {unknown[]} inside */
    const folder = (path, inside) => ({
      isDirectory: true, fullPath: `/${path}`,
      createReader() {
        const left = [...inside];
        return { readEntries: (/** @type {(batch: unknown[]) => void} */ done) => done(left.splice(0, 100)) };
      },
    });
    const chunks = [...Array(1234).keys()].map((at) => file(`a.zarr/posterior/c/${at}/0`));
    /** @type {number[]} */
    const told = [];
    const root = folder("a.zarr", [file("a.zarr/zarr.json"), folder("a.zarr/posterior", chunks), folder("a.zarr/empty", [])]);
    const files = await walk([root], (/** @type {number} */ count) => told.push(count));
    return { paths: files.map((/** @type {{ path: string }} */ { path }) => path).sort(), told };
  });
  assert.equal(found.paths.length, 1235);
  assert.ok(found.paths.includes("a.zarr/zarr.json") && found.paths.includes("a.zarr/posterior/c/1233/0"));
  assert.deepEqual(found.told, [500, 1000]);
});

shellTest("where nothing says when frames are, the rate is asked for, and the link has it", "?session=untimed.npy", async (page) => {
  const dialog = page.locator("#rate-dialog");
  await dialog.waitFor();
  await shows(page, "#rate-of", "untimed.npy");
  await page.locator("#rate").fill("often");
  await page.keyboard.press("Enter");
  await shows(page, "#rate-wrong", /“often” is not a rate/);
  await page.locator("#rate").fill("250");
  await page.keyboard.press("Enter");
  await shows(page, "#session-name", "open field");
  assert.equal(await dialog.isVisible(), false);
  await shows(page, "#errors", "");
  await page.waitForFunction(() => location.search.includes("rate=250"));
  await page.reload();
  await shows(page, "#session-name", "open field");
  assert.equal(await dialog.isVisible(), false, "the link's rate is used");
});

shellTest("without a rate the error stays, and so does the way to open something else", "?session=untimed.npy", async (page) => {
  await page.locator("#rate-dialog").waitFor();
  await page.locator("#rate-cancel").click();
  await shows(page, "#errors", /nowhere when its frames are/);
  assert.equal(await page.locator("#empty").isVisible(), true);
});

shellTest("gaps are marked on the slider, and skipped or waited out", "?session=epochs.zarr", async (page) => {
  await shows(page, "#session-name", "open field");
  const choice = page.locator("#gaps");
  assert.equal(await choice.isVisible(), true);
  assert.equal(await choice.inputValue(), "wait");
  await choice.selectOption("skip");
  assert.equal(await page.evaluate(() => Reflect.get(globalThis, "viewer").state().gaps), "skip");
  await page.waitForTimeout(200);
  // The first gap ends at 1300 s, which is frame 600,000 of 3,600,000.
  const [mark, beside] = await page.evaluate(() => {
    const strip = /** @type {HTMLCanvasElement} */ (document.getElementById("buffered"));
    const context = /** @type {CanvasRenderingContext2D} */ (strip.getContext("2d"));
    const at = (/** @type {number} */ x) => [...context.getImageData(x, 1, 1, 1).data];
    const middle = Math.round(strip.width / 6);
    return [at(middle), at(middle + 8)];
  });
  assert.ok(mark[3] === 255, `a mark: ${mark}`);
  assert.equal(beside[3], 0, `none beside it: ${beside}`);
});

shellTest("without gaps there is no such choice", "?session=one.zarr", async (page) => {
  await shows(page, "#session-name", "open field");
  assert.equal(await page.locator("#gaps").isVisible(), false);
});
