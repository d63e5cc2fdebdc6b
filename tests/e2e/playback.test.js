/** Playback: every data frame reaches a picture, once, whatever the direction, the speed and the network. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { Window } from "./chromium.js";
import { Site, bits, sharded } from "./site.js";

/** @type {Site} */
let site;
before(async () => (site = await Site.start()));
after(() => site.stop());
beforeEach(() => site.server.heal());

/**
 * Plays for a while from a frame, then checks that the pictures cover all frames gone by, each once.
 *
 * @param {import("./chromium.js").Window} window
 * @param {number} from
 * @param {{ speed: number, direction?: 1 | -1, loop?: string }} options
 * @param {number} milliseconds
 */
async function play(window, from, options, milliseconds) {
  await window.seek({ frame: from });
  const before = await window.run("viewer.stats().framesCovered");
  const since = (await window.events("frame")).length;
  await window.run(`viewer.play(${JSON.stringify(options)})`);
  await window.page.waitForTimeout(milliseconds);
  await window.run("viewer.pause()");
  // The last picture of several frames gives way to its last frame alone.
  await window.page.waitForFunction(() => {
    const last = /** @type {any} */ (globalThis).events.filter((/** @type {any} */ event) => event.type === "frame").at(-1);
    return last.detail.frames === 1;
  });
  const pictures = (await window.events("frame")).slice(since);
  const sign = options.direction ?? 1;
  let at = from;
  for (const { frame, frames, exact } of pictures) {
    if (frame === at) continue; // the same picture once more, or its last frame alone; neither is counted below
    assert.ok(exact, "playback shows exact pictures only");
    assert.equal((frame - at) * sign, frames, "a frame was left out or came twice");
    at = frame;
  }
  const covered = (await window.run("viewer.stats().framesCovered")) - before;
  assert.equal(covered, (at - from) * sign);
  assert.deepEqual(bits(await window.values(at)), bits(sharded.row(at)));
  return { covered, pictures };
}

test("at 1x and faster, forwards and backwards, no frame goes unseen", async () => {
  const window = await site.open("data/sharded/");
  for (const options of [{ speed: 1 }, { speed: 4 }, { speed: 2, direction: /** @type {const} */ (-1) }]) {
    const { covered, pictures } = await play(window, 3000, options, 1500);
    // 500 frames a second, unless this machine is slow; no time is asserted, only that it is not frame by frame.
    assert.ok(covered > 100 && pictures.some(({ frames }) => frames > 1), `${covered} in ${pictures.length} pictures`);
  }
  await window.run(`viewer.play({ speed: 4, projection: "mean" })`);
  await window.page.waitForFunction(() => /frames, mean/.test(document.getElementById("frame-note")?.textContent ?? ""));
  assert.equal(await window.page.locator("#projection").inputValue(), "mean");
  await window.screenshot("playing");
  await window.run("viewer.pause()");
  assert.match(await window.run("viewer.link()"), /pj=mean/);
  // Where a picture takes more than a second, as one that is drawn in software may, it covers more.
  await window.run("void (requestAnimationFrame = (act) => setTimeout(() => act(performance.now()), 1100))");
  const slow = await play(window, 50_000, { speed: 1 }, 3500);
  assert.ok(slow.covered > 500 && slow.pictures.some(({ frames }) => frames > 250), `${slow.covered} in ${slow.pictures.length} pictures`);
  await window.close();
});

test("a server that stalls in the middle of playback: it waits, says so, and loses no frame", async () => {
  const window = await site.open("data/sharded/");
  const stalls = play(window, 10_000, { speed: 4 }, 4500);
  await window.page.waitForTimeout(800);
  site.server.fault({ path: "data/sharded", latency: 2000 });
  await window.page.waitForFunction(() =>
    /** @type {any} */ (globalThis).events.some((/** @type {any} */ event) => event.type === "stall" && event.detail.waiting));
  site.server.heal();
  const { covered } = await stalls;
  assert.ok(covered > 0);
  assert.ok((await window.events("stall")).some(({ waiting }) => !waiting), "it went on");
  await window.close();
});

