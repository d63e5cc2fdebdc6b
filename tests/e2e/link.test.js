/** Links: another window shows the same picture, and nothing secret travels. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Window } from "./chromium.js";
import { Site, sharded } from "./site.js";

/** @type {Site} */
let site;
before(async () => (site = await Site.start()));
after(() => site.stop());

test("a link shows the same frame, time, colours, limits and camera in another window", async () => {
  const first = await site.open("data/sharded/");
  await first.setState({
    layers: [{ name: "posterior", colormap: "magma", limits: [0.125, 0.7], gamma: 0.8, opacity: 0.9 }],
  });
  const shown = await first.seek({ frame: 12_345 });
  await first.run(`viewer.zoom({ factor: 1.7, x: 140, y: 90 })`);
  await first.run(`viewer.pan({ dx: 13, dy: -7 })`);
  await first.page.getByRole("button", { name: /copy link/i }).click();
  await first.heard(/copied/i);
  const copied = await first.page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, await first.link());

  const second = await Window.openReady(site.browser, copied);
  const frames = await second.events("frame");
  assert.deepEqual([frames[0].frame, frames[0].time], [shown.frame, shown.time], "the first frame is the link's");
  assert.deepEqual(await second.state(), await first.state());
  assert.equal(await second.link(), copied);
  assert.ok((await first.pixels(301, 207)).equals(await second.pixels(301, 207)), "the pictures are equal");
  await second.screenshot("link");
  await second.close();
  await first.close();
});

test("the address bar keeps up with the view, and follows a link pasted into it", async () => {
  const window = await site.open("data/sharded/");
  await window.seek({ frame: 777 });
  await window.page.waitForFunction(() => location.href === /** @type {any} */ (globalThis).viewer.link());
  await window.page.reload();
  await window.page.waitForFunction(() => /** @type {any} */ (globalThis).viewer);
  await window.ready();
  assert.equal((await window.events("frame"))[0].frame, 777);
  const fragment = new URL(await window.link()).hash.replace(/t=[^&]*/, `t=${sharded.time(4000)}`);
  await window.run(`void (location.hash = ${JSON.stringify(fragment)})`);
  await window.page.waitForFunction(() => /** @type {any} */ (globalThis).events.at(-1)?.detail.frame === 4000);
  await window.close();
});

test("a bad link is a notice and a picture, never a blank page", async () => {
  for (const fragment of ["#t=abc&v=1", "#v=99&t=3&zz=1", "#t=1e99&c=nan,,&l=%E0%A4%A", "#l=nothing;c:mauve;r:5,1;g:-3&t=2"]) {
    const window = await Window.openReady(site.browser, site.url("data/sharded/", fragment));
    const { time } = await window.state();
    assert.ok(time >= 0 && time <= sharded.time(sharded.frames - 1), `${fragment}: ${time}`);
    await window.heard(/\S/);
    await window.close();
  }
});

test("no credentials enter a link", async () => {
  const secret = `${site.server.url.replace("//", "//user:hunter2@")}data/sharded/?token=hunter3&X-Amz-Signature=hunter4&part=2`;
  const window = await Window.open(site.browser, `${site.server.url}`, { expectErrors: true });
  await window.run(`viewer.open(${JSON.stringify(secret)}).catch(() => {})`);
  assert.doesNotMatch(await window.link(), /hunter/);
  await window.page.waitForTimeout(600);
  assert.doesNotMatch(window.page.url(), /hunter/);
  await window.close();
});
