/** The time pyramid: something to see at once while a frame is on its way, and high speeds from few bytes. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { Session } from "./session.js";
import { Site, bits, random } from "./site.js";

/** 20 minutes at 500 Hz; levels of 37,500 and 2,344 rows. */
const pooled = new Session({ name: "pooled", frames: 600_000, grid: [16, 10], chunk: 256, shard: 32, pyramid: true });
const RATE = 500;

/** @type {Site} */
let site;
before(async () => {
  site = await Site.start();
  site.server.mount("data/pooled/", pooled.source);
});
after(() => site.stop());
beforeEach(() => site.server.heal());

/** A field's own chunks, not its levels'. */
const EXACT = /data\/pooled\/posterior\/c\//;

test("a scrub shows the block around it at once and the frame when it comes, over a slow network", async () => {
  const window = await site.open("data/pooled/");
  await window.settled();
  site.server.fault({ path: EXACT, latency: 300 });
  const below = random(21);
  for (let turn = 0; turn < 5; turn += 1) {
    const frame = below(pooled.frames);
    const since = (await window.events("frame")).length;
    // In the middle of a bin, so that the value under it is that of one bin.
    const told = await window.run(`new Promise((done) => {
      const seen = [];
      viewer.addEventListener("frame", function listen({ detail }) {
        const { width, height } = document.getElementById("canvas").getBoundingClientRect();
        seen.push({ ...detail, probe: viewer.probe({ x: width / 2 + 3, y: height / 2 + 3 }) });
        if (!detail.exact) return;
        viewer.removeEventListener("frame", listen);
        done(seen);
      });
      viewer.seek({ frame: ${frame} });
    })`);
    assert.ok(since > 0 && told.length >= 2, JSON.stringify(told));
    const [preview, exact] = [told[0], told.at(-1)];
    assert.equal(preview.pooled, 256, "the coarsest level is in memory");
    for (const shown of told) {
      assert.equal(shown.frame, frame);
      assert.equal(shown.requested, frame);
      const { bin, value } = shown.probe;
      const level = Math.log2(shown.pooled) / 4;
      const expected = shown.pooled > 0 ? pooled.pooled(level, Math.floor(frame / shown.pooled), bin) : pooled.value(frame, bin);
      assert.equal(value, expected, `bin ${bin} of frame ${frame}, ${shown.pooled} frames`);
    }
    assert.equal(exact.pooled, 0);
    assert.deepEqual(bits(await window.values(frame)), bits(pooled.row(frame)));
  }
  await window.close();
});

test("16x costs no more of the network than 1x, and every frame is covered", async (context) => {
  const window = await site.open("data/pooled/");
  await window.settled();
  /** @type {{ speed: number, frames: number, bytes: number }[]} */
  const costs = [];
  for (const speed of [1, 16]) {
    const from = speed === 1 ? 100_000 : 300_000;
    await window.seek({ frame: from });
    await window.settled();
    const since = site.server.log.length;
    const { framesCovered: before } = await window.stats();
    await window.run(`viewer.play({ speed: ${speed} })`);
    await window.page.waitForTimeout(4000);
    const bytes = site.server.requests("data/pooled/", since).reduce((sum, request) => sum + request.bytes, 0);
    await window.run("viewer.pause()");
    await window.page.waitForFunction(() => {
      const last = /** @type {any} */ (globalThis).events.filter((/** @type {any} */ event) => event.type === "frame").at(-1);
      return last.detail.exact && last.detail.frames === 1;
    });
    const { framesCovered: after } = await window.stats();
    const at = Math.round((await window.state()).time * RATE);
    assert.equal(after - before, at - from, `at ${speed}x, none lost and none twice`);
    assert.deepEqual(bits(await window.values(at)), bits(pooled.row(at)));
    costs.push({ speed, frames: at - from, bytes });
  }
  context.diagnostic(JSON.stringify(costs));
  const [slow, fast] = costs;
  assert.ok(slow && fast);
  assert.ok(fast.frames > 4 * slow.frames, "it did run faster");
  // By frames, since a busy machine covers fewer: a sixteenth of the bytes a frame, and what is read ahead.
  assert.ok(fast.bytes / fast.frames < slow.bytes / slow.frames / 4, `${fast.bytes} bytes for ${fast.frames} frames`);
  await window.close();
});
