/**
 * Sessions that are computed, not stored: what frame f holds in bin b is a hash of the two, so that a viewer that shows
 * any other frame is caught, and 144 GB need no disk. Written from the Zarr v3 specification, with nothing of the
 * viewer's: an independent word on what is right.
 */
import { readFile } from "node:fs/promises";

/**
 * @typedef {object} Shape
 * @property {string} [name]
 * @property {number} frames
 * @property {[number, number]} grid  bins in x and y; bin index is x · ny + y
 * @property {number} [rate]  Hz
 * @property {number} chunk  frames in one (inner) chunk
 * @property {number} [shard]  chunks in one shard; without it each chunk is a file
 * @property {"start" | "end"} [index]  where a shard's index lies
 * @property {(chunk: number) => boolean} [absent]  chunks that are not stored
 * @property {(frame: number, bin: number) => boolean} [nan]
 * @property {boolean} [timeArray]  times only as an array, no session document
 */

const CRC_BYTES = 4;
const ENTRY_BYTES = 16;
const F32 = 4;
const F64 = 8;

export class Session {
  /** @param {Shape} shape */
  constructor(shape) {
    this.shape = { name: "computed", rate: 500, index: /** @type {const} */ ("start"), ...shape };
    this.frames = shape.frames;
    this.bins = shape.grid[0] * shape.grid[1];
    this.chunkBytes = shape.chunk * this.bins * F32 + CRC_BYTES;
  }

  /** Bytes of one decoded chunk. */
  get decodedChunk() {
    return this.shape.chunk * this.bins * F32;
  }

