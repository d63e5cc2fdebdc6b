/** Random seeks: to what has to be fetched, against a bare fetch of the same bytes, and to what is in memory. */
import { random } from "../tests/e2e/site.js";
import { count, digits, mean, median, ms, quantile, spread } from "./measure.js";
import { atMost } from "./section.js";
import { NETWORKS, kept, session, warm } from "./sessions.js";
import { Stage } from "./stage.js";

const FRAMES = 3_600_000;
const SEEKS = 10;
const RESIDENT_SEEKS = 100;

/** @returns {Promise<import("./section.js").Section>} */
export async function measure() {
  const stage = await Stage.start();
  try {
    const cold = [];
    for (const network of NETWORKS) {
      stage.server.shape();
      cold.push(...(await plain(stage, network)), ...(await packed(stage, network)));
    }
    stage.server.shape();
    const resident = [];
    for (const bins of [500, 2500]) resident.push({ bins, ...(await inMemory(stage, bins)) });
    return report(cold, resident);
  } finally {
    await stage.stop();
  }
}

/**
 * @typedef {{ took: number, bare: number, requests: number, beside: number }} Pair
 * @typedef {{ network: string, what: string, most: number, pairs: Pair[] }} Cold
 */

/**
 * @param {Stage} stage
 * @param {typeof NETWORKS[number]} network
 * @returns {Promise<Cold[]>}
 */
async function plain(stage, network) {
  const below = random(5);
  const frames = Array.from({ length: SEEKS }, () => below(FRAMES));
  return [{ network: network.name, what: "plain", most: 1, pairs: await seeks(stage, "plain", network, frames) }];
}

/**
 * @param {Stage} stage
 * @param {typeof NETWORKS[number]} network
 * @returns {Promise<Cold[]>}
 */
async function packed(stage, network) {
  const { shape } = session("packed", FRAMES, 500);
  const shardFrames = shape.chunk * (shape.shard ?? 1);
  const below = random(6);
  // Two seeks in each shard, chunks apart.
  const frames = Array.from({ length: SEEKS }, (_, at) => 40 + at * 17).flatMap((shard) =>
    [7, 40].map((chunk) => (shard % Math.floor(FRAMES / shardFrames)) * shardFrames + chunk * shape.chunk + below(shape.chunk)));
  const pairs = await seeks(stage, "packed", network, frames);
  // What a shard's index has been read for before is not the first touch, whichever seek it is: the colour range samples.
  const first = pairs.filter(({ requests }) => requests === 2);
  const later = pairs.filter((_, at) => at % 2 === 1);
  return [
    { network: network.name, what: "packed, first touch of a shard", most: 2, pairs: first },
    { network: network.name, what: "packed", most: 1, pairs: later },
  ];
}

/**
 * @param {Stage} stage
 * @param {"plain" | "packed"} layout
 * @param {typeof NETWORKS[number]} network
 * @param {number[]} frames
 */
async function seeks(stage, layout, network, frames) {
  const computed = session(layout, FRAMES, 500);
  const source = kept(computed.source);
  const page = await stage.page(stage.serve(computed.shape.name, source));
  await page.settled(500);
  stage.server.shape(network.shape);
  /** @type {Pair[]} */
  const pairs = [];
  for (const frame of frames) {
    await warm(computed, source, frame);
    const seek = await page.seek(frame);
    const { own, beside, took } = await page.bare(seek);
    check(computed, frame, own);
    pairs.push({ took: seek.took, bare: took, requests: own.length, beside });
  }
  stage.server.shape();
  await page.close();
  return pairs;
}

/**
 * A seek that fetched anything but its chunk was no cold one.
 *
 * @param {import("../tests/e2e/session.js").Session} computed
 * @param {number} frame
 * @param {import("./stage.js").Fetched[]} own
 */
export function check(computed, frame, own) {
  const { path, range } = computed.place("posterior", frame);
  const wanted = `bytes=${range[0]}-${range[1] - 1}`;
  const asked = own.at(-1);
  if (!asked?.url.endsWith(path) || (computed.shape.shard && asked.range !== wanted)) {
    throw new Error(`a seek to ${frame} fetched ${JSON.stringify(own)}, not ${path} ${wanted}`);
  }
}

/**
 * @param {Stage} stage
 * @param {number} bins
 */
