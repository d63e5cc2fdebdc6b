/** One session after another, and none: what is open stays until the next one stands, and a destroyed viewer is done. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { Window } from "./chromium.js";
import { Site, bits, sharded } from "./site.js";

/** Modules of the built site on a page of its own: an embedder, with nothing of the shell. */
const EMBEDDER = `<!doctype html><link rel="icon" href="data:,"><canvas id="canvas" style="width: 200px; height: 150px"></canvas>
<script type="module">
  import { createViewer } from "../www/replayscope.js";
  globalThis.make = async () => {
    const viewer = await createViewer(document.getElementById("canvas"));
    viewer.resize({ width: 200, height: 150, dpr: 1 });
    globalThis.viewer = viewer;
  };
  await make();
</script>`;

/** @type {Site} */
let site;
before(async () => {
  site = await Site.start();
  const page = new TextEncoder().encode(EMBEDDER);
  site.server.mount("embedder/", (name) => (name === "" ? { size: page.length, read: () => page } : null));
});
after(() => site.stop());
beforeEach(() => site.server.heal());

const FRAME = 777;

test("an address that is wrong leaves the session that is open, and so does one that is slow; the later of two is opened", async () => {
  const window = await site.open("data/sharded/", { expectErrors: true });
  const { page } = window;
  await window.settled();
  await window.seek({ frame: FRAME });
  const picture = await window.canvas();
  const stands = async () => {
    assert.equal((await window.session()).name, "sharded");
    assert.equal(await page.locator("#total").textContent(), "of 200,000");
    await window.seek({ frame: FRAME + 1 });
    await window.seek({ frame: FRAME });
    assert.deepEqual(bits(await window.values(FRAME)), bits(sharded.row(FRAME)));
    const covered = (await window.stats()).framesCovered;
    await window.run("viewer.play()");
    await page.waitForFunction((covered) => /** @type {any} */ (globalThis).viewer.stats().framesCovered > covered + 50, covered);
    await window.run("viewer.pause()");
    await window.seek({ frame: FRAME });
  };
  await page.locator("#open-other").click();
  await page.locator("#url").fill("data/nothing/");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByRole("button", { name: "Retry" }).waitFor();
  await stands();
  await page.getByRole("button", { name: "Dismiss" }).click();
  assert.ok((await window.canvas()).data.equals(picture.data), "the picture is another");
  for (const [url, code] of /** @type {const} */ ([["htp:/host/a.zarr", "bad-reference"], ["http://", "bad-reference"]])) {
    const told = await window.run(`viewer.open(${JSON.stringify(url)}).then(() => "opened", ({ code }) => code)`);
    assert.equal(told, code, url);
    assert.equal(await window.run(`viewer.ready.then(() => "ready", ({ code }) => code)`), code);
  }
  site.server.fault({ path: "data/big/zarr.json", latency: 600_000 });
  const since = site.server.log.length;
  await window.run(`void (slow = viewer.open("data/big/").then(() => "opened", ({ name }) => name))`);
  await stands();
  assert.equal((await window.run(`viewer.open("data/plain/")`)).name, "plain");
  assert.equal(await window.run("slow"), "AbortError");
  // Destroyed, it leaves a page with nothing open, which meets no fault.
  await window.run("viewer.ready.then(() => viewer.play())");
  await window.run("viewer.destroy()");
  await page.waitForFunction(() => document.getElementById("session-name")?.textContent === "replayscope");
  assert.equal(await page.locator("#total").textContent(), "");
  assert.equal(await page.locator("#play").isDisabled(), true);
  await page.mouse.move(500, 200);
  await page.waitForTimeout(300);
  const asked = site.server.requests("data/big/", since);
  assert.deepEqual(asked.map(({ path, aborted }) => [path, aborted]), [["data/big/zarr.json", true]], "read no further");
  await window.close();
});

/** Counts what the viewer has that outlasts a call: timers, workers, listeners, and requests for pictures. */
const COUNT = `{
  globalThis.alive = { timers: new Set(), workers: new Set(), listeners: new Map(), frames: 0 };
  const { setTimeout, clearTimeout, requestAnimationFrame, Worker } = globalThis;
  globalThis.setTimeout = (act, wait, ...rest) => {
    // The tests' own questions have limits of time.
    if (!/\\/www\\/|wasm/.test(new Error().stack)) return setTimeout(act, wait, ...rest);
    const id = setTimeout(() => (alive.timers.delete(id), act(...rest)), wait);
    alive.timers.add(id);
    return id;
  };
  globalThis.clearTimeout = (id) => (alive.timers.delete(id), clearTimeout(id));
  globalThis.setInterval = () => { throw new Error("an interval"); };
  globalThis.requestAnimationFrame = (act) => (alive.frames += 1, requestAnimationFrame(act));
  globalThis.Worker = class extends Worker {
    constructor(...given) { super(...given); alive.workers.add(this); }
    terminate() { alive.workers.delete(this); super.terminate(); }
  };
  for (const target of [window, document]) {
    target.addEventListener = function (type, act, options) {
      if (/\\/www\\//.test(new Error().stack)) alive.listeners.set(type, options?.signal);
      return EventTarget.prototype.addEventListener.call(this, type, act, options);
    };
  }
}`;

