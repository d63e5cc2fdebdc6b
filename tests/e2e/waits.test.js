/** What is asked for again: when a server asked to wait, when the reader will not wait, and when the network comes back. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { Window } from "./chromium.js";
import { Session } from "./session.js";
import { Site, bits, sharded, untouchedShard } from "./site.js";

/** Its times are many, and checked after the first picture. */
const long = new Session({ name: "long", frames: 400_000, grid: [2, 2], chunk: 256, shard: 64, timeArray: true, timeChunk: 10_000 });

/** @type {Site} */
let site;
before(async () => {
  site = await Site.start();
  site.server.mount("data/long/", long.source);
});
after(() => site.stop());
beforeEach(() => site.server.heal());

/** @param {Window} window */
const banners = (window) => window.page.locator("#errors .banner");
/** @param {Window} window */
const retryButton = (window) => window.page.locator("#errors .banner button.primary");

test("a session that is refused, then told to wait for, then lacks its times, opens by Retry each time", async () => {
  const path = "data/long/zarr.json";
  site.server.fault({ path, status: 403 });
  const window = await Window.open(site.browser, site.url("data/long/"), { expectErrors: true });
  await window.heard(/403/);
  assert.equal(await banners(window).count(), 1);

  site.server.fault({ path, status: 429, headers: { "Retry-After": "4000" } });
  const since = site.server.log.length;
  await retryButton(window).click();
  const text = await window.heard(/4000 s \(67 min\)/, 3000);
  assert.match(text, /^Waiting until .*asked to wait.*429.*Retry.*data\/long\/zarr\.json/s);
  await window.screenshot("server-wait");
  // Still busy: asked once more, and not meanwhile.
  await retryButton(window).click();
  await window.page.waitForTimeout(700);
  assert.equal(site.server.requests(path, since).length, 2);
  assert.equal(await banners(window).count(), 1);

  site.server.heal();
  site.server.fault({ path: /data\/long\/time\/c\/2$/, status: 403 });
  await retryButton(window).click();
  await window.ready();
  await window.heard(/time\/c\/2/);
  assert.ok(await banners(window).locator("[data-code=server-wait]").count() === 0, "that is over");
  site.server.heal();
  await retryButton(window).click();
  await window.settled();
  assert.ok(site.server.requests("data/long/time/c/39", since).length > 1, "the rest was read");
  assert.equal(await banners(window).count(), 0);
  assert.deepEqual(bits(await window.values(7)), bits(long.row(7)));
  await window.close();
});

test("a frame that is waited for: elsewhere goes on, Retry asks now, and the network that is back does", async () => {
  const since = site.server.log.length;
  const window = await site.open("data/sharded/", { expectErrors: true });
  await window.settled();
  const far = untouchedShard(site.server, since);
  const wanted = async () => {
    await window.run(`void (shown = viewer.seek({ frame: ${far.frame} }).then(({ frame }) => frame, ({ name }) => name))`);
  };
  const comes = async () => {
    await retryButton(window).waitFor({ state: "detached" });
    await window.page.waitForFunction((frame) => {
      const last = /** @type {any} */ (globalThis).events.filter((/** @type {any} */ event) => event.type === "frame").at(-1);
      return last?.detail.frame === frame && last.detail.exact;
    }, far.frame);
  };
  await window.page.context().setOffline(true);
  await wanted();
  await window.heard(/No answer came/);
  await window.page.context().setOffline(false);
  await comes();
  assert.deepEqual(bits(await window.values(far.frame)), bits(sharded.row(far.frame)));

  // A date counts by the server's own clock. The shard's index is there, and so are neighbours.
  far.frame += 2 * sharded.shape.chunk;
  await window.seek({ frame: 10 });
  site.server.fault({
    path: far.path, status: 503, headers: { "Date": "Fri, 31 Dec 1999 23:00:00 GMT", "Retry-After": "Sat, 01 Jan 2000 00:00:00 GMT" },
  });
  await wanted();
  await window.heard(/asked to wait 3600 s/, 3000);
  await window.seek({ frame: 20 });
  assert.equal(await window.run("shown"), "AbortError");
  await retryButton(window).waitFor({ state: "detached" });
  await wanted();
  await window.heard(/asked to wait 3600 s/, 3000);
  site.server.heal();
  await retryButton(window).click();
  await comes();
  assert.equal(await window.run("shown"), far.frame);
  assert.equal((await window.events("error")).length, 1, "of the network");
  assert.deepEqual(bits(await window.values(far.frame)), bits(sharded.row(far.frame)));
  await window.close();
});
