/** What a presented frame costs in the browser, against the number of bins. */
import { random } from "../tests/e2e/site.js";
import { count, digits, median, mean, spread } from "./measure.js";
import { atMost } from "./section.js";
import { kept, session } from "./sessions.js";
import { Stage } from "./stage.js";

const BINS = [500, 1000, 2500, 5000, 10_000];
const SEEKS = 80;

/** @returns {Promise<import("./section.js").Section>} */
export async function measure() {
  const stage = await Stage.start();
  try {
    const found = [];
    for (const bins of BINS) found.push({ bins, ...(await present(stage, bins)) });
    return report(found);
  } finally {
    await stage.stop();
  }
}

/**
 * @param {Stage} stage
 * @param {number} bins
 */
async function present(stage, bins) {
  const computed = session("packed", 100_000, bins);
  const page = await stage.page(stage.serve(computed.shape.name, kept(computed.source)));
  await page.settled(500);
  const below = random(10);
  const frames = Array.from({ length: SEEKS }, () => below(computed.shape.chunk));
  const { result: seeks, trace } = await page.traced(() => page.seeks(frames));
  await page.close();
  return { took: seeks.map(({ took }) => took), cpu: trace.spans().map((span) => trace.cpu(span)) };
}

/**
 * @param {{ bins: number, took: number[], cpu: number[] }[]} found
 * @returns {import("./section.js").Section}
 */
function report(found) {
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
    }],
    notes: [],
  };
}