/** Destroys the viewer; nothing is asked of the server, set or waited for afterwards. @param {Window} window */
async function destroyed(window) {
  const told = await window.run(`(async () => {
    const told = [];
    for (const type of ["progress", "open", "frame", "state", "range", "loading", "buffered", "error", "notice", "wait"]) {
      viewer.on(type, () => told.push(type));
    }
    await null;
    told.length = 0;
    viewer.destroy();
    alive.frames = 0;
    await new Promise((done) => setTimeout(done, 100));
    return told;
  })()`);
  const since = site.server.log.length;
  await window.page.waitForTimeout(500);
  assert.deepEqual(told, [], "events");
  // Of a window that was closed before, a busy server may hear late.
  assert.deepEqual(site.server.requests("data/big/", since), [], "requests");
  assert.deepEqual(site.server.requests("data/big/").filter(({ end }) => end === null), [], "requests on their way");
  const left = await window.run(`({
    timers: alive.timers.size, workers: alive.workers.size, frames: alive.frames,
    listeners: [...alive.listeners].filter(([, signal]) => !signal?.aborted).map(([type]) => type),
  })`);
  assert.deepEqual(left, { timers: 0, workers: 0, frames: 0, listeners: [] });
}

const outcome = `(promise) => promise.then(() => "resolved", ({ code }) => code)`;

test("destroyed, while a session opens or in the middle of everything, it is done: what is pending rejects, nothing is read", async () => {
  const window = await Window.open(site.browser, `${site.server.url}embedder/`, { expectErrors: true, script: COUNT });
  assert.ok((await window.run("alive.listeners.size")) > 0, "it listens");
  const release = site.server.fault({ path: "data/", latency: 150 });
  await window.run(`{
    const outcome = ${outcome};
    globalThis.pending = Promise.all([viewer.open("../data/big/"), viewer.ready].map(outcome));
  }`);
  await window.page.waitForFunction(() => /** @type {any} */ (globalThis).alive.timers.size > 0);
  await destroyed(window);
  assert.deepEqual(await window.run("pending"), ["destroyed", "destroyed"]);
  release();

  // In the task that asked: nothing is asked for.
  await window.run("make()");
  const before = site.server.log.length;
  assert.equal(await window.run(`(() => {
    const opened = viewer.open("../data/little/").then(() => "opened", ({ name }) => name);
    viewer.stopOpening();
    return opened;
  })()`), "AbortError");
  assert.equal(await window.run(`(() => {
    const opened = (${outcome})(viewer.open("../data/little/"));
    viewer.destroy();
    return opened;
  })()`), "destroyed");
  await window.page.waitForTimeout(200);
  assert.deepEqual(site.server.requests("data/little/", before), []);

  // Another one draws on the same canvas.
  await window.run(`make().then(() => viewer.open("../data/big/"))`);
  await window.ready();
  await window.run("viewer.play({ speed: 4 })");
  await window.page.waitForFunction(() => /** @type {any} */ (globalThis).viewer.stats().workerChunks > 0);
  await window.run("viewer.pause()");
  site.server.fault({ path: "data/big/", latency: 600_000 });
  const since = site.server.log.length;
  await window.run(`{
    const outcome = ${outcome};
    globalThis.pending = Promise.all([
      viewer.seek({ frame: 3_000_000 }), viewer.values({ frame: 2_000_000, field: "posterior" }), viewer.estimateRange({ method: "exact" }),
      viewer.open("../data/big/?another"), viewer.ready,
    ].map(outcome));
  }`);
  while (!site.server.requests("data/big/zarr.json", since).length) await window.page.waitForTimeout(20);
  await destroyed(window);
  assert.deepEqual(await window.run("pending"), Array(5).fill("destroyed"));
  assert.match(await window.run(`(() => { try { viewer.play(); } catch (error) { return error.message; } })()`), /was destroyed/);
  await window.close();
});
