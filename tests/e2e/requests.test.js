/** What crosses the network: round trips, requests and bytes, on a session of 3.6 million frames. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { Window } from "./chromium.js";
import { Site, big, bits, little, random } from "./site.js";

/** @type {Site} */
let site;
before(async () => (site = await Site.start()));
after(() => site.stop());
beforeEach(() => site.server.heal());

test("the first exact frame comes after at most 5 round trips and 3 chunks of bytes", async (context) => {
  // Slow enough that a chain of requests shows, and nothing in the background ends before the frame.
  site.server.fault({ path: "", latency: 150 });
  const since = site.server.log.length;
  const window = await site.open("data/big/");
  const { depth, chain } = await roundTrips(window);
  context.diagnostic(`round trips: ${chain.join(" → ")}`);
  const bytes = sum(site.server.requests("data/big/", since));
  context.diagnostic(`session bytes: ${bytes}, one chunk: ${big.decodedChunk}`);
  assert.ok(depth <= 5, `${depth} round trips: ${chain.join(" → ")}`);
  assert.ok(bytes <= 3 * big.decodedChunk, `${bytes} bytes are more than 3 chunks of ${big.decodedChunk}`);
  assert.deepEqual(bits(await window.values(0)), bits(big.row(0)));
  await window.close();
});

test("opening costs the same for 10 thousand frames and 3.6 million", async (context) => {
  const costs = [];
  for (const session of [little, big]) {
    site.server.fault({ path: `data/${session.shape.name}/posterior`, latency: 300 });
    const since = site.server.log.length;
    const window = await site.open(`data/${session.shape.name}/`);
    const requests = site.server.requests(`data/${session.shape.name}/`, since)
      .filter(({ end }) => end !== null);
    costs.push(requests.map(({ path, range }) => `${path.replace(/^data\/\w+\//, "")} ${range ?? ""}`).sort());
    context.diagnostic(`${session.shape.name}: ${requests.length} requests, ${sum(requests)} bytes`);
    await window.close();
  }
  assert.deepEqual(costs[0], costs[1]);
});

test("a random seek costs one range request, two the first time a shard is touched", async () => {
  const window = await site.open("data/big/");
  await window.settled();
  const below = random(4);
  const touched = new Set(site.server.requests("data/big/posterior/c/").map(({ path }) => path));
  const sampled = new Set(touched);
  for (let turn = 0; turn < 20; turn += 1) {
    // Every other seek stays in the shard of the one before, some chunks further on.
    const shardFrames = big.shape.chunk * (big.shape.shard ?? 1);
    const shard = below(Math.floor(big.frames / shardFrames));
    for (const chunk of [7, 40]) {
      const frame = shard * shardFrames + chunk * big.shape.chunk + below(big.shape.chunk);
      const path = `data/big/posterior/c/${shard}/0`;
      if (sampled.has(path)) continue;
      const since = site.server.log.length;
      assert.equal((await window.seek({ frame })).frame, frame);
      await window.settled();
      const asked = site.server.requests("data/big/", since);
      const said = `frame ${frame}, chunk ${chunk} of shard ${shard}: ${JSON.stringify(asked)}`;
      const wanted = asked.find(({ range }) => range === rangeOf(big, chunk));
      assert.ok(wanted, said);
      // What the seek itself costs: everything asked for before its chunk was there.
      const own = asked.filter(({ start }) => start < (wanted.end ?? Infinity));
      assert.equal(own.length, touched.has(path) ? 1 : 2, said);
      // Whatever comes after it is a neighbour, read ahead.
      const ahead = asked.filter((request) => !own.includes(request)).map(({ range }) => range);
      assert.ok(ahead.every((range) => [chunk - 1, chunk + 1].some((next) => range === rangeOf(big, next))), said);
      assert.ok(asked.every((request) => request.path === path), said);
      touched.add(path);
    }
  }
  await window.close();
});

