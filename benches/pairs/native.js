/** Figures without a browser: the command lines of the two checkouts, and their bench programs. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rm, stat } from "node:fs/promises";
import path from "node:path";

import { CHAINS } from "../decode.js";
import { FOLDER } from "../disk.js";
import { median, mib, ms } from "../measure.js";
import { noise, posterior, writeEnvironment, writeNpy } from "./npy.js";

/** @typedef {import("./scenario.js").Which} Which */
/** @typedef {import("./scenario.js").Checkout} Checkout */
/** @typedef {import("./scenario.js").Scenario} Scenario */
/** @typedef {import("./scenario.js").Measurement} Measurement */
/** @typedef {import("../section.js").Section} Section */

const HOME = path.join(FOLDER, "pairs");
/** Of what `replayscope range` reads: 2 GB, as in the benchmark. */
const RANGE = /** @type {[number, number]} */ ([1_000_000, 500]);
/** Runs of it for one value of the figure, which is their median. */
const RANGES = 3;
/** Of what `replayscope pack` packs: 200 MB. */
const PACK = /** @type {[number, number]} */ ([100_000, 500]);
/** Bins along y, in all of them. */
const SIDE = 20;
/** How often a bench program does what it times, if it can be told; older ones cannot, and take the time they take. */
const REPEATS = 5;

/** What `benches/native/render.rs` and `decode.rs` tell of themselves where they do it so often. */
const SHORT = new RegExp(`\\b${REPEATS} times\\b`);
/** For bench programs that take half a minute; seconds. */
const MOST = 250;

/**
 * A cell of a bench program's table.
 *
 * @typedef {{ key: string, what: string, caption: string, row: string, column: string }} Cell
 */

/** @type {Cell[]} */
const RENDERED = [
  ...["500", "10000"].flatMap((row) => ["one frame", "several"].map((column) => ({
    key: `${row}-${column === "several" ? "several" : "one"}`, caption: "A picture of 820", row, column,
    what: `drawing natively, ${Number(row).toLocaleString("en-US")} bins, ${column}`,
  }))),
  ...["hexagons", "polygons", "annular wedges"].map((row) => ({
    key: row, caption: "10,000 bins", row, column: "one frame", what: `drawing natively, 10,000 bins, ${row}, one frame`,
  })),
];

/** Codec chains, by the names that the native bench gives their sessions. */
export const CODECS = [
  "bytes", "bytes-crc32c", "transpose", "zstd", "gzip", "blosc-lz4-shuffle", "blosc-lz4-bitshuffle", "blosc-zstd-shuffle",
  "blosc-zstd-shuffle-crc32c", "blosc-zstd-bitshuffle",
];

/** @type {Cell[]} */
const DECODED = CODECS.map((row) => ({
  key: row, caption: "A chunk of 1 MiB, natively", row, column: "decoded", what: `decoding natively, ${row}: 1 MB`,
}));

/** @type {Scenario[]} */
export const SCENARIOS = [
  benched("render", "render", RENDERED),
  benched("decode.native", "decode", DECODED),
  {
    name: "range",
    figures: { took: { what: "`replayscope range` of a .npy of 1,000,000 frames × 500 bins", unit: ms } },
    start: range,
  },
  {
    name: "pack",
    figures: {
      took: { what: "`replayscope pack` of a .npy of 100,000 frames × 500 bins (200 MB)", unit: ms },
      memory: { what: "the same: most memory", unit: mib },
    },
    start: pack,
  },
];

/**
 * Figures of a bench program, each the median of those that it takes itself.
 *
 * @param {string} name
 * @param {string} program
 * @param {Cell[]} cells
 * @returns {Scenario}
 */
function benched(name, program, cells) {
  return {
    // Each run is a process of its own, which does what it times once before.
    name, warm: true, seconds: MOST,
    figures: Object.fromEntries(cells.map(({ key, what }) => [key, { what, unit: ms }])),
    start: async (checkouts) => {
      const programs = { before: await newest(checkouts.before, program), after: await newest(checkouts.after, program) };
      const run = (/** @type {Which} */ which, /** @type {number | null} */ repeats) => bench(programs[which], checkouts[which], repeats);
      // Both do the same: where one does not know of the shorter run, neither does it.
      const short = SHORT.test((await run("before", REPEATS)).how.join(" ")) && SHORT.test((await run("after", REPEATS)).how.join(" "));
      return {
        sample: async (which) => {
          const section = await run(which, short ? REPEATS : null);
          return Object.fromEntries(cells.map((cell) => [cell.key, read(section, cell)]));
        },
        stop: async () => {},
      };
    },
  };
}

/**
 * The program that cargo built last of a bench.
 *
 * @param {Checkout} checkout
 * @param {string} name
 */
