/** Arrays on the disk for the command line, written from the formats' specifications. */
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";

import { random } from "../../tests/e2e/site.js";

/** Rows that are computed; the rest of an array repeats them. */
const ROWS = 10_000;

/**
 * A float32 .npy of so many frames and bins.
 *
 * @param {string} file
 * @param {[frames: number, bins: number]} shape
 * @param {(row: number) => Float32Array} row
 */
export async function writeNpy(file, [frames, bins], row) {
  const block = new Float32Array(ROWS * bins);
  for (let at = 0; at < ROWS; at += 1) block.set(row(at), at * bins);
  const out = createWriteStream(file);
  out.write(header("<f4", `(${frames}, ${bins})`));
  for (let left = frames; left > 0; left -= ROWS) {
    const part = new Uint8Array(block.buffer, 0, Math.min(left, ROWS) * bins * 4);
    if (!out.write(part)) await once(out, "drain");
  }
  out.end();
  await once(out, "close");
}

/** Values in no order: what they are costs a range nothing more or less. @param {number} bins */
export function noise(bins) {
  const below = random(5);
  return () => Float32Array.from({ length: bins }, () => below(2 ** 24) / 2 ** 24);
}

/**
 * Posteriors as a decoder leaves them: a peak that moves, its floor uneven, the sum 1. They compress about as a demo's do.
 *
 * @param {number} bins
 * @param {number} side  bins along y
 */
export function posterior(bins, side) {
  const below = random(5);
  return (/** @type {number} */ row) => {
    const [x, y] = [0, 1].map((axis) => (side / 2) * (1 + Math.sin(row / (800 + 300 * axis) + axis)));
    const values = Float32Array.from({ length: bins }, (_, bin) => {
      const distance = (Math.floor(bin / side) - (x ?? 0)) ** 2 + ((bin % side) - (y ?? 0)) ** 2;
      return Math.exp(-distance / 8) + 1e-4 * (1 + below(1000) / 1000);
    });
    const sum = values.reduce((sum, value) => sum + value, 0);
    return values.map((value) => value / sum);
  };
}

/**
 * neurospatial's files of an environment, as little as `pack` needs of them: `env.json` and `env.npz`.
 *
 * @param {string} folder
 * @param {number} bins
 * @param {number} side  bins along y
 */
export async function writeEnvironment(folder, bins, side) {
  const centers = Float64Array.from({ length: 2 * bins }, (_, at) => {
    const bin = at >> 1;
    return at % 2 ? bin % side : Math.floor(bin / side);
  });
  const array = Buffer.concat([header("<f8", `(${bins}, 2)`), new Uint8Array(centers.buffer)]);
  await writeFile(path.join(folder, "env.npz"), zip("bin_centers.npy", array));
  const document = {
    schema_version: "Environment-v1", name: "bench", n_dims: 2, n_bins: bins, layout_type: "Graph", units: "cm",
  };
  await writeFile(path.join(folder, "env.json"), JSON.stringify(document));
  return path.join(folder, "env.json");
}

/** @param {string} descr  @param {string} shape */
function header(descr, shape) {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }\n`;
  const start = Buffer.from("\x93NUMPY\x01\x00\x00\x00", "latin1");
  start.writeUInt16LE(text.length, 8);
  return Buffer.concat([start, Buffer.from(text)]);
}

/**
 * A zip archive of one file, stored as it is.
 *
 * @param {string} name
 * @param {Buffer} content
 */
function zip(name, content) {
  const [title, crc] = [Buffer.from(name), crc32(content)];
  // Version 2.0, no flags, stored, midnight of the first day there is.
  const common = numbers([20, 2], [0, 2], [0, 2], [0, 2], [0x21, 2], [crc, 4], [content.length, 4], [content.length, 4], [title.length, 2], [0, 2]);
  const local = Buffer.concat([numbers([0x04034b50, 4]), common, title, content]);
  const central = Buffer.concat([numbers([0x02014b50, 4], [20, 2]), common, numbers([0, 2], [0, 2], [0, 2], [0, 4], [0, 4]), title]);
  const end = numbers([0x06054b50, 4], [0, 2], [0, 2], [1, 2], [1, 2], [central.length, 4], [local.length, 4], [0, 2]);
  return Buffer.concat([local, central, end]);
}

/** Little-endian. @param {...[value: number, bytes: number]} values */
function numbers(...values) {
  return Buffer.concat(values.map(([value, bytes]) => {
    const buffer = Buffer.alloc(bytes);
    buffer.writeUIntLE(value, 0, bytes);
    return buffer;
  }));
}

/** As zip has it. @param {Uint8Array} bytes */
function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
