/** The sessions that are measured: computed ones of every size, and real ones on the disk. */
import { Session } from "../tests/e2e/session.js";

const MIB = 2 ** 20;
/** What the command line writes: chunks of about 1 MiB, 64 of them in a shard. */
const SHARD = 64;
/** Bins in x and y, by their number. @type {Record<number, [number, number]>} */
const GRIDS = { 500: [25, 20], 1000: [40, 25], 2500: [50, 50], 5000: [100, 50], 10_000: [100, 100] };

/** What is opened: frames and bins. @type {[frames: number, bins: number][]} */
export const SIZES = [[10_000, 500], [100_000, 500], [500_000, 500], [3_600_000, 500], [500_000, 2500]];
/** @typedef {"plain" | "packed"} Layout */
/** @type {Layout[]} */
export const LAYOUTS = ["plain", "packed"];

/** Networks to a server, as `server.shape()` takes them. */
export const NETWORKS = [
  { name: "loopback", shape: {} },
  { name: "0 ms, 50 Mbit/s", shape: { latency: 0, bitsPerSecond: 50e6 } },
  { name: "20 ms, 50 Mbit/s", shape: { latency: 20, bitsPerSecond: 50e6 } },
  { name: "100 ms, 50 Mbit/s", shape: { latency: 100, bitsPerSecond: 50e6 } },
];

/** What an environment's bins may be, as neurospatial writes it. */
export const CELLS = {
  grid: () => undefined,
  /** @param {[number, number]} grid */
  hexagons: ([nx, ny]) => ({
    schema_version: "Environment-v1", layout_type: "Hexagonal", n_dims: 2, n_bins: nx * ny, units: "cm",
    bin_centers: Array.from({ length: nx * ny }, (_, bin) => {
      const [row, column] = [Math.floor(bin / ny), bin % ny];
      return [column + (row % 2) / 2, row * Math.sqrt(3) / 2];
    }),
  }),
  /** @param {[number, number]} grid */
  wedges: ([nx, ny]) => ({
    schema_version: "Environment-v1", layout_type: "MaskedGrid", coordinate_kind: "polar", n_dims: 2, n_bins: nx * ny, units: "cm",
    bin_centers: Array.from({ length: nx * ny }, (_, bin) => [Math.floor(bin / ny) + 0.5, ((bin % ny) + 0.5) / ny * 2 * Math.PI - Math.PI]),
    grid_edges: [Array.from({ length: nx + 1 }, (_, i) => i), Array.from({ length: ny + 1 }, (_, i) => i / ny * 2 * Math.PI - Math.PI)],
    active_mask: Array.from({ length: nx }, () => Array(ny).fill(true)),
  }),
};

/**
 * A session that is computed as it is read. Packed: shards with the index at the start and a session document, as
 * `replayscope pack` lays them out. Plain: a file a chunk and times in an array, as xarray writes them.
 *
 * @param {Layout} layout
 * @param {number} frames
 * @param {number} bins
 * @param {{ pyramid?: boolean, cells?: keyof typeof CELLS }} [options]
 */
export function session(layout, frames, bins, { pyramid = false, cells = "grid" } = {}) {
  const grid = GRIDS[bins];
  if (!grid) throw new Error(`no grid of ${bins} bins`);
  const chunk = Math.min(Math.floor(MIB / (bins * 4)), frames);
  const name = `${layout}-${frames}-${bins}${pyramid ? "-pyramid" : ""}${cells === "grid" ? "" : `-${cells}`}`;
  return new Session({
    name, frames, grid, chunk, pyramid, environment: CELLS[cells](grid),
    ...(layout === "packed"
      ? { shard: Math.min(SHARD, Math.ceil(frames / chunk)) }
      : { timeArray: true, timeChunk: Math.min(frames, 100_000) }),
  });
}

/**
 * Keeps what was read, so that a second reader of the same bytes does not pay for computing them, nor the first one if
 * they were read beforehand.
 *
 * @param {import("../tests/e2e/server.js").Source} source
 * @param {number} [most]  answers that are kept
 * @returns {import("../tests/e2e/server.js").Source}
 */
export function kept(source, most = 64) {
  /** @type {Map<string, Uint8Array>} */
  const answers = new Map();
  return async (name) => {
    const file = await source(name);
    if (!file) return null;
    return {
      size: file.size,
      read: async (start, end) => {
        const key = `${name}:${start}-${end}`;
        const bytes = answers.get(key) ?? await file.read(start, end);
        answers.set(key, bytes);
        for (const old of answers.keys()) {
          if (answers.size <= most) break;
          answers.delete(old);
        }
        return bytes;
      },
    };
  };
}

/**
 * Has what a seek reads, or reads ahead, computed beforehand, so that nobody waits for the server to do it.
 *
 * @param {Session} session
 * @param {import("../tests/e2e/server.js").Source} source  what keeps it
 * @param {number} frame
 */
export async function warm(session, source, frame) {
  const { chunk } = session.shape;
  const places = [-chunk, 0, chunk].map((step) => frame + step).filter((frame) => frame >= 0 && frame < session.frames)
    .map((frame) => session.place("posterior", frame));
  for (let level = 1; level <= session.levels; level += 1) {
    places.push(session.place(`posterior_max/${level}`, Math.floor(frame / 16 ** level)));
  }
  for (const { path, range } of places) await (await source(path))?.read(...range);
}