test("200 seeks in two seconds end on the last one, exactly", async () => {
  const window = await site.open("data/sharded/");
  site.server.fault({ path: "data/sharded", latency: 100 });
  const frames = Array.from({ length: 200 }, (_, at) => (at * 7919 * 64) % sharded.frames);
  const outcomes = await window.page.evaluate(async (frames) => {
    const viewer = /** @type {any} */ (globalThis).viewer;
    const asked = [];
    for (const frame of frames) {
      asked.push(viewer.seek({ frame }).then((/** @type {any} */ shown) => shown.frame, (/** @type {Error} */ error) => error.name));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return Promise.all(asked);
  }, frames);
  outcomes.forEach((outcome, at) => assert.ok(outcome === "AbortError" || outcome === frames[at], `seek ${at}: ${outcome}`));
  const last = /** @type {number} */ (frames.at(-1));
  assert.equal(outcomes.at(-1), last);
  assert.equal((await window.events("frame")).at(-1).frame, last);
  assert.deepEqual(bits(await window.values(last)), bits(sharded.row(last)));
  await window.close();
});

test("a server that dies in the middle of playback and comes back", async () => {
  const window = await site.open("data/sharded/", { expectErrors: true });
  await window.settled();
  await window.seek({ frame: 150_000 });
  await window.settled();
  const before = await window.run("viewer.stats().framesCovered");
  const stop = site.server.fault({ path: "data/sharded", status: 503 });
  await window.run(`viewer.play({ speed: 16 })`);
  await window.heard(/503/);
  stop();
  await window.page.getByRole("button", { name: /retry|try again/i }).first().click();
  const from = (await window.events("frame")).at(-1).frame;
  await window.page.waitForFunction((frame) => /** @type {any} */ (globalThis).events
    .some((/** @type {any} */ { type, detail }) => type === "frame" && detail.frame > frame + 2000), from, { timeout: 30_000 });
  await window.run("viewer.pause()");
  // Both at once: a last picture may still come.
  const [shown, covered] = await window.run(
    `[events.filter(({ type, detail }) => type === "frame" && detail.frame > 150_000), viewer.stats().framesCovered]`);
  let at = 150_000;
  for (const { detail: { frame, frames } } of shown) {
    if (frame === at) continue; // the same picture once more, or its last frame alone; neither is counted below
    assert.equal(frame - at, frames, "a frame was left out or came twice");
    at = frame;
  }
  assert.equal(covered - before, at - 150_000);
  await window.close();
});

test("a selected range plays over and over, frame by frame if asked, and a link carries it", async () => {
  const window = await site.open("data/sharded/");
  await window.run("viewer.setState({ selection: [20, 20.098], loop: 'selection', speed: 0.5 })");
  const since = (await window.events("frame")).length;
  await window.run("viewer.play({ pace: 'frames' })");
  await window.page.waitForFunction(() => /** @type {any} */ (globalThis).viewer.stats().framesCovered > 120, undefined, { timeout: 30_000 });
  const link = await window.link();
  await window.run("viewer.pause()");
  const frames = (await window.events("frame")).slice(since).map(({ frame, frames }) => ({ frame, frames }));
  let next = 10_000;
  for (const { frame, frames: covered } of frames) {
    if (frame === next - 1 || frame === 0) continue; // shown again, or from before
    assert.deepEqual([frame, covered], [next, 1], "the next frame alone");
    next = next === 10_049 ? 10_000 : next + 1;
  }
  assert.match(link, /lp=selection&pc=frames&sel=20,20\.098/);
  const other = await Window.openReady(site.browser, link);
  const { selection, loop, pace } = await other.state();
  assert.deepEqual({ selection, loop, pace }, { selection: [20, 20.098], loop: "selection", pace: "frames" });
  assert.equal(await other.page.locator("#selected").isVisible(), true);
  await other.close();
  await window.close();
});
