/** Everything a server can do wrong: said where a screen reader hears it, with the URL last, and the rest goes on. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { Window } from "./chromium.js";
import { TestServer } from "./server.js";
import { SHARD_FRAMES, Site, bits, plain, sharded, untouchedShard } from "./site.js";

/** @type {Site} */
let site;
before(async () => (site = await Site.start()));
after(() => site.stop());
beforeEach(() => site.server.heal());

const NEAR = 10;

/**
 * A window on the sharded session, everything that runs in the background done, and a shard nothing has touched.
 */
async function openSettled() {
  const since = site.server.log.length;
  const window = await site.open("data/sharded/", { expectErrors: true });
  await window.settled();
  return { window, far: untouchedShard(site.server, since), since: site.server.log.length };
}

/**
 * A session is open, then a fault: its message is heard, and the rest stays usable.
 *
 * @param {Omit<import("./server.js").Fault, "path">} fault  of a shard that is then wanted
 * @param {{ code: string, says: RegExp, retry?: boolean, tries?: number }} expected
 */
async function check(fault, { code, says, retry, tries = 1 }) {
  const { window, far, since } = await openSettled();
  await window.run(HURRY);
  site.server.fault({ path: far.path, ...fault });
  await window.run(`void viewer.seek({ frame: ${far.frame} }).catch(() => {})`);
  const text = await window.heard(says);
  assert.match(text, new RegExp(far.path), "the message has the URL");
  const error = (await window.events("error")).at(-1);
  assert.equal(error.code, code, JSON.stringify(error));
  assert.match(error.text, /https?:\/\/\S+$/, "the URL comes last");
  assert.equal((await window.events("error")).length, 1, "it is said once");
  if (retry) assert.equal(error.retry, true);
  assert.equal(site.server.requests(far.path, since).length, tries);

  // Elsewhere in the session nothing has changed.
  assert.deepEqual(await window.seek({ frame: NEAR }), { frame: NEAR, time: sharded.time(NEAR) });
  assert.deepEqual(bits(await window.values(NEAR)), bits(sharded.row(NEAR)));
  if (retry) await retryBrings(window, far.frame);
  await window.close();
}

/** Half a minute of a silent server passes in a third of a second. */
const HURRY = `{
  const real = setTimeout;
  globalThis.setTimeout = (act, wait, ...rest) => real(act, wait < 20_000 ? wait : wait / 100, ...rest);
}`;

/**
 * The fault ends, and the retry button brings the frame.
 *
 * @param {Window} window
 * @param {number} frame
 */
async function retryBrings(window, frame) {
  await window.run(`void viewer.seek({ frame: ${frame} }).catch(() => {})`);
  const button = window.page.getByRole("button", { name: /retry|try again/i }).first();
  await button.waitFor();
  await window.screenshot("error");
  site.server.heal();
  await button.click();
  await window.page.waitForFunction((wanted) => {
    const shown = /** @type {any} */ (globalThis).events.filter((/** @type {any} */ event) => event.type === "frame").at(-1);
    return shown?.detail.frame === wanted && shown.detail.exact;
  }, frame);
  assert.deepEqual(bits(await window.values(frame)), bits(sharded.row(frame)));
}

test("a server that ignores Range: named, with a way to serve the folder", () =>
  check({ body: "ignore-range" }, { code: "range-ignored", says: /range[\s\S]*replayscope serve/i }));

test("a wrong Content-Range", () =>
  check({ headers: { "Content-Range": "bytes 0-9/100" } }, { code: "wrong-range", says: /content-range/i }));

test("a missing Content-Range", () =>
  check({ headers: { "Content-Range": "" } }, { code: "wrong-range", says: /content-range/i }));

test("a short body", () => check({ body: "short", headers: {} }, { code: "short", says: /bytes/i }));

test("403", () => check({ status: 403 }, { code: "forbidden", says: /403/ }));

test("a body cut off in the middle: four tries, then an error with a way to retry", () =>
  check({ body: "disconnect" }, { code: "short", says: /broke|cut|lost/i, retry: true, tries: 4 }));

test("500 at each try: four tries, then an error with a way to retry", () =>
  check({ status: 500 }, { code: "status", says: /500/, retry: true, tries: 4 }));

test("a server that never answers: four tries, then an error with a way to retry", () =>
  check({ latency: 600_000 }, { code: "timeout", says: /no answer within 30 s/i, retry: true, tries: 4 }));