test("a seek inside a chunk that is there costs nothing, and the handle's own count is the server's", async () => {
  const window = await site.open("data/big/");
  await window.settled();
  const since = site.server.log.length;
  for (const frame of [3, 9, 25, 0]) await window.seek({ frame });
  assert.equal(site.server.requests("data/big/", since).length, 0);
  const stats = await window.stats();
  const own = site.server.log.filter(({ path }) => path.startsWith("data/big/"));
  await window.close();
  assert.ok(stats.requests > 0 && stats.requests <= own.length);
});

test("a seek that is superseded is aborted on the network", async () => {
  const window = await site.open("data/big/");
  await window.settled();
  const since = site.server.log.length;
  const stop = site.server.fault({ path: "data/big/posterior", latency: 400 });
  const frames = Array.from({ length: 12 }, (_, at) => 1_000_000 + at * 100_000);
  for (const frame of frames.slice(0, -1)) {
    await window.run(`void viewer.seek({ frame: ${frame} }).catch(() => {})`);
    await window.page.waitForTimeout(30);
  }
  const last = frames[frames.length - 1] ?? 0;
  assert.equal((await window.seek({ frame: last })).frame, last);
  stop();
  await window.settled();
  // What was on its way for the others was let go: no chunk of theirs arrived.
  const arrived = site.server.requests("data/big/posterior", since).filter(({ bytes, aborted }) => bytes > big.decodedChunk / 2 && !aborted);
  const shards = new Set(arrived.map(({ path }) => path));
  assert.ok(shards.size <= 2, `chunks of ${shards.size} shards came, for one frame that was wanted`);
  await window.close();
});

test("the colour range reads at most 64 chunks and max(16 MiB, 0.5 %), and is the same twice", async () => {
  const ranges = [];
  for (let turn = 0; turn < 2; turn += 1) {
    const since = site.server.log.length;
    const window = await site.open("data/big/");
    await window.settled();
    const last = (await window.events("range")).at(-1);
    assert.equal(last.final, true);
    // 144 GB: more than 16 MiB are 0.5 % of it, and so 64 chunks may be read.
    assert.ok(last.chunks === 64 && last.bytes <= Math.max(16 * 2 ** 20, big.frames * big.bins * 4 / 200), JSON.stringify(last));
    ranges.push(last);
    const fetched = sum(site.server.requests("data/big/", since));
    assert.ok(fetched >= last.bytes && fetched < last.bytes + 8 * 2 ** 20, `${fetched} bytes`);
    await window.close();
  }
  assert.deepEqual(ranges[0], ranges[1]);
});

/**
 * The longest chain of requests that each began after the one before had ended, up to the first frame. Asked of the
 * browser, which knows when a request was wanted, and not only when a connection became free for it.
 *
 * @param {Window} window
 */
async function roundTrips(window) {
  /** @type {{ name: string, start: number, end: number }[]} */
  const all = await window.run(`[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .filter(({ responseEnd }) => responseEnd > 0 && responseEnd <= readyAt)
    .map(({ name, startTime, responseEnd }) => ({ name, start: startTime, end: responseEnd }))
    .sort((a, b) => a.start - b.start)`);
  /** @type {{ end: number, chain: string[] }[]} */
  const done = [];
  // The browser fetches the tab's icon when it likes; nothing waits for it.
  for (const { name, start, end } of all.filter(({ name }) => !name.endsWith("/www/icon.svg"))) {
    const before = done.filter((earlier) => earlier.end <= start).reduce(
      (longest, { chain }) => (chain.length > longest.length ? chain : longest), /** @type {string[]} */ ([]));
    done.push({ end, chain: [...before, new URL(name).pathname] });
  }
  const chain = done.reduce((longest, one) => (one.chain.length > longest.length ? one.chain : longest), /** @type {string[]} */ ([]));
  return { depth: chain.length, chain };
}

/**
 * The Range header of a chunk in its shard, as this session lays them out.
 *
 * @param {import("./session.js").Session} session
 * @param {number} chunk  in the shard
 */
function rangeOf(session, chunk) {
  const start = (session.shape.shard ?? 1) * 16 + 4 + chunk * session.chunkBytes;
  return `bytes=${start}-${start + session.chunkBytes - 1}`;
}

/** @param {import("./server.js").Entry[]} entries */
function sum(entries) {
  return entries.reduce((bytes, entry) => bytes + entry.bytes, 0);
}
