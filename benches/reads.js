/**
 * How to read frames at all: one range a frame with the last thousand kept, a chunk at a time, or everything at the start.
 * Three policies of the bench's own, in the browser, by plain `fetch` over the test server; the viewer has one of them.
 */
import { random } from "../tests/e2e/site.js";
import { count, mean, median, mib, ms, quantile } from "./measure.js";
import { Stage } from "./stage.js";

const BINS = 500;
const FRAME_BYTES = BINS * 4;
const SIZES = [10_000, 100_000, 500_000];
/** @typedef {"lazy" | "chunked" | "whole"} Policy */
/** @type {{ policy: Policy, name: string }[]} */
const POLICIES = [
  { policy: "lazy", name: "a range a frame, the last 1,000 kept" },
  { policy: "chunked", name: "chunks of 524 frames, the last 256 kept" },
  { policy: "whole", name: "all in memory" },
];
/** The second at the one length that everything at the start takes long for, but not minutes. */
const NETWORKS = [
  { name: "loopback", shape: {}, sizes: SIZES, random: 1000, sequential: 5000 },
  { name: "20 ms, 50 Mbit/s", shape: { latency: 20, bitsPerSecond: 50e6 }, sizes: [100_000], random: 100, sequential: 1000 },
];

/** @typedef {{ create: number, bytes: number, random: number[], sequential: number, resident: number }} Result */
/** @typedef {{ network: string, frames: number, policy: Policy, name: string, result: Result }} Found */

/** @returns {Promise<import("./section.js").Section>} */
export async function measure() {
  const stage = await Stage.start();
  try {
    serve(stage, SIZES);
    /** @type {Found[]} */
    const found = [];
    for (const network of NETWORKS) for (const frames of network.sizes) for (const { policy, name } of POLICIES) {
      found.push({ network: network.name, frames, policy, name, result: await run(stage, network, frames, policy) });
    }
    return report(found);
  } finally {
    await stage.stop();
  }
}

/**
 * Arrays of so many frames each. Whatever is read of them, it is cut from one block: nothing is computed, and nothing is
 * read from a disk.
 *
 * @param {Stage} stage
 * @param {number[]} sizes
 */
export function serve(stage, sizes) {
  const block = new Uint8Array(64 * 2 ** 20).fill(1);
  for (const frames of sizes) {
    const read = (/** @type {number} */ start, /** @type {number} */ end) => {
      const from = start % (block.length / 2);
      return block.subarray(from, from + end - start);
    };
    stage.serve(`raw-${frames}`, () => ({ size: frames * FRAME_BYTES, read }));
  }
}

/**
 * @param {Stage} stage
 * @param {{ shape: import("../tests/e2e/network.js").Shape, random: number, sequential: number }} network  and how many frames are read
 * @param {number} frames
 * @param {Policy} policy
 * @param {string} [site]  whose page reads
 * @returns {Promise<Result>}
 */
export async function run(stage, network, frames, policy, site = stage.server.url) {
  const context = await stage.browser.newContext();
  const page = await context.newPage();
  await page.goto(`${site}www/icon.svg`);
  stage.server.shape(network.shape);
  const below = random(12);
  const places = Array.from({ length: network.random }, () => below(frames));
  const before = await resident(stage);
  const result = await page.evaluate(readAll, {
    url: `${stage.server.url}data/raw-${frames}/values`, policy, frames, frameBytes: FRAME_BYTES, chunk: Math.floor(2 ** 20 / FRAME_BYTES),
    places, first: Math.floor(frames / 2), sequential: network.sequential,
  });
  const after = await resident(stage);
  stage.server.shape();
  await context.close();
  return { ...result, resident: after - before };
}

/** Bytes of all pages' processes. @param {Stage} stage */
async function resident(stage) {
  const { Page } = await import("./stage.js");
  return new Page(stage.browser, /** @type {any} */ (null)).residentBytes("renderer");
}

/**
 * In the page.
 *
 * @param {{ url: string, policy: Policy, frames: number, frameBytes: number, chunk: number, places: number[], first: number, sequential: number }} options
 */
