/** What a chunk of 1 MiB keeps the page's main thread busy for, by codec chain. The native bench has written the sessions. */
import { readdir } from "node:fs/promises";
import path from "node:path";

import { folder } from "../tests/e2e/server.js";
import { digits, median, spread } from "./measure.js";
import { Stage } from "./stage.js";

export const CHAINS = path.join(process.env.REPLAYSCOPE_BENCH ?? "target/bench", "chains");
/** So many chunks that are not in memory. */
const CHUNKS = 24;

/** @typedef {{ chain: string, longest: number[], longestCpu: number[], cpu: number[] }} Found */

/** @returns {Promise<import("./section.js").Section>} */
export async function measure() {
  const stage = await Stage.start();
  try {
    /** @type {Found[]} */
    const found = [];
    for (const chain of (await readdir(CHAINS)).sort()) {
      const url = stage.serve(`chain-${chain}`, folder(path.join(CHAINS, chain)));
      /** @type {Found} */
      const one = { chain, longest: [], longestCpu: [], cpu: [] };
      const page = await stage.page(url);
      await page.settled(500);
      const { trace } = await page.traced(() => page.run(`bench.unread(${CHUNKS})`));
      await page.close();
      for (const span of trace.spans()) {
        const tasks = trace.within(span);
        one.longest.push(Math.max(...tasks.map(({ wall }) => wall)));
        one.longestCpu.push(Math.max(...tasks.map(({ cpu }) => cpu)));
        one.cpu.push(trace.cpu(span));
      }
      found.push(one);
    }
    return report(found);
  } finally {
    await stage.stop();
  }
}

/**
 * @param {Found[]} found
 * @returns {import("./section.js").Section}
 */
function report(found) {
  const some = found.filter(({ longest }) => longest.length > 0);
  if (some.length === 0) throw new Error("all chunks were in memory before they could be asked for");
  const worst = some.reduce((most, one) => (median(one.longest) > median(most.longest) ? one : most));
  return {
    title: "",
    how: [
      "The same sessions in the browser: `values()` of a frame whose chunk is not in memory, by Chromium's trace of the main thread. " +
      "Where the page decodes on its main thread, the longest task is the decoding; where workers do, what is left of it.",
    ],
    bars: [],
    tables: [{
      caption: "A chunk of 1 MiB, in the browser's main thread",
      head: ["chain", "longest task", "its CPU", "CPU of all tasks", "chunks"],
      rows: some.map(({ chain, longest, longestCpu, cpu }) => [chain, spread(longest), spread(longestCpu), spread(cpu), `${longest.length}`]),
    }],
    notes: [
      `The chain that blocks the main thread longest is ${worst.chain}, for ${digits(median(worst.longest))} ms a chunk; a frame at 60 Hz has 16.7 ms.`,
    ],
  };
}
