/** Scrubbing where the network is far away: something that covers the frame at once, and the frame itself soon. */
import { random } from "../tests/e2e/site.js";
import { count, digits, median, ms, quantile, spread } from "./measure.js";
import { atMost } from "./section.js";
import { kept, session, warm } from "./sessions.js";
import { Stage } from "./stage.js";

/** Milliseconds before every answer. */
export const LATENCY = 100;
const SEEKS = 30;
const FRAMES = 3_600_000;

/**
 * Milliseconds to the exact frame and to a preview (NaN: there was none), and animation frames to whichever came first.
 *
 * @typedef {{ exact: number, requests: number, ticks: number, preview: number }} Scrub
 */

/** @returns {Promise<import("./section.js").Section>} */
export async function measure() {
  const stage = await Stage.start();
  try {
    const computed = session("packed", FRAMES, 500, { pyramid: true });
    const source = kept(computed.source, 200);
    const page = await stage.page(stage.serve(computed.shape.name, source));
    await page.settled(1000);
    stage.server.shape({ latency: LATENCY });
    const shardFrames = computed.shape.chunk * (computed.shape.shard ?? 1);
    const below = random(9);
    /** @type {Scrub[]} */
    const scrubs = [];
    for (let turn = 0; turn < SEEKS; turn += 1) {
      // Two in each shard, so that half of them find its index read.
      const shard = (31 + (turn >> 1) * 7) % Math.floor(FRAMES / shardFrames);
      const chunk = turn % 2 ? 50 : 5;
      const frame = shard * shardFrames + chunk * computed.shape.chunk + below(computed.shape.chunk);
      await warm(computed, source, frame);
      scrubs.push(await scrub(page, frame, computed.place("posterior", frame).path));
    }
    stage.server.shape();
    await page.close();
    return report(scrubs);
  } finally {
    await stage.stop();
  }
}

/**
 * @param {import("./stage.js").Page} page
 * @param {number} frame
 * @param {string} path  of its shard
 * @returns {Promise<Scrub>}
 */
export async function scrub(page, frame, path) {
  await page.run("void (bench.frames.length = 0)");
  const seek = await page.seek(frame);
  /** @type {{ frame: number, requested: number, exact: boolean, pooled?: number, at: number, tick: number }[]} */
  const pictures = await page.run("bench.frames");
  await page.settled(150);
  // A shard's index lies at its start, and is read before anything else of it.
  /** @type {import("./stage.js").Fetched[]} */
  const fetched = await page.run(`bench.fetches.slice(${seek.since})`);
  const index = fetched.some(({ url, range }) => url.endsWith(path) && range?.startsWith("bytes=0-"));
  const cover = pictures.find(({ requested, exact, pooled = 0, frame: shown }) =>
    requested === frame && (exact || (pooled > 1 && Math.abs(shown - frame) < pooled)));
  return {
    exact: seek.took, requests: index ? 2 : 1, ticks: cover ? cover.tick - seek.tick : Infinity,
    preview: cover && !cover.exact ? cover.at - seek.at : NaN,
  };
}

/**
 * @param {Scrub[]} scrubs
 * @returns {import("./section.js").Section}
 */
function report(scrubs) {
  const previews = scrubs.filter(({ preview }) => !Number.isNaN(preview));
  const ticks = scrubs.map(({ ticks }) => ticks);
  const known = scrubs.filter(({ requests }) => requests === 1).map(({ exact }) => exact);
  const first = scrubs.filter(({ requests }) => requests > 1).map(({ exact }) => exact);
  const exact = (/** @type {string} */ what, /** @type {number[]} */ times, /** @type {number} */ trips) =>
    atMost(`scrub with ${LATENCY} ms latency, ${what}: seek → exact`, median(times), trips * LATENCY + 50, {
      bar: `≤ ${trips > 1 ? `${trips} × ` : ""}latency + 50 ms = ${trips * LATENCY + 50} ms`,
      measured: `${spread(times)}, ${ms(quantile(times, 0.95))} (95 %), ${times.length} seeks`,
    });
  return {
    title: "Scrubbing far away",
    how: [
      `${SEEKS} random places of ${count(FRAMES)} × 500 with pooled levels, ${LATENCY} ms added to every answer, no limit on bandwidth, ` +
      "each sought when all is quiet. A picture covers the frame if it is the exact one, or the maximum over a block that it is in " +
      "(a `frame` event with `pooled`). Half of the seeks are the first into their shard, whose index takes a round trip of its own.",
    ],
    bars: [
      atMost(`scrub with ${LATENCY} ms latency: a covering picture`, quantile(ticks, 0.95), 1, {
        bar: "within one animation frame",
        measured: previews.length === 0
          ? "no preview was shown"
          : `${median(ticks)} (median), ${quantile(ticks, 0.95)} (95 %), ${Math.max(...ticks)} (most); ${previews.length} of ${scrubs.length} had a preview, ` +
            `after ${spread(previews.map(({ preview }) => preview))}`,
      }),
      ...(known.length > 0 ? [exact("shard known", known, 1)] : []),
      ...(first.length > 0 ? [exact("first touch of a shard", first, 2)] : []),
    ],
    tables: [],
    notes: [`Exact after ${digits(median(scrubs.map(({ exact }) => exact)))} ms, the median of all.`],
  };
}
