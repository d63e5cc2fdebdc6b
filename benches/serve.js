/** Real sessions from `replayscope serve` on loopback: opening, and seeks to what was not read yet. */
import { random } from "../tests/e2e/site.js";
import { FRAMES, make, serve } from "./disk.js";
import { count, digits, mean, median, spread } from "./measure.js";
import { atMost } from "./section.js";
import { LAYOUTS } from "./sessions.js";
import { Stage } from "./stage.js";

const REPEATS = 9;
const SEEKS = 12;

/** @typedef {{ layout: string, frames: number, bins: number, open: number[], seeks: { took: number, bare: number, requests: number }[] }} Found */

/** @returns {Promise<import("./section.js").Section>} */
export async function measure() {
  await make();
  const stage = await Stage.start();
  const disk = await serve();
  try {
    /** @type {Found[]} */
    const found = [];
    for (const layout of LAYOUTS) for (const frames of FRAMES) {
      const url = disk.session(`${layout}-${frames}`);
      const page = await stage.page(url, { site: disk.site });
      const open = [];
      for (let turn = 0; turn < REPEATS; turn += 1) {
        await page.settled(100);
        open.push(await page.open(url));
      }
      await page.settled(500);
      const { bins } = await page.run("viewer.session");
      found.push({ layout, frames, bins, open, seeks: frames === 10_000 ? [] : await seeks(page, frames) });
      await page.close();
    }
    return report(found);
  } finally {
    await disk.stop();
    await stage.stop();
  }
}

/**
 * @param {import("./stage.js").Page} page
 * @param {number} frames
 */
async function seeks(page, frames) {
  const below = random(11);
  const pairs = [];
  while (pairs.length < SEEKS) {
    const frame = below(frames);
    if (await page.holds(frame)) continue;
    const seek = await page.seek(frame);
    const { own, took } = await page.bare(seek);
    pairs.push({ took: seek.took, bare: took, requests: own.length });
  }
  return pairs;
}

/**
 * @param {Found[]} found
 * @returns {import("./section.js").Section}
 */
function report(found) {
  const cold = found.filter(({ seeks }) => seeks.length > 0);
  const ratio = (/** @type {Found} */ { seeks }) => median(seeks.map(({ took, bare }) => took / bare));
  return {
    title: "From `replayscope serve`",
    how: [
      `Sessions on the disk, read over loopback: packed ones by \`replayscope demo\` (blosc with zstd, crc32c), plain ones a file a chunk ` +
      `(bytes, crc32c). Each opened ${REPEATS} times; ${SEEKS} seeks to random frames that are not in memory, against the same ` +
      "requests by `fetch` alone. The files are in the system's cache.",
    ],
    bars: cold.flatMap((one) => {
      const requests = Math.max(...one.seeks.map(({ requests }) => requests));
      const most = one.layout === "packed" ? 2 : 1;
      return [
        atMost(`random seek, cold, ${one.layout}, \`replayscope serve\`: requests`, requests, most, { bar: `≤ ${most}`, measured: `${requests}` }),
        atMost(`random seek, cold, ${one.layout}, \`replayscope serve\`: time over a bare fetch`, ratio(one), 1.5, {
          bar: "≤ 1.5×", measured: `${digits(ratio(one))}×`,
        }),
      ];
    }),
    tables: [{
      caption: "Opening and seeking",
      head: ["layout", "frames × bins", "open → first exact frame", "cold seek", "bare fetch", "requests (mean)"],
      rows: found.map(({ layout, frames, bins, open, seeks }) => [
        layout, `${count(frames)} × ${count(bins)}`, spread(open),
        ...(seeks.length > 0
          ? [spread(seeks.map(({ took }) => took)), spread(seeks.map(({ bare }) => bare)), digits(mean(seeks.map(({ requests }) => requests)))]
          : ["–", "–", "–"]),
      ]),
    }],
    notes: ["The first 10,000 frames are in memory soon after they are opened; seeks are measured on the longer ones."],
  };
}
