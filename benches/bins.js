/** What a presented frame costs in the browser, against the number of bins. */
import { random } from "../tests/e2e/site.js";
import { count, digits, median, mean, spread } from "./measure.js";
import { atMost } from "./section.js";
import { kept, session } from "./sessions.js";
import { Stage } from "./stage.js";

const BINS = [500, 1000, 2500, 5000, 10_000];
const SEEKS = 80;
/** Layouts of 10,000 bins, on a canvas of 1,200 × 900 pixels with all that is around it. */
const CELLS = /** @type {const} */ (["grid", "hexagons", "wedges"]);
const LARGE = { width: 1548, height: 979 };

/** @returns {Promise<import("./section.js").Section>} */
export async function measure() {
  const stage = await Stage.start();
  try {
    const found = [];
    for (const bins of BINS) found.push({ bins, ...(await present(stage, session("packed", 100_000, bins))) });
    const layouts = [];
    for (const cells of CELLS) {
      layouts.push({ cells, ...(await present(stage, session("packed", 100_000, 10_000, { cells }), LARGE)) });
    }
    return report(found, layouts);
  } finally {
    await stage.stop();
  }
}

/**
 * @param {Stage} stage
 * @param {import("../tests/e2e/session.js").Session} computed
 * @param {{ width: number, height: number }} [viewport]
 */
async function present(stage, computed, viewport) {
  const page = await stage.page(stage.serve(computed.shape.name, kept(computed.source)), { viewport });
  await page.settled(500);
  const below = random(10);
  const frames = Array.from({ length: SEEKS }, () => below(computed.shape.chunk));
  const { seeks, cpu } = await page.costs(frames);
  const canvas = await page.run(`[viewer.session.layout, document.querySelector("#canvas").width, document.querySelector("#canvas").height]`);
  await page.close();
  return { canvas, took: seeks.map(({ took }) => took), cpu };
}

/**
 * @typedef {{ canvas: [string, number, number], took: number[], cpu: number[] }} Cost
 *
 * @param {(Cost & { bins: number })[]} found
 * @param {(Cost & { cells: string })[]} layouts
 * @returns {import("./section.js").Section}
 */
function report(found, layouts) {
  const [first, last] = [found[0], found.at(-1)];
  if (!first || !last) throw new Error("nothing was measured");
  const more = last.bins / first.bins;
  const growth = (/** @type {"took" | "cpu"} */ what) => median(last[what]) / median(first[what]);
  return {
    title: "Bins",
    how: [
      `${SEEKS} seeks in a chunk that is in memory, for each number of bins: from the call to the promise, and the processor time of ` +
      "the main thread's tasks meanwhile (Chromium's trace). What the GPU's process does for it, here in software, runs beside " +
      "it and is in the time only as far as the page waits for it; the render bench below has the whole of it.",
    ],
    bars: [
      atMost(`cost of a presented frame, ${count(first.bins)} → ${count(last.bins)} bins: CPU`, growth("cpu"), more, {
        bar: `no faster than linearly: ≤ ${digits(more)}×`, measured: `${digits(growth("cpu"))}×`,
      }),
      atMost(`cost of a presented frame, ${count(first.bins)} → ${count(last.bins)} bins: time`, growth("took"), more, {
        bar: `≤ ${digits(more)}×`, measured: `${digits(growth("took"))}×`,
      }),
    ],
    tables: [{
      caption: "A presented frame",
      head: ["bins", "seek → presented", "mean", "CPU of the main thread"],
      rows: found.map(({ bins, took, cpu }) => [count(bins), spread(took), `${digits(mean(took))} ms`, spread(cpu)]),
    }, {
      caption: "A presented frame of 10,000 bins of other shapes, on a larger canvas; all bins are one draw",
      head: ["bins", "canvas", "seek → presented", "mean", "CPU of the main thread", "time, of the grid's"],
      rows: layouts.map(({ canvas: [layout, width, height], took, cpu }) => [
        layout, `${width} × ${height}`, spread(took), `${digits(mean(took))} ms`, spread(cpu),
        `${digits(median(took) / median(layouts[0]?.took ?? []))}×`,
      ]),
    }],
    notes: [],
  };
}
