/** A colour range of a long session, in the browser, while it plays. */
import { count } from "./measure.js";
import { atMost } from "./section.js";
import { kept, session } from "./sessions.js";
import { Stage } from "./stage.js";

const FRAMES = 500_000;
const SEEDS = [11, 12, 13, 14, 15];
/** Milliseconds. */
const MOST = 1000;

/**
 * A range that is asked for while the session plays.
 *
 * @param {import("./stage.js").Page} page
 * @param {number} seed
 * @returns {Promise<{ took: number, late: number, range: any }>}
 */
export function estimate(page, seed) {
  return page.run(`(async () => {
    viewer.play({ loop: "all" });
    await new Promise((done) => setTimeout(done, 500));
    const before = viewer.stats();
    const start = performance.now();
    const range = await viewer.estimateRange({ seed: ${seed} });
    const took = performance.now() - start;
    const after = viewer.stats();
    return { took, range, late: after.lateFrames - before.lateFrames };
  })()`);
}

/** @returns {Promise<import("./section.js").Section>} */
export async function measure() {
  const stage = await Stage.start();
  try {
    const computed = session("packed", FRAMES, 500);
    const url = stage.serve(computed.shape.name, kept(computed.source, 512));
    /** @type {{ took: number, late: number, range: any }[]} */
    const measured = [];
    for (const seed of SEEDS) {
      // Once so that the server has computed the chunks, once to be measured, in a page that has none of them.
      for (const counts of [false, true]) {
        const page = await stage.page(url);
        await page.settled(500);
        const found = await estimate(page, seed);
        if (counts) measured.push(found);
        await page.close();
      }
    }
    const times = measured.map(({ took }) => took).sort((a, b) => a - b);
    const median = times[times.length >> 1] ?? NaN;
    const { range } = /** @type {typeof measured[number]} */ (measured[0]);
    return {
      title: "A colour range in the browser",
      how: [
        `${count(FRAMES)} × 500, packed, over loopback, while it plays at 1×: \`estimateRange({ seed })\` from the call to the answer, ` +
        `${SEEDS.length} seeds, each in a page of its own that has sampled other frames before. ${count(range.frames)} frames of ` +
        `${count(range.chunks)} chunks, ${count(range.bytes)} bytes.`,
      ],
      bars: [atMost("a range of 500,000 frames in the browser, from localhost, while playing", median, MOST, {
        bar: "< 1 s", measured: `${median.toFixed(0)} ms (${times[0]?.toFixed(0)}–${times.at(-1)?.toFixed(0)})`,
      })],
      tables: [{
        caption: "While it was found",
        head: ["seed", "took", "animation frames that came late", "limits"],
        rows: measured.map(({ took, late, range: { seed, low, high } }) =>
          [String(seed), `${took.toFixed(0)} ms`, String(late), `${low.toPrecision(3)}–${high.toPrecision(3)}`]),
      }],
      notes: [],
    };
  } finally {
    await stage.stop();
  }
}