test("a body that stops coming: four tries, then an error with a way to retry", () =>
  check({ body: "stall" }, { code: "timeout", says: /no answer within 120 s/i, retry: true, tries: 4 }));

test("a corrupted shard index is caught by its checksum", () =>
  check({ body: "flip" }, { code: "array", says: /checksum|crc/i }));

test("a corrupted chunk is caught by its checksum, never shown", async () => {
  const { window, far } = await openSettled();
  site.server.fault({ path: far.path, skip: 1, body: "flip" }); // the index is good, the chunk is not
  await window.run(`void viewer.seek({ frame: ${far.frame} }).catch(() => {})`);
  const text = await window.heard(/checksum|crc/i);
  assert.match(text, /chunk/i);
  assert.equal((await window.events("error")).at(-1).code, "array");
  const shown = (await window.events("frame")).filter(({ frame }) => frame === far.frame);
  assert.deepEqual(shown, [], "a frame of a corrupted chunk was shown");
  assert.deepEqual(await window.seek({ frame: NEAR }), { frame: NEAR, time: sharded.time(NEAR) });
  await window.close();
});

test("500, then well: nobody hears of it", async () => {
  const { window, far, since } = await openSettled();
  site.server.fault({ path: far.path, times: 2, status: 500 });
  assert.equal((await window.seek({ frame: far.frame })).frame, far.frame);
  assert.deepEqual(bits(await window.values(far.frame)), bits(sharded.row(far.frame)));
  assert.deepEqual(site.server.requests(far.path, since).slice(0, 3).map(({ status }) => status), [500, 500, 206]);
  assert.deepEqual(await window.events("error"), []);
  await window.close();
});

test("429 with Retry-After is waited for", async () => {
  const { window, far, since } = await openSettled();
  site.server.fault({ path: far.path, times: 1, status: 429, headers: { "Retry-After": "2" } });
  assert.equal((await window.seek({ frame: far.frame })).frame, far.frame);
  const [refused, again] = site.server.requests(far.path, since);
  assert.equal(refused?.status, 429);
  assert.ok(again && again.start - refused.start >= 1990, "the second try came before its time");
  assert.deepEqual(await window.events("error"), []);
  await window.close();
});

test("an absent chunk is its fill value, and said to be not stored", async () => {
  for (const session of [sharded, plain]) {
    const window = await site.open(`data/${session.shape.name}/`, { expectErrors: true });
    const absent = 20 * session.shape.chunk + 5;
    await window.seek({ frame: absent });
    assert.deepEqual(bits(await window.values(absent)), bits(new Float32Array(session.bins)));
    assert.equal((await window.events("frame")).at(-1).stored, false);
    assert.ok(await window.page.getByText("not stored").isVisible());
    await window.screenshot(`absent-${session.shape.name}`);
    await window.seek({ frame: NEAR });
    assert.equal((await window.events("frame")).at(-1).stored, true);
    assert.ok(!(await window.page.getByText("not stored").isVisible()));
    assert.deepEqual(await window.events("error"), []);
    await window.close();
  }
});

test("a login page instead of zarr.json is called that, and another session opens after it", async () => {
  site.server.fault({ path: "data/plain/zarr.json", body: "login" });
  const window = await Window.open(site.browser, site.url("data/plain/"), { expectErrors: true });
  const text = await window.heard(/html|login|sign/i);
  assert.match(text, /zarr\.json/);
  await window.screenshot("login-page");
  // The box is there, with the URL to be mended.
  const box = window.page.getByRole("textbox", { name: /url/i });
  await box.fill(`${site.server.url}data/sharded/`);
  await box.press("Enter");
  await window.page.waitForFunction(() => /** @type {any} */ (globalThis).viewer.session?.name === "sharded");
  await window.ready();
  assert.deepEqual(bits(await window.values(NEAR)), bits(sharded.row(NEAR)));
  await window.close();
});

