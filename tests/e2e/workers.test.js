/** Decoding beside the page: by workers where there are some, and just the same without. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { Site, big, bits, random } from "./site.js";

/** @type {Site} */
let site;
before(async () => (site = await Site.start()));
after(() => site.stop());
beforeEach(() => site.server.heal());

const WITHOUT = [
  { why: "a worker that cannot be loaded", fault: { path: "www/worker.js", status: 404 } },
  { why: "a worker that never starts", fault: { path: "www/worker.js", latency: 3_600_000 } },
];

test("chunks are decoded by a worker, and are what they are", async () => {
  const window = await site.open("data/big/");
  await window.settled();
  const before = (await window.stats()).workerChunks;
  const below = random(11);
  for (let seek = 0; seek < 10; seek += 1) {
    const frame = below(big.frames);
    await window.seek({ frame });
    assert.deepEqual(bits(await window.values(frame)), bits(big.row(frame)));
  }
  await window.settled();
  const done = (await window.stats()).workerChunks - before;
  assert.ok(done >= 10, `${done} chunks by workers, of ten seeks`);
  await window.close();
});

for (const { why, fault } of WITHOUT) {
  test(`${why} is not waited for`, async () => {
    site.server.fault(fault);
    const window = await site.open("data/big/", { expectErrors: fault.status !== undefined });
    const below = random(12);
    for (let seek = 0; seek < 3; seek += 1) {
      const frame = below(big.frames);
      await window.seek({ frame });
      assert.deepEqual(bits(await window.values(frame)), bits(big.row(frame)));
    }
    assert.equal((await window.stats()).workerChunks, 0);
    await window.close();
  });
}

test("values that float32 cannot hold are told in the panel, with how many, by whichever worker read them", async () => {
  // The session, told by its metadata to be 1e-50 of what it is.
  site.server.mount("data/tiny/", async (name) => {
    const found = await big.source(name);
    if (name !== "zarr.json" || !found) return found;
    const root = JSON.parse(Buffer.from(await found.read(0, found.size)).toString());
    root.consolidated_metadata.metadata.posterior.attributes.scale_factor = 1e-50;
    const text = Buffer.from(JSON.stringify(root));
    return { size: text.length, read: (start, end) => text.subarray(start, end) };
  });
  const window = await site.open("data/tiny/");
  const below = random(13);
  for (let seek = 0; seek < 5; seek += 1) await window.seek({ frame: below(big.frames) });
  await window.settled();
  assert.ok((await window.stats()).workerChunks > 0, "workers decoded some");
  const [note, ...more] = await window.page.locator("#narrowed p").allTextContents();
  assert.deepEqual(more, []);
  const [, read, zeros] = /^Of (\d+) values of `posterior` that were read, (\d+) are nearer to 0 than float32/.exec(note) ?? [];
  const chunk = big.shape.chunk * big.shape.grid[0] * big.shape.grid[1];
  assert.equal(Number(read) % chunk, 0, `${read} values are whole chunks of ${chunk}`);
  // Zero itself is not lost; the simulated values are above it but for some.
  assert.ok(Number(zeros) > 0.9 * Number(read) && Number(zeros) <= Number(read), note);
  assert.equal((await window.values(7))[3], 0);
  await window.close();
});

test("a chunk that no worker can decode is told as ever", async () => {
  const window = await site.open("data/big/");
  await window.settled();
  site.server.fault({ path: "posterior/c/", body: "flip", ranged: true, skip: 1, times: 1 });
  const frame = 2_000_000;
  const reason = await window.seek({ frame }).then(() => "", (error) => String(error));
  assert.match(reason, /crc32c|[Cc]hecksum/);
  await window.close();
});