async function inMemory(stage, bins) {
  const computed = session("packed", 500_000, bins);
  const page = await stage.page(stage.serve(computed.shape.name, kept(computed.source)));
  await page.settled(500);
  const below = random(7);
  const frames = Array.from({ length: RESIDENT_SEEKS }, () => below(computed.shape.chunk));
  const { seeks, cpu, trace } = await page.costs(frames);
  await page.close();
  return { took: seeks.map(({ took }) => took), ticks: seeks.map(({ ticks }) => ticks), cpu, parts: trace.parts() };
}

/**
 * @param {Cold[]} cold
 * @param {{ bins: number, took: number[], ticks: number[], cpu: number[], parts: [string, number][] }[]} resident
 * @returns {import("./section.js").Section}
 */
function report(cold, resident) {
  const ratio = (/** @type {Pair[]} */ pairs) => median(pairs.map(({ took, bare }) => took / bare));
  const most = (/** @type {Pair[]} */ pairs) => Math.max(...pairs.map(({ requests }) => requests));
  const some = cold.filter(({ pairs }) => pairs.length > 0);
  return {
    title: "Seeking",
    how: [
      `Random frames of ${count(FRAMES)} × 500 in chunks of about 1 MiB, ${SEEKS} of each kind; each seek from its call to its ` +
      "promise (the exact frame presented), then, when all is quiet, the same requests again by `fetch` alone. A seek's own " +
      "requests are its chunk and, the first time, its shard's index; what is read ahead beside it is counted apart, and " +
      "shares the network with it.",
      `In memory: ${RESIDENT_SEEKS} random frames of a chunk that is there. Animation frames are counted by a callback of the ` +
      "page's own; the CPU is the processor time, by Chromium's trace, of all tasks on the main thread from the call to " +
      "the promise, the page's own controls included.",
    ],
    bars: [
      ...["plain", "packed, first touch of a shard", "packed"].map((kind) => {
        const these = some.filter(({ what }) => what === kind);
        const requests = Math.max(...these.map(({ pairs }) => most(pairs)));
        const limit = these[0]?.most ?? 0;
        return atMost(`random seek, cold, ${kind}: requests`, requests, limit, {
          bar: `${limit}`, measured: `${requests}, and ${digits(mean(these.flatMap(({ pairs }) => pairs.map(({ beside }) => beside))))} read ahead beside it`,
        });
      }),
      ...some.map(({ network, what, pairs }) => atMost(`random seek, cold, ${what}, ${network}: time over a bare fetch`, ratio(pairs), 1.5, {
        bar: "≤ 1.5×", measured: `${digits(ratio(pairs))}×`,
      })),
      ...resident.flatMap(({ bins, ticks, cpu }) => [
        atMost(`random seek, in memory, ${count(bins)} bins: seek → presented`, quantile(ticks, 0.95), 1, {
          bar: "one animation frame",
          measured: `${median(ticks)} (median), ${quantile(ticks, 0.95)} (95 %), ${Math.max(...ticks)} (most)`,
        }),
        atMost(`random seek, in memory, ${count(bins)} bins: CPU`, median(cpu), 4, {
          bar: "≤ 4 ms", measured: `${spread(cpu)}; ${ms(quantile(cpu, 0.99))} (99 %)`,
        }),
      ]),
    ],
    tables: [{
      caption: "Cold seeks",
      head: ["network", "session", "seek", "bare fetch", "ratio (median of pairs)", "requests", "read ahead beside"],
      rows: some.map(({ network, what, pairs }) => [
        network, what, spread(pairs.map(({ took }) => took)), spread(pairs.map(({ bare }) => bare)), `${digits(ratio(pairs))}×`,
        `${most(pairs)}`, digits(mean(pairs.map(({ beside }) => beside))),
      ]),
    }, {
      caption: "Seeks in memory, from the call to the promise",
      head: ["bins", "time", "animation frames", "CPU of the main thread", "what of Chromium's events took longest, wall time a seek"],
      rows: resident.map(({ bins, took, ticks, cpu, parts }) => [
        count(bins), spread(took), `${digits(mean(ticks))} (mean)`, spread(cpu),
        parts.slice(0, 8).map(([name, took]) => `${name} ${ms(took)}`).join(", "),
      ]),
    }],
    notes: [],
  };
}
