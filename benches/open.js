/** From `open()` to the first exact frame: does it depend on how long the session is, and what crosses the network? */
import { count, digits, median, mib, ms, spread } from "./measure.js";
import { atMost } from "./section.js";
import { LAYOUTS, NETWORKS, SIZES, kept, session } from "./sessions.js";
import { Stage } from "./stage.js";

/** The longest and the shortest session are opened by turns, so often. */
const PAIRS = 25;
const REPEATS = 3;

/** @returns {Promise<import("./section.js").Section>} */
export async function measure() {
  const stage = await Stage.start();
  try {
    const urls = new Map(LAYOUTS.flatMap((layout) => SIZES.map(([frames, bins]) => {
      const computed = session(layout, frames, bins);
      return [key(layout, frames, bins), stage.serve(computed.shape.name, kept(computed.source, 24))];
    })));
    const url = (/** @type {string} */ key) => /** @type {string} */ (urls.get(key));

    const loads = [];
    for (const layout of LAYOUTS) loads.push({ layout, ...(await load(stage, url(key(layout, 3_600_000, 500)))) });

    const page = await stage.page(url(key("packed", 100_000, 500)));
    const open = (/** @type {string} */ key) => page.open(url(key));
    const ratios = [];
    for (const layout of LAYOUTS) {
      const [long, short] = [key(layout, 3_600_000, 500), key(layout, 10_000, 500)];
      /** @type {number[][]} */
      const [longs, shorts] = [[], []];
      for (let turn = -1; turn < PAIRS; turn += 1) {
        for (const [which, times] of /** @type {const} */ ([[long, longs], [short, shorts]])) {
          const took = await open(which);
          // The first time the server computes what it keeps from then on.
          if (turn >= 0) times?.push(took);
          await page.settled(100);
        }
      }
      ratios.push({ layout, long: longs ?? [], short: shorts ?? [] });
    }

    const rows = [];
    for (const network of NETWORKS) {
      for (const layout of LAYOUTS) {
        const cells = [];
        for (const [frames, bins] of SIZES) {
          const times = [];
          for (let turn = 0; turn < REPEATS; turn += 1) {
            stage.server.shape(network.shape);
            times.push(await open(key(layout, frames, bins)));
            // What it reads in the background ends fast, so that the next one has the network for itself.
            stage.server.shape();
            await page.settled(100);
          }
          cells.push(ms(median(times)));
        }
        rows.push([network.name, layout, ...cells]);
      }
    }
    await page.close();
    return report(loads, ratios, rows);
  } finally {
    await stage.stop();
  }
}

/** @typedef {{ trips: number, bytes: number, chain: string[] }} Load */

/**
 * @param {(Load & { layout: string })[]} loads
 * @param {{ layout: string, long: number[], short: number[] }[]} ratios
 * @param {string[][]} rows
 */
function report(loads, ratios, rows) {
  const chunk = session("packed", 3_600_000, 500).decodedChunk;
  return {
    title: "Opening",
    how: [
      "From the call of `open()` in a page that is there to the promise `ready`: the first exact frame on the canvas. " +
      `The 3.6-million-frame and the 10-thousand-frame session are opened by turns, ${PAIRS} times each, over loopback; ` +
      `every other figure is the median of ${REPEATS}. Sessions are computed by the test server as they are read.`,
      "Round trips and bytes are those of a whole page load (its HTML, script and wasm included in the trips, the session " +
      "alone in the bytes) with 150 ms added to every answer, so that what waits for what shows. Bytes are those of all requests that " +
      "began before the first picture's chunk was there: what is read beside it shares the network with it.",
    ],
    bars: [
      ...ratios.map(({ layout, long, short }) => {
        const ratio = median(long) / median(short);
        return atMost(`open → first exact frame, 3.6M against 10K frames, ${layout}`, ratio, 1.1, {
          bar: "≤ 1.1×", measured: `${digits(ratio)}×: ${spread(long)} and ${spread(short)}`,
        });
      }),
      ...loads.flatMap(({ layout, trips, bytes, chain }) => [
        atMost(`sequential round trips to it, ${layout}, 3.6M frames`, trips, 5, {
          bar: "≤ 5", measured: `${trips}: ${chain.join(" → ")}`,
        }),
        atMost(`bytes of the session to it, ${layout}, 3.6M frames`, bytes, 3 * chunk, {
          bar: "≤ 3 chunks", measured: `${digits(bytes / chunk)} chunks (${mib(bytes)})`,
        }),
      ]),
    ],
    tables: [{
      caption: "open → first exact frame, frames × bins",
      head: ["network", "layout", ...SIZES.map(([frames, bins]) => `${count(frames)} × ${count(bins)}`)],
      rows,
    }],
    notes: [],
  };
}

/**
 * A whole page load: how long the longest chain of requests is, each of which began after the one before had ended.
 *
 * @param {Stage} stage
 * @param {string} url
 * @returns {Promise<Load>}
 */
async function load(stage, url) {
  stage.server.shape({ latency: 150 });
  const page = await stage.page(url);
  stage.server.shape();
  /** @type {{ name: string, start: number, end: number }[]} */
  const all = await page.run(`[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .filter(({ responseEnd }) => responseEnd > 0 && responseEnd <= bench.readyAt)
    .map(({ name, startTime, responseEnd }) => ({ name, start: startTime, end: responseEnd }))
    .sort((a, b) => a.start - b.start)`);
  // What was asked for before the first picture's chunk was there shared the network with it, whenever it came.
  await page.settled();
  /** @type {number} */
  const bytes = await page.run(`(() => {
    const own = performance.getEntriesByType("resource").filter(({ name }) => name.startsWith(${JSON.stringify(url)}));
    const chunk = own.sort((a, b) => a.startTime - b.startTime)
      .find(({ name, encodedBodySize }) => name.includes("/posterior/c/") && encodedBodySize > 16384);
    return own.filter(({ startTime }) => startTime < chunk.responseEnd).reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
  })()`);
  await page.close();
  /** @type {{ end: number, chain: string[] }[]} */
  const done = [];
  const longest = (/** @type {{ chain: string[] }[]} */ list) =>
    list.reduce((most, { chain }) => (chain.length > most.length ? chain : most), /** @type {string[]} */ ([]));
  // The browser fetches the tab's icon when it likes; nothing waits for it.
  for (const { name, start, end } of all.filter(({ name }) => !name.endsWith(".svg"))) {
    const { pathname } = new URL(name);
    const short = name.startsWith(url) ? name.slice(url.length) : pathname === "/" ? "page" : pathname.split("/").at(-1) ?? "";
    done.push({ end, chain: [...longest(done.filter((earlier) => earlier.end <= start)), short] });
  }
  const chain = longest(done);
  return { trips: chain.length, bytes, chain };
}

/** @param {string} layout @param {number} frames @param {number} bins */
function key(layout, frames, bins) {
  return `${layout}-${frames}-${bins}`;
}
