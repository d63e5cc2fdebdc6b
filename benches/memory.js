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
/** More than this from the half to the end is growth. */
const FLAT = 16 * MIB;

/**
 * Bytes; `cache` is a part of `wasm`, the last two are those of Chromium's processes.
 *
 * @typedef {{ wasm: number, cache: number, gpu: number, heap: number, renderer: number, gpuProcess: number }} Memory
 */
/**
 * `collected`: the garbage was collected first, so that all of the heap is held by something.
 *
 * @typedef {Memory & { place: number, collected: boolean }} Sample
 */

/**
 * What a page has taken.
 *
 * @param {import("./stage.js").Page} page
 * @returns {Promise<Memory>}
 */
export async function memory(page) {
  const { wasmBytes, cacheBytes, gpuBytes } = await page.stats();
  return {
    wasm: wasmBytes, cache: cacheBytes, gpu: gpuBytes, heap: await page.run("performance.memory?.usedJSHeapSize ?? 0"),
    renderer: await page.residentBytes("renderer"), gpuProcess: await page.residentBytes("GPU"),
  };
}

/** The viewer's own. @param {Memory} memory */
export function own({ wasm, gpu, heap }) {
  return wasm + gpu + heap;
}

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
    const take = async (/** @type {number} */ place, collected = false) => {
      if (collected) await page.collectGarbage();
      samples.push({ place, collected, ...(await memory(page)) });
    };
    await take(0, true);
    for (let place = 1; place <= PLACES; place += 1) {
      await page.run(`viewer.seek({ frame: ${below(computed.frames)} })`);
      if (place % SAMPLE_EVERY === 0) await take(place);
      if (place % (PLACES / 4) === 0) await take(place, true);
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
  const held = samples.filter(({ collected }) => collected);
  const most = Math.max(...held.map(own));
  const withGarbage = Math.max(...samples.map(own));
  const allowed = cacheBudget + gpuBudget + ALLOWED;
  const [start, half, end] = /** @type {[Sample, Sample, Sample]} */ ([held[0], held[held.length >> 1], held.at(-1)]);
  const growth = own(end) - own(half);
  const peak = Math.max(...samples.map(({ renderer }) => renderer)) - start.renderer;
  const every = Math.ceil(samples.length / 8);
  const shown = samples.filter(({ collected }, at) => collected || at % every === 0);
  return {
    title: "Memory",
    how: [
      `${count(PLACES)} random places of 3,600,000 × 500 (7.2 GB), each sought until it is on screen, over loopback; figures every ` +
      `${SAMPLE_EVERY} places. The viewer's memory is that of its wasm (which never shrinks, and holds the decoded chunks), what it ` +
      "has on the GPU, and the JavaScript heap, in which bytes that were decoded lie until they are collected; at the start and after " +
      "every quarter they are, and what is left is held. Chromium's own processes are told beside it: the page's with its wasm, " +
      "and the one that draws, which here holds the GPU's memory too.",
    ],
    bars: [
      atMost("memory after 1,000 random places of the 3.6M session", most, allowed, {
        bar: `≤ budgets + 64 MiB = ${mib(allowed)}`, measured: `${mib(most)} held at most; ${mib(withGarbage)} with what was not yet collected`,
      }),
      atMost("the page's process: growth since the first picture", peak, allowed, {
        bar: `≤ ${mib(allowed)}`, measured: `${mib(peak)} at most`,
      }),
      atMost("memory over the last half", growth, FLAT, {
        bar: `flat (≤ ${mib(FLAT)} more)`, measured: `${mib(growth)} more; the page's process ${mib(end.renderer - half.renderer)}`,
      }),
    ],
    tables: [{
      caption: "After so many places",
      head: ["places", "", "wasm", "of it decoded chunks", "GPU", "JavaScript heap", "page's process", "GPU process"],
      rows: shown.map(({ place, collected, wasm, cache, gpu, heap, renderer, gpuProcess }) =>
        [count(place), collected ? "collected" : "", ...[wasm, cache, gpu, heap, renderer, gpuProcess].map(mib)]),
    }],
    notes: [],
  };
}