  /**
   * The value a frame has in a bin: in [0, 1), exact in float32.
   *
   * @param {number} frame
   * @param {number} bin
   */
  value(frame, bin) {
    if (this.shape.nan?.(frame, bin)) return NaN;
    let hash = Math.imul(frame + 1, 0x9e3779b1) ^ Math.imul(bin + 1, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
    return ((hash ^ (hash >>> 15)) >>> 8) / 2 ** 24;
  }

  /**
   * What the viewer has to give for a frame; the fill value where its chunk is not stored.
   *
   * @param {number} frame
   */
  row(frame) {
    const stored = !this.shape.absent?.(Math.floor(frame / this.shape.chunk));
    return Float32Array.from({ length: this.bins }, (_, bin) => (stored ? this.value(frame, bin) : 0));
  }

  /** @param {number} frame */
  time(frame) {
    return frame / this.shape.rate;
  }

  /**
   * The group's files, for the test server.
   *
   * @type {import("./server.js").Source}
   */
  source = (name) => {
    if (name === "zarr.json") return text(JSON.stringify(this.#group()));
    const [array, rest] = split(name);
    const metadata = this.#arrays()[array];
    if (!metadata) return null;
    if (rest === "zarr.json") return text(JSON.stringify(metadata));
    if (array === "posterior") return this.#posterior(rest);
    if (rest !== "c/0") return null;
    return float64(metadata.shape[0] ?? 0, (index) => this.#coordinate(array, index));
  };

  /** @param {string} key */
  #posterior(key) {
    const { shard } = this.shape;
    const match = /^c\/(\d+)\/0$/.exec(key);
    const chunks = Math.ceil(this.frames / this.shape.chunk);
    if (!match) return null;
    const first = Number(match[1]) * (shard ?? 1);
    if (first >= chunks) return null;
    if (!shard) {
      return this.shape.absent?.(first) ? null : { size: this.chunkBytes, read: whole(() => this.#chunk(first)) };
    }
    const stored = Array.from({ length: shard }, (_, at) => first + at)
      .map((chunk) => (chunk < chunks && !this.shape.absent?.(chunk) ? chunk : null));
    const present = stored.filter((chunk) => chunk !== null);
    return present.length === 0 ? null : this.#shard(stored, present);
  }

  /**
   * @param {(number | null)[]} stored  chunk numbers by place in the shard
   * @param {number[]} present  those that are there, in the order they lie in the file
   */
  #shard(stored, present) {
    const indexBytes = stored.length * ENTRY_BYTES + CRC_BYTES;
    const dataAt = this.shape.index === "start" ? indexBytes : 0;
    const indexAt = this.shape.index === "start" ? 0 : present.length * this.chunkBytes;
    const size = indexBytes + present.length * this.chunkBytes;
    const index = () => {
      const view = new DataView(new ArrayBuffer(stored.length * ENTRY_BYTES));
      stored.forEach((chunk, at) => {
        const missing = 2n ** 64n - 1n;
        const place = chunk === null ? -1 : present.indexOf(chunk);
        view.setBigUint64(at * ENTRY_BYTES, place < 0 ? missing : BigInt(dataAt + place * this.chunkBytes), true);
        view.setBigUint64(at * ENTRY_BYTES + 8, place < 0 ? missing : BigInt(this.chunkBytes), true);
      });
      return withCrc(new Uint8Array(view.buffer));
    };
    /** @type {import("./server.js").File["read"]} */
    const read = (start, end) => {
      const bytes = new Uint8Array(end - start);
      /** @param {number} at @param {number} length @param {() => Uint8Array} make */
      const place = (at, length, make) => {
        const [from, to] = [Math.max(start, at), Math.min(end, at + length)];
        if (from < to) bytes.set(make().subarray(from - at, to - at), from - start);
      };
      place(indexAt, indexBytes, index);
      present.forEach((chunk, at) => place(dataAt + at * this.chunkBytes, this.chunkBytes, () => this.#chunk(chunk)));
      return bytes;
    };
    return { size, read };
  }

  /** @param {number} chunk */
  #chunk(chunk) {
    const values = new Float32Array(this.shape.chunk * this.bins);
    const first = chunk * this.shape.chunk;
    for (let at = 0; at < values.length; at += 1) {
      const frame = first + Math.floor(at / this.bins);
      if (frame < this.frames) values[at] = this.value(frame, at % this.bins);
    }
    return withCrc(new Uint8Array(values.buffer));
  }

  /**
   * @param {string} array
   * @param {number} index
   */
  #coordinate(array, index) {
    const ny = this.shape.grid[1];
    if (array === "time") return this.time(index);
    return array === "bin_center_x" ? Math.floor(index / ny) + 0.5 : (index % ny) + 0.5;
  }

  #group() {
    const { name, rate, timeArray } = this.shape;
    const document = {
      version: 1, name, time: { start: 0, rate }, fields: [{ name: "posterior", array: "posterior" }],
      a_key_of_the_future: true,
    };
    return {
      zarr_format: 3,
      node_type: "group",
      attributes: timeArray ? {} : { units: "cm", replayscope: document },
      consolidated_metadata: { kind: "inline", must_understand: false, metadata: this.#arrays() },
    };
  }

  /** @returns {Record<string, { shape: number[] }>} */
  #arrays() {
    const { chunk, shard, index, timeArray } = this.shape;
    const little = { name: "bytes", configuration: { endian: "little" } };
    const inner = [little, { name: "crc32c" }];
    const codecs = shard
      ? [{
        name: "sharding_indexed",
        configuration: {
          chunk_shape: [chunk, this.bins], codecs: inner, index_codecs: [little, { name: "crc32c" }],
          index_location: index,
        },
      }]
      : inner;
    const array = (/** @type {string} */ type, /** @type {number[]} */ shape, /** @type {number[]} */ chunks,
      /** @type {unknown[]} */ chain, /** @type {string[]} */ dimensions) => ({
      zarr_format: 3,
      node_type: "array",
      shape,
      data_type: type,
      chunk_grid: { name: "regular", configuration: { chunk_shape: chunks } },
      chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
      fill_value: 0,
      codecs: chain,
      attributes: {},
      dimension_names: dimensions,
    });
    return {
      posterior: array("float32", [this.frames, this.bins], [chunk * (shard ?? 1), this.bins], codecs, ["time", "bin"]),
      ...(timeArray && { time: array("float64", [this.frames], [this.frames], [little], ["time"]) }),
      bin_center_x: array("float64", [this.bins], [this.bins], [little], ["bin"]),
      bin_center_y: array("float64", [this.bins], [this.bins], [little], ["bin"]),
    };
  }
}

/**
 * One frame of a float32 .npy, as numpy wrote it.
 *
 * @param {string} file
 * @returns {Promise<(frame: number) => Float32Array>}
 */
export async function npyRows(file) {
  const bytes = await readFile(file);
  const header = bytes.subarray(10, 10 + bytes.readUInt16LE(8)).toString("latin1");
  const shape = /'descr': '<f4', 'fortran_order': False, 'shape': \((\d+), (\d+)\)/.exec(header);
  if (!shape || bytes[6] !== 1) throw new Error(`${file} is no version-1 float32 C-order .npy: ${header}`);
  const width = Number(shape[2]);
  const start = 10 + bytes.readUInt16LE(8);
  return (frame) => {
    const at = start + frame * width * F32;
    return new Float32Array(Uint8Array.prototype.slice.call(bytes, at, at + width * F32).buffer);
  };
}

/**
 * @param {string} name
 * @returns {[string, string]}
 */
function split(name) {
  const slash = name.indexOf("/");
  return slash < 0 ? [name, ""] : [name.slice(0, slash), name.slice(slash + 1)];
}

/** @param {string} content */
function text(content) {
  const bytes = new TextEncoder().encode(content);
  return { size: bytes.length, read: whole(() => bytes) };
}

/**
 * @param {number} length
 * @param {(index: number) => number} value
 */
function float64(length, value) {
  /** @type {import("./server.js").File["read"]} */
  const read = (start, end) => {
    const first = Math.floor(start / F64);
    const values = Float64Array.from({ length: Math.ceil(end / F64) - first }, (_, at) => value(first + at));
    return new Uint8Array(values.buffer).subarray(start - first * F64, end - first * F64);
  };
  return { size: length * F64, read };
}

/**
 * @param {() => Uint8Array} make
 * @returns {import("./server.js").File["read"]}
 */
function whole(make) {
  return (start, end) => make().subarray(start, end);
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

/**
 * CRC-32C (Castagnoli), as RFC 3720 has it.
 *
 * @param {Uint8Array} bytes
 */
export function crc32c(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ /** @type {number} */ (CRC_TABLE[(crc ^ byte) & 0xff]);
  return (crc ^ 0xffffffff) >>> 0;
}

/** @param {Uint8Array} bytes */
function withCrc(bytes) {
  const sum = new Uint8Array(bytes.length + CRC_BYTES);
  sum.set(bytes);
  new DataView(sum.buffer).setUint32(bytes.length, crc32c(bytes), true);
  return sum;
}