test("a session that is not there, is not JSON, or comes from a host that forbids it", async () => {
  const other = await TestServer.start();
  other.mount("data/", sharded.source);
  site.server.fault({ path: "data/little/zarr.json", status: 403 });
  site.server.mount("broken/", (name) =>
    (name === "zarr.json" ? { size: 9, read: () => new TextEncoder().encode("{ broken:") } : null));
  const wrong = [];
  for (const [url, code, says] of /** @type {const} */ ([
    [`${site.server.url}data/nothing/`, /^not-found$/, /404|no zarr\.json|not found/i],
    [`${site.server.url}data/little/`, /^forbidden$/, /403/],
    [`${site.server.url}broken/`, /^(array|session)$/, /json/i],
    [`${other.url}data/`, /^unreachable$/, /CORS|origin/i],
    ["http://127.0.0.1:1/data/", /^unreachable$/, /reach|network|connect/i],
  ])) {
    const page = `${site.server.url}?session=${encodeURIComponent(url)}`;
    const window = await Window.open(site.browser, page, { expectErrors: true });
    await window.heard(says, 60_000);
    const error = (await window.events("error")).at(-1);
    if (!code.test(error.code)) wrong.push(`${url}: ${JSON.stringify(error)} is not ${code}`);
    assert.ok(await window.page.getByRole("textbox", { name: /url/i }).isVisible(), "the box is there");
    await window.close();
  }
  await other.stop();
  assert.deepEqual(wrong, []);
});

test("a stalled chunk does not hold up a seek elsewhere", async () => {
  const { window, far } = await openSettled();
  site.server.fault({ path: far.path, body: "stall" });
  await window.run(`void viewer.seek({ frame: ${far.frame} }).catch(() => {})`);
  await window.page.waitForTimeout(300);
  const start = performance.now();
  const elsewhere = far.frame + 5 * SHARD_FRAMES;
  assert.equal((await window.seek({ frame: elsewhere })).frame, elsewhere);
  assert.ok(performance.now() - start < 5_000);
  await window.close();
});

test("playback waits for slow data and goes on, in order, without a wrong frame", async () => {
  const { window, far } = await openSettled();
  const from = far.frame - SHARD_FRAMES;
  await window.seek({ frame: from });
  const stop = site.server.fault({ path: "data/sharded/posterior", latency: 900 });
  const seen = (await window.events("frame")).length;
  await window.run(`viewer.play({ speed: 4 })`);
  await window.page.waitForFunction(() => /** @type {any} */ (globalThis).events
    .some((/** @type {any} */ { type, detail }) => type === "stall" && detail.waiting), undefined, { timeout: 30_000 });
  stop();
  await window.page.waitForFunction((frame) => /** @type {any} */ (globalThis).events
    .some((/** @type {any} */ { type, detail }) => type === "frame" && detail.frame > frame), from + 1000, { timeout: 30_000 });
  await window.run(`viewer.pause()`);
  const stalls = await window.events("stall");
  assert.equal(stalls.at(-1).waiting, false);
  const frames = (await window.events("frame")).slice(seen);
  for (let at = 1; at < frames.length; at += 1) assert.ok(frames[at].frame >= frames[at - 1].frame, "playback went back");
  await window.close();
});

test("controls that do not come are told, and come with the next try", async () => {
  const window = await Window.open(site.browser, site.server.url, { expectErrors: true });
  await window.page.route("**/www/panels.js", (route) => route.abort(), { times: 2 });
  await window.page.locator("#url").fill(`${site.server.url}data/little/`);
  await window.page.keyboard.press("Enter");
  const alert = window.page.locator("#errors .banner");
  await alert.waitFor();
  assert.match((await alert.textContent()) ?? "", /www\/panels\.js.*reload/);
  await window.page.reload();
  await window.page.locator("#url").fill(`${site.server.url}data/little/`);
  await window.page.keyboard.press("Enter");
  await window.page.waitForFunction(() => document.querySelector("#session-name")?.textContent === "little");
  assert.equal(await window.page.locator("#frame-note").textContent(), "frame 0");
  await window.page.context().close();
});

test("a panic says what happened and where, in the console; the page says that the viewer has stopped", async () => {
  const window = await Window.open(site.browser, `${site.server.url}?session=data/little/`, { expectErrors: true });
  await window.ready();
  /** @type {string[]} */
  const said = [];
  window.page.on("console", (message) => said.push(message.text()));
  // An embedder's hook that calls the viewer while it draws: the renderer is borrowed already.
  await window.run(`{
    const submit = GPUQueue.prototype.submit;
    GPUQueue.prototype.submit = function (...commands) {
      viewer.setBudgets({ gpu: 2 ** 28 });
      return submit.apply(this, commands);
    };
    void viewer.seek({ frame: ${NEAR} }).catch(() => {});
  }`);
  await window.heard(/The viewer has stopped/);
  assert.match(said.join("\n"), /panicked at src\/\S+\.rs:\d+:\d+:\n\S*.*already/, said.join("\n"));
  await window.page.context().close();
});
