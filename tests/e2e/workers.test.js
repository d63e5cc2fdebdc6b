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

test("a chunk that no worker can decode is told as ever", async () => {
  const window = await site.open("data/big/");
  await window.settled();
  site.server.fault({ path: "posterior/c/", body: "flip", ranged: true, skip: 1, times: 1 });
  const frame = 2_000_000;
  const reason = await window.seek({ frame }).then(() => "", (error) => String(error));
  assert.match(reason, /crc32c|[Cc]hecksum/);
  await window.close();
});
