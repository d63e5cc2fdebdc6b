/** The graphics device: lost, with no other to be had for a while. Nothing is said to be shown before it is. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Site, bits, sharded } from "./site.js";

/** @type {Site} */
let site;
before(async () => (site = await Site.start()));
after(() => site.stop());

const [HERE, THERE] = [10, 4000];
/** Bytes. */
const GPU_BUDGET = 40 << 20;

/** From now on the browser has no adapter, until `adapters = true`; and the device that draws is lost. */
const LOSE = `{
  globalThis.adapters = false;
  globalThis.searches = 0;
  const real = navigator.gpu.requestAdapter;
  navigator.gpu.requestAdapter = (...asked) => (searches += 1, adapters ? real.apply(navigator.gpu, asked) : Promise.resolve(null));
  document.getElementById("canvas").getContext("webgpu").getConfiguration().device.destroy();
}`;

test("without a device no answer claims a picture; it is asked for again and again, and at once by Retry", async () => {
  const window = await site.open("data/sharded/");
  const retry = window.page.locator("#errors .banner button.primary");
  await window.settled();
  await window.seek({ frame: THERE });
  const right = await window.canvas();
  await window.seek({ frame: HERE });
  await window.settled();
  await window.run(`viewer.setBudgets({ gpu: ${GPU_BUDGET} })`);
  // The frame's values are in memory: nothing is waited for but the picture, and the loss is told a moment after the seek.
  const told = await window.run(`(async () => {
    ${LOSE}
    globalThis.shown = null;
    void viewer.seek({ frame: ${THERE} }).then((answer) => (shown = answer));
    while (searches < 3) await new Promise((done) => setTimeout(done, 50));
    const before = viewer.stats().framesPresented;
    viewer.setState({ layers: [{ name: "posterior", gamma: 1 }] });
    viewer.play();
    const pixels = await viewer.pixels({ width: 8, height: 8 }).then(() => "pixels", ({ code, message }) => code + ": " + message);
    await new Promise((done) => setTimeout(done, 100));
    const at = viewer.state().time;
    viewer.pause();
    return { shown, pixels, at, presented: viewer.stats().framesPresented - before };
  })()`);
  assert.deepEqual({ ...told, pixels: "" }, { shown: null, pixels: "", at: sharded.time(THERE), presented: 0 });
  assert.match(told.pixels, /^device-lost: The graphics device was lost/);
  await window.screenshot("device-lost");
  assert.match((await window.page.locator("#errors .banner").textContent()) ?? "", /graphics device was lost.*Retry/s);
  const before = await window.run("searches");
  await retry.click();
  await window.page.waitForFunction((before) => /** @type {any} */ (globalThis).searches > before, before);
  assert.ok(await retry.isVisible(), "there is still none");
  await window.run("void (adapters = true)");
  await retry.click();
  await retry.waitFor({ state: "detached" });
  await window.page.waitForFunction(() => /** @type {any} */ (globalThis).shown);
  assert.deepEqual(await window.run("shown"), { frame: THERE, time: sharded.time(THERE) });
  assert.ok((await window.canvas()).data.equals(right.data), "the picture is the frame's");
  assert.deepEqual(bits(await window.values(THERE)), bits(sharded.row(THERE)));
  assert.equal((await window.stats()).gpuBudget, GPU_BUDGET, "the reader's choice holds");
  // Without one, too, another session opens; it is shown once there is one.
  await window.run(LOSE);
  await retry.waitFor();
  assert.equal((await window.run(`viewer.open("data/little/")`)).name, "little");
  await window.run("void (adapters = true)");
  await window.run("viewer.retry()");
  assert.equal((await window.run("viewer.ready")).frame, 0);
  assert.deepEqual(await window.events("error"), []);
  // A search that never ends is given up, and told.
  await window.run(LOSE);
  await window.run("navigator.gpu.requestAdapter = () => (searches += 1, new Promise(() => {}))");
  await retry.waitFor();
  await window.run("delete navigator.gpu.requestAdapter");
  await retry.click();
  await retry.waitFor({ state: "detached" });
  await window.close();
});
