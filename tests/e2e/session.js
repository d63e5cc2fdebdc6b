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
 * @property {{ bin_centers: number[][], [key: string]: unknown }} [environment]  for the session document; without it the bin centres say where bins are
 * @property {boolean} [timeArray]  times only as an array, no session document
 * @property {number} [timeChunk]  frames in one chunk of that array; all in one without it
 * @property {boolean} [pyramid]  maxima over blocks of 16, 256, … frames beside the field, until a level is short
 *
 * @typedef {object} Rows  what is stored as chunks of rows: the field, or a level above it
 * @property {number} rows
 * @property {number} chunk  rows in one (inner) chunk
 * @property {number | undefined} shard  chunks in one shard
 * @property {(row: number, bin: number) => number} value
 * @property {(chunk: number) => boolean} absent
 */

/**
 * @typedef {object} Metadata  what is read here of a `zarr.json`
 * @property {number} zarr_format
 * @property {string} node_type
 * @property {number[]} [shape]
 * @property {{ name: string, configuration: { chunk_shape: number[] } }} [chunk_grid]
 * @property {{ pooling?: { of: string, method: string, frames: number } }} attributes
 * @property {unknown} [data_type]
 * @property {unknown} [chunk_key_encoding]
 * @property {unknown} [fill_value]
 * @property {unknown[]} [codecs]
 * @property {string[]} [dimension_names]
 */

const CRC_BYTES = 4;
const ENTRY_BYTES = 16;
const F32 = 4;
const F64 = 8;
/** Rows of a level that become one row of the next. */
const POOL = 16;
/** No level above one that is as short as this. */
const SHORT = 4096;

export class Session {
  /** @param {Shape} shape */
  constructor(shape) {
    this.shape = { name: "computed", rate: 500, index: /** @type {const} */ ("start"), ...shape };
    this.frames = shape.frames;
    this.bins = shape.grid[0] * shape.grid[1];
    this.chunkBytes = this.#bytes(shape.chunk);
    /** How many levels lie above the field. */
    this.levels = 0;
    while (shape.pyramid && this.frames > SHORT * POOL ** this.levels) this.levels += 1;
    /** Pooled rows that had to be looked for, by level, row and bin. @type {Map<string, number>} */
    this.found = new Map();
  }

  /** Bytes of one decoded chunk. */
  get decodedChunk() {
    return this.shape.chunk * this.bins * F32;
  }

  /**
   * The value a frame has in a bin: in [0, 1), exact in float32.
   *
   * With a pyramid a block's highest value stands at a frame of it that is known beforehand, so that the maximum over
   * thousands of frames need not be looked for.
   *
   * @param {number} frame
   * @param {number} bin
   */
  value(frame, bin) {
    if (this.shape.nan?.(frame, bin)) return NaN;
    for (let level = this.levels; level > 0; level -= 1) {
      if (frame === this.#peakFrame(level, Math.floor(frame / POOL ** level), bin)) return this.#band(level, frame, bin);
    }
    return this.#band(0, frame, bin);
  }

  /**
   * The maximum over a block of 16^level frames; NaN where all of them are.
   *
   * @param {number} level
   * @param {number} block
   * @param {number} bin
   * @returns {number}
   */
  pooled(level, block, bin) {
    const frames = POOL ** level;
    const start = block * frames;
    // A peak may be NaN, not stored, or beyond the last frame: such a block is looked through.
    if (this.shape.nan || this.shape.absent || start + frames > this.frames) return this.#lookFor(level, block, bin);
    // The peak of the largest block around it that lies in this one.
    for (let above = this.levels; above > level; above -= 1) {
      const peak = this.#peakFrame(above, Math.floor(start / POOL ** above), bin);
      if (peak >= start && peak < start + frames) return this.#band(above, peak, bin);
    }
    return this.#band(level, this.#peakFrame(level, block, bin), bin);
  }

  /**
   * @param {number} level
   * @param {number} block
   * @param {number} bin
   */
  #lookFor(level, block, bin) {
    const key = `${level}/${block}/${bin}`;
    let highest = this.found.get(key);
    if (highest !== undefined) return highest;
    highest = NaN;
    const rows = Math.ceil(this.frames / POOL ** (level - 1));
    for (let row = block * POOL; row < Math.min((block + 1) * POOL, rows); row += 1) {
      const value = level === 1 ? this.#stored(row, bin) : this.pooled(level - 1, row, bin);
      if (!(value <= highest) && !Number.isNaN(value)) highest = value;
    }
    if (level > 1) this.found.set(key, highest);
    return highest;
  }

