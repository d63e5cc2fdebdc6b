/** What a chunk of 1 MiB keeps the page's main thread busy for, by codec chain. The native bench has written the sessions. */
import { readdir } from "node:fs/promises";
import path from "node:path";

import { folder } from "../tests/e2e/server.js";
import { digits, median, spread } from "./measure.js";
import { Stage } from "./stage.js";

const CHAINS = path.join(process.env.REPLAYSCOPE_BENCH ?? "target/bench", "chains");
/** So many chunks that are not in memory, from the session's end: what is read at open lies at its beginning. */
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
      const { trace } = await page.traced(() => page.run(`(async () => {
        const { chunks, chunkFrames } = viewer.session.fields[0];
        const there = viewer.buffered();
        let left = ${CHUNKS};
        for (let chunk = chunks - 1; left > 0 && chunk > 0; chunk -= 1) {
          const frame = chunk * chunkFrames;
          if (there.some(([start, stop]) => frame >= start && frame < stop)) continue;
          left -= 1;
          await new Promise((done) => setTimeout(done, 30));
          performance.mark("bench-begin");
          await viewer.values({ frame });
          performance.mark("bench-end");
        }
      })()`));
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