async function newest(checkout, name) {
  const pattern = new RegExp(`^${name}-[0-9a-f]{16}(\\.exe)?$`);
  const names = (await readdir(checkout.benches).catch(() => [])).filter((name) => pattern.test(name));
  const found = await Promise.all(names.map(async (name) => {
    const file = path.join(checkout.benches, name);
    return { file, at: (await stat(file)).mtimeMs };
  }));
  const last = found.sort((a, b) => b.at - a.at)[0];
  if (!last) {
    throw new Error(`${checkout.benches} has no bench program \`${name}\`; run \`cargo bench --no-run --locked --package replayscope-bench\` there`);
  }
  return last.file;
}

/**
 * @param {string} program
 * @param {Checkout} checkout
 * @param {number | null} repeats  null: as many as is usual
 * @returns {Promise<Section>}
 */
async function bench(program, checkout, repeats) {
  await mkdir(HOME, { recursive: true });
  const out = path.resolve(HOME, "section.json");
  await rm(out, { force: true });
  await run(program, ["--out", out], {
    REPLAYSCOPE_BIN: checkout.program, REPLAYSCOPE_BENCH: path.resolve(FOLDER), ...(repeats && { REPLAYSCOPE_BENCH_REPEATS: String(repeats) }),
  });
  return JSON.parse(await readFile(out, "utf8"));
}

/**
 * Milliseconds: of `2.17 ms (1.54–2.42)` the median, of a speed those that a megabyte takes.
 *
 * @param {Section} section
 * @param {Cell} cell
 */
function read(section, { caption, row, column }) {
  const table = section.tables.find((table) => table.caption.startsWith(caption));
  const at = table?.head.indexOf(column) ?? -1;
  const text = table?.rows.find((cells) => cells[0] === row)?.[at] ?? "";
  const [, number, unit] = /^([\d.]+) (ms|MB\/s)/.exec(text) ?? [];
  if (number === undefined) throw new Error(`the bench program tells nothing of ${row}, ${column}`);
  return unit === "ms" ? Number(number) : 1000 / Number(number);
}

/**
 * Sessions of all codec chains, which the bench program `decode` leaves behind.
 *
 * @param {Checkout} checkout
 */
export async function chains(checkout) {
  if (CODECS.every((chain) => existsSync(path.join(CHAINS, chain, "zarr.json")))) return;
  await bench(await newest(checkout, "decode"), checkout, REPEATS);
}

/** @param {Record<Which, Checkout>} checkouts  @returns {Promise<Measurement>} */
async function range(checkouts) {
  await mkdir(HOME, { recursive: true });
  const file = path.join(HOME, "range.npy");
  await writeNpy(file, RANGE, noise(RANGE[1]));
  return {
    sample: async (which) => {
      const times = [];
      for (let turn = 0; turn < RANGES; turn += 1) times.push((await run(checkouts[which].program, ["range", file])).took);
      return { took: median(times) };
    },
    stop: () => rm(file, { force: true }),
  };
}

/** @param {Record<Which, Checkout>} checkouts  @returns {Promise<Measurement>} */
async function pack(checkouts) {
  const home = path.join(HOME, "pack");
  await rm(home, { recursive: true, force: true });
  await mkdir(home, { recursive: true });
  const file = path.join(home, "posterior.npy");
  await writeNpy(file, PACK, posterior(PACK[1], SIDE));
  const environment = await writeEnvironment(home, PACK[1], SIDE);
  const session = path.join(home, "session.zarr");
  return {
    sample: async (which) => {
      const words = ["pack", file, session, "--environment", environment, "--rate", "500"];
      const { took, memory } = await run(checkouts[which].program, words);
      await rm(session, { recursive: true });
      return { took, memory };
    },
    stop: () => rm(home, { recursive: true, force: true }),
  };
}

/**
 * Runs a program: its milliseconds from start to end, and the most bytes of memory that it had, where the system tells.
 *
 * @param {string} program
 * @param {string[]} words
 * @param {Record<string, string>} [env]
 */
async function run(program, words, env = {}) {
  const start = performance.now();
  const child = spawn(program, words, { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, ...env } });
  let errors = "";
  child.stderr.on("data", (text) => (errors += text));
  let memory = NaN;
  // The system keeps the highest mark; the last look before the end is at most so old.
  const look = setInterval(() => {
    readFile(`/proc/${child.pid}/status`, "utf8").then((status) => {
      const peak = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? NaN) * 1024;
      if (!Number.isNaN(peak)) memory = peak;
    }, () => {});
  }, 20);
  try {
    const [code] = await once(child, "exit");
    const took = performance.now() - start;
    if (code !== 0) throw new Error(`\`${path.basename(program)} ${words[0]}\` failed (${code}): ${errors.trim().split(/\n\s*\n/)[0]?.slice(0, 500)}`);
    return { took, memory };
  } finally {
    clearInterval(look);
  }
}