  /**
   * Where the highest value of a block stands.
   *
   * @param {number} level
   * @param {number} block
   * @param {number} bin
   */
  #peakFrame(level, block, bin) {
    const frames = POOL ** level;
    return block * frames + (hash(block + level * 0x1000193, bin) & (frames - 1));
  }

  /**
   * A value in the band of a level: every peak of a level is above all that is below it.
   *
   * @param {number} level
   * @param {number} frame
   * @param {number} bin
   */
  #band(level, frame, bin) {
    const unit = (hash(frame, bin) >>> 8) / 2 ** 24;
    // Steps of a power of two, so that the sum is exact in float32.
    return this.levels === 0 ? unit : Math.floor(unit * 2 ** 18) / 2 ** 20 + Math.min(level, 3) / 4;
  }

  /**
   * A value as it is read: the fill value where its chunk is not stored.
   *
   * @param {number} frame
   * @param {number} bin
   */
  #stored(frame, bin) {
    return this.shape.absent?.(Math.floor(frame / this.shape.chunk)) ? 0 : this.value(frame, bin);
  }

  /**
   * What the viewer has to give for a frame; the fill value where its chunk is not stored.
   *
   * @param {number} frame
   */
  row(frame) {
    return Float32Array.from({ length: this.bins }, (_, bin) => this.#stored(frame, bin));
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
    const arrays = this.#arrays();
    const array = Object.keys(arrays).filter((path) => name.startsWith(`${path}/`)).sort((a, b) => b.length - a.length)[0];
    const metadata = array === undefined ? undefined : arrays[array];
    if (array === undefined || !metadata) return null;
    const rest = name.slice(array.length + 1);
    if (rest === "zarr.json") return text(JSON.stringify(metadata));
    const rows = this.#rows(array);
    if (rows) return this.#field(rows, rest);
    const match = /^c\/(\d+)$/.exec(rest);
    const [length, chunk] = [metadata.shape?.[0] ?? 0, metadata.chunk_grid?.configuration.chunk_shape[0] ?? 0];
    const first = Number(match?.[1]) * chunk;
    // Every chunk is stored whole, the last one padded.
    return first < length ? float64(chunk, (index) => this.#coordinate(array, first + index)) : null;
  };

  /**
   * Where the chunk of a row lies, if every chunk is stored: a file of the group, and bytes of it.
   *
   * @param {string} array  "posterior", or a level of it
   * @param {number} row
   * @returns {{ path: string, range: [number, number] }}
   */
  place(array, row) {
    const rows = this.#rows(array);
    if (!rows) throw new Error(`${array} has no rows`);
    const [chunk, bytes] = [Math.floor(row / rows.chunk), this.#bytes(rows.chunk)];
    if (!rows.shard) return { path: `${array}/c/${chunk}/0`, range: [0, bytes] };
    const indexBytes = rows.shard * ENTRY_BYTES + CRC_BYTES;
    const start = (this.shape.index === "start" ? indexBytes : 0) + (chunk % rows.shard) * bytes;
    return { path: `${array}/c/${Math.floor(chunk / rows.shard)}/0`, range: [start, start + bytes] };
  }

  /**
   * @param {string} array
   * @returns {Rows | null}  null: a coordinate
   */
  #rows(array) {
    const { chunk, shard, absent = () => false } = this.shape;
    if (array === "posterior") {
      return { rows: this.frames, chunk, shard, absent, value: (frame, bin) => this.value(frame, bin) };
    }
    const level = Number(/^posterior_max\/(\d+)$/.exec(array)?.[1] ?? 0);
    if (level === 0) return null;
    const rows = Math.ceil(this.frames / POOL ** level);
    const small = Math.min(chunk, rows);
    return {
      rows, chunk: small, shard: shard && Math.min(shard, Math.ceil(rows / small)), absent: () => false,
      value: (row, bin) => this.pooled(level, row, bin),
    };
  }

  /** @param {number} chunk  rows in it */
  #bytes(chunk) {
    return chunk * this.bins * F32 + CRC_BYTES;
  }

  /**
   * @param {Rows} rows
   * @param {string} key
   */
  #field(rows, key) {
    const { shard, absent } = rows;
    const match = /^c\/(\d+)\/0$/.exec(key);
    const chunks = Math.ceil(rows.rows / rows.chunk);
    if (!match) return null;
    const first = Number(match[1]) * (shard ?? 1);
    if (first >= chunks) return null;
    if (!shard) {
      return absent(first) ? null : { size: this.#bytes(rows.chunk), read: whole(() => this.#chunk(rows, first)) };
    }
    const stored = Array.from({ length: shard }, (_, at) => first + at)
      .map((chunk) => (chunk < chunks && !absent(chunk) ? chunk : null));
    const present = stored.filter((chunk) => chunk !== null);
    return present.length === 0 ? null : this.#shard(rows, stored, present);
  }

  /**
   * @param {Rows} rows
   * @param {(number | null)[]} stored  chunk numbers by place in the shard
   * @param {number[]} present  those that are there, in the order they lie in the file
   */
  #shard(rows, stored, present) {
    const chunkBytes = this.#bytes(rows.chunk);
    const indexBytes = stored.length * ENTRY_BYTES + CRC_BYTES;
    const dataAt = this.shape.index === "start" ? indexBytes : 0;
    const indexAt = this.shape.index === "start" ? 0 : present.length * chunkBytes;
    const size = indexBytes + present.length * chunkBytes;
    const index = () => {
      const view = new DataView(new ArrayBuffer(stored.length * ENTRY_BYTES));
      stored.forEach((chunk, at) => {
        const missing = 2n ** 64n - 1n;
        const place = chunk === null ? -1 : present.indexOf(chunk);
        view.setBigUint64(at * ENTRY_BYTES, place < 0 ? missing : BigInt(dataAt + place * chunkBytes), true);
        view.setBigUint64(at * ENTRY_BYTES + 8, place < 0 ? missing : BigInt(chunkBytes), true);
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
      present.forEach((chunk, at) => place(dataAt + at * chunkBytes, chunkBytes, () => this.#chunk(rows, chunk)));
      return bytes;
    };
    return { size, read };
  }

  /**
   * @param {Rows} rows
   * @param {number} chunk
   */
  #chunk(rows, chunk) {
    const values = new Float32Array(rows.chunk * this.bins);
    const first = chunk * rows.chunk;
    for (let row = first; row < Math.min(first + rows.chunk, rows.rows); row += 1) {
      for (let bin = 0; bin < this.bins; bin += 1) values[(row - first) * this.bins + bin] = rows.value(row, bin);
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
    const center = this.shape.environment?.bin_centers[index];
    if (center) return center[array === "bin_center_x" ? 0 : 1] ?? NaN;
    return array === "bin_center_x" ? Math.floor(index / ny) + 0.5 : (index % ny) + 0.5;
  }

  #group() {
    const { name, rate, timeArray, environment } = this.shape;
    const document = {
      version: 1, name, time: { start: 0, rate }, fields: [{ name: "posterior", array: "posterior" }],
      a_key_of_the_future: true, ...(environment && { environment }),
    };
    return {
      zarr_format: 3,
      node_type: "group",
      attributes: timeArray ? {} : { units: "cm", replayscope: document },
      consolidated_metadata: { kind: "inline", must_understand: false, metadata: this.#arrays() },
    };
  }

  /** @returns {Record<string, Metadata>} */
  #arrays() {
    const { shape, frames, bins } = this;
    const little = { name: "bytes", configuration: { endian: "little" } };
    /** @type {(type: string, lengths: number[], chunks: number[], codecs: unknown[], dimensions: string[]) => Metadata} */
    const array = (type, lengths, chunks, codecs, dimensions) => ({
      zarr_format: 3,
      node_type: "array",
      shape: lengths,
      data_type: type,
      chunk_grid: { name: "regular", configuration: { chunk_shape: chunks } },
      chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
      fill_value: 0,
      codecs,
      attributes: {},
      dimension_names: dimensions,
    });
    /** @type {(name: string, dimension: string) => Metadata} */
    const field = (name, dimension) => {
      const { rows, chunk, shard } = /** @type {Rows} */ (this.#rows(name));
      const inner = [little, { name: "crc32c" }];
      const sharding = {
        name: "sharding_indexed",
        configuration: { chunk_shape: [chunk, bins], codecs: inner, index_codecs: inner, index_location: shape.index },
      };
      const codecs = shard ? [sharding] : inner;
      return array("float32", [rows, bins], [chunk * (shard ?? 1), bins], codecs, [dimension, "bin"]);
    };
    const levels = Array.from({ length: this.levels }, (_, at) => {
      const pooling = { of: "posterior", method: "max", frames: POOL ** (at + 1) };
      const name = `posterior_max/${at + 1}`;
      return /** @type {const} */ ([name, { ...field(name, `time_${pooling.frames}`), attributes: { pooling } }]);
    });
    return {
      posterior: field("posterior", "time"),
      ...(this.levels > 0 && { posterior_max: { zarr_format: 3, node_type: "group", attributes: {} } }),
      ...Object.fromEntries(levels),
      ...(shape.timeArray && { time: array("float64", [frames], [shape.timeChunk ?? frames], [little], ["time"]) }),
      bin_center_x: array("float64", [bins], [bins], [little], ["bin"]),
      bin_center_y: array("float64", [bins], [bins], [little], ["bin"]),
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

/**
 * Some bits that nobody would guess from these two numbers, the same ones every time.
 *
 * @param {number} one
 * @param {number} other
 */
function hash(one, other) {
  let bits = Math.imul(one + 1, 0x9e3779b1) ^ Math.imul(other + 1, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
  bits = Math.imul(bits ^ (bits >>> 12), 0x297a2d39);
  return bits ^ (bits >>> 15);
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
