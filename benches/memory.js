/** Memory after scrubbing over a session that is many times larger than all budgets. */
import { random } from "../tests/e2e/site.js";
import { count, mib } from "./measure.js";
import { atMost } from "./section.js";
import { kept, session } from "./sessions.js";
import { Stage } from "./stage.js";

const PLACES = 1000;
const SAMPLE_EVERY = 25;
const MIB = 2 ** 20;
const ALLOWED = 64 * MIB;
/** What both budgets are where the viewer does not say. */
const BUDGET = 256 * MIB;
/** Memory goes up and down with the collector; a trend over the last half above this is growth. */
const FLAT = 16 * MIB;

/** @typedef {{ place: number, wasm: number, cache: number, gpu: number, heap: number, renderer: number, gpuProcess: number }} Sample */

/** @returns {Promise<import("./section.js").Section>} */
export async function measure() {
  const stage = await Stage.start();
  try {
    const computed = session("packed", 3_600_000, 500);
    const page = await stage.page(stage.serve(computed.shape.name, kept(computed.source, 16)));
    await page.settled(500);
    const below = random(8);
    /** @type {Sample[]} */
    const samples = [];
    const take = async (/** @type {number} */ place) => {
      const { wasmBytes, cacheBytes, gpuBytes } = await page.stats();
      samples.push({
        place, wasm: wasmBytes, cache: cacheBytes, gpu: gpuBytes,
        heap: await page.run("performance.memory?.usedJSHeapSize ?? 0"),
        renderer: await page.residentBytes("renderer"), gpuProcess: await page.residentBytes("GPU"),
      });
    };
    await take(0);
    for (let place = 1; place <= PLACES; place += 1) {
      await page.run(`viewer.seek({ frame: ${below(computed.frames)} })`);
      if (place % SAMPLE_EVERY === 0) await take(place);
    }
    const { cacheBudget = BUDGET, gpuBudget = BUDGET } = await page.stats();
    await page.close();
    return report(samples, cacheBudget, gpuBudget);
  } finally {
    await stage.stop();
  }
}

/**
 * @param {Sample[]} samples
 * @param {number} cacheBudget
 * @param {number} gpuBudget
 * @returns {import("./section.js").Section}
 */
function report(samples, cacheBudget, gpuBudget) {
  const own = (/** @type {Sample} */ { wasm, gpu, heap }) => wasm + gpu + heap;
  const most = Math.max(...samples.map(own));
  const allowed = cacheBudget + gpuBudget + ALLOWED;
  const half = samples.slice(samples.length >> 1);
  const growth = trend(half.map(own));
  const residentGrowth = trend(half.map(({ renderer }) => renderer));
  const shown = samples.filter((_, at) => at % Math.ceil(samples.length / 8) === 0 || at === samples.length - 1);
  const start = samples[0];
  const peak = Math.max(...samples.map(({ renderer }) => renderer)) - (start?.renderer ?? 0);
  return {
    title: "Memory",
    how: [
      `${count(PLACES)} random places of 3,600,000 × 500 (7.2 GB), each sought until it is on screen, over loopback; figures every ` +
      `${SAMPLE_EVERY} places. The viewer's memory is that of its wasm (which never shrinks, and holds the decoded chunks), what it ` +
      "has on the GPU, and the JavaScript heap in use. Chromium's own processes are told beside it: the page's with its wasm, and " +
      "the one that draws, which here holds the GPU's memory too.",
    ],
    bars: [
      atMost("memory after 1,000 random places of the 3.6M session", most, allowed, {
        bar: `≤ budgets + 64 MiB = ${mib(allowed)}`, measured: `${mib(most)} at most`,
      }),
      atMost("growth over the last half", growth, FLAT, {
        bar: `flat (≤ ${mib(FLAT)})`, measured: `${mib(growth)}; of the page's whole process ${mib(residentGrowth)}`,
      }),
    ],
    tables: [{
      caption: "After so many places",
      head: ["places", "wasm", "of it decoded chunks", "GPU", "JavaScript heap", "page's process", "GPU process"],
      rows: shown.map(({ place, wasm, cache, gpu, heap, renderer, gpuProcess }) =>
        [count(place), ...[wasm, cache, gpu, heap, renderer, gpuProcess].map(mib)]),
    }],
    notes: [`The page's process grew by at most ${mib(peak)} from the first picture on.`],
  };
}

/**
 * How much the last third is above the first third, by their means.
 *
 * @param {number[]} values
 */
function trend(values) {
  const third = Math.max(Math.floor(values.length / 3), 1);
  const mean = (/** @type {number[]} */ part) => part.reduce((sum, value) => sum + value, 0) / part.length;
  return mean(values.slice(-third)) - mean(values.slice(0, third));
}