async function readAll({ url, policy, frames, frameBytes, chunk, places, first, sequential }) {
  const range = async (/** @type {number} */ start, /** @type {number} */ end) => {
    const headers = { Range: `bytes=${start}-${end - 1}` };
    return (await fetch(url, { headers, cache: "no-store" })).arrayBuffer();
  };
  /** @type {Map<number, ArrayBuffer>} */
  const kept = new Map();
  /** What is used goes to the end; the first is the oldest. @param {number} key @param {number} most @param {() => Promise<ArrayBuffer>} read */
  const cached = async (key, most, read) => {
    const there = kept.get(key);
    kept.delete(key);
    const buffer = there ?? await read();
    kept.set(key, buffer);
    for (const oldest of kept.keys()) {
      if (kept.size <= most) break;
      kept.delete(oldest);
    }
    return buffer;
  };
  const total = frames * frameBytes;
  /** @type {Uint8Array | null} */
  let all = null;
  const frame = async (/** @type {number} */ at) => {
    if (all) return new Float32Array(all.buffer, at * frameBytes, frameBytes / 4);
    if (policy === "lazy") {
      return new Float32Array(await cached(at, 1000, () => range(at * frameBytes, (at + 1) * frameBytes)));
    }
    const number = Math.floor(at / chunk);
    const end = Math.min((number + 1) * chunk * frameBytes, total);
    const buffer = await cached(number, 256, () => range(number * chunk * frameBytes, end));
    return new Float32Array(buffer, (at % chunk) * frameBytes, frameBytes / 4);
  };

  const start = performance.now();
  if (policy === "whole") {
    // In ranges of 16 MiB straight into one array: no second copy of it all.
    all = new Uint8Array(total);
    for (let at = 0; at < total; at += 2 ** 24) all.set(new Uint8Array(await range(at, Math.min(at + 2 ** 24, total))), at);
  } else await frame(0);
  const create = performance.now() - start;

  let sum = 0;
  const random = [];
  for (const at of places) {
    const begin = performance.now();
    sum += (await frame(at))[0] ?? 0;
    random.push(performance.now() - begin);
  }
  const begin = performance.now();
  for (let at = first; at < first + sequential; at += 1) sum += (await frame(at % frames))[0] ?? 0;
  const took = (performance.now() - begin) / sequential;
  if (Number.isNaN(sum)) throw new Error("the frames are not what was served");
  const bytes = [...kept.values()].reduce((sum, { byteLength }) => sum + byteLength, 0) + (all ? total : 0);
  return { create, bytes, random, sequential: took };
}

/**
 * @param {Found[]} found
 * @returns {import("./section.js").Section}
 */
function report(found) {
  const of = (/** @type {string} */ network, /** @type {number} */ frames, /** @type {Policy} */ policy) =>
    /** @type {Found} */ (found.find((one) => one.network === network && one.frames === frames && one.policy === policy)).result;
  const [near, far] = /** @type {[string, string]} */ (NETWORKS.map(({ name }) => name));
  const long = (/** @type {Policy} */ policy) => of(near, 500_000, policy);
  const away = (/** @type {Policy} */ policy) => of(far, 100_000, policy);
  return {
    title: "How to read frames",
    how: [
      `Three ways to have any of 10,000 to 500,000 frames of ${BINS} float32 bins (raw bytes, one file), in the browser, by \`fetch\` with ` +
      "Range over the test server, which cuts every answer from memory. Nothing is decoded or drawn. Only this bench has all three.",
      "Creating: until the first frame can be read, which for the whole array is all of it. Then " +
      `${count(NETWORKS[0]?.random ?? 0)} random frames and then ${count(NETWORKS[0]?.sequential ?? 0)} in order over loopback, ` +
      `${count(NETWORKS[1]?.random ?? 0)} and ${count(NETWORKS[1]?.sequential ?? 0)} over the slower network. ` +
      "Memory: bytes that are held at the end, and by how much the page's process grew.",
    ],
    bars: [],
    tables: [{
      caption: "Read policies",
      head: ["network", "frames", "policy", "create", "held", "process", "random: mean", "median", "p99", "in order, a frame"],
      rows: found.map(({ network, frames, name, result }) => [
        network, count(frames), name, ms(result.create), mib(result.bytes), mib(result.resident), fine(mean(result.random)),
        fine(median(result.random)), fine(quantile(result.random, 0.99)), fine(result.sequential),
      ]),
    }],
    notes: [
      "**The default, and the only one in the viewer, is chunked reads.** " +
      `Everything in memory is fastest once it is there, but at 500,000 frames it is there after ${ms(long("whole").create)} over loopback and ` +
      `holds ${mib(long("whole").bytes)}; at 100,000 frames over ${far} it takes ${ms(away("whole").create)}, against ` +
      `${ms(away("chunked").create)} for the first chunk; and it grows with the session. ` +
      `A range a frame is least to begin with, and a random frame of it costs ${ms(median(away("lazy").random))} over ${far} against ` +
      `${ms(median(away("chunked").random))} for a whole chunk; but in order, as playback reads, each frame costs ` +
      `${fine(away("lazy").sequential)} there, where 2 ms are allowed at 500 Hz, and ${fine(away("chunked").sequential)} in chunks ` +
      `(${fine(long("lazy").sequential)} and ${fine(long("chunked").sequential)} over loopback). Chunks are the only one of the three that ` +
      "keeps up with playback over a network, and costs the same to open and no more memory however long the session is.",
    ],
  };
}

/** Milliseconds; the browser's clock has steps of a tenth. @param {number} value */
function fine(value) {
  return value < 0.1 ? "< 0.1 ms" : ms(value);
}
