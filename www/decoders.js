/**
 * A pool of workers that decode chunks. Where there can be none, for example because a page of another origin embeds the
 * viewer, every job is rejected and the viewer decodes the chunk itself.
 *
 * @typedef {import("../replayscope.js").DecodeJob} DecodeJob
 * @typedef {import("../replayscope.js").Unpacked} Unpacked
 */

/**
 * @typedef {object} Decoders
 * @property {(job: DecodeJob) => Promise<Unpacked>} decode  rejects where no worker is ready
 * @property {() => number} done  how many chunks were decoded
 * @property {() => void} stop
 */

/** Most workers; one core is left for the page. */
const MOST = 4;
const SIZE = Math.min(Math.max((navigator.hardwareConcurrency || 2) - 1, 1), MOST);

/**
 * @param {WebAssembly.Module} module  the viewer's wasm, compiled once for all workers
 * @returns {Decoders}
 */
export function decoders(module) {
  // The first worker starts with the first chunk, which the page decodes itself, so that opening does not wait for it.
  /** @type {Decoding[]} */
  const pool = [];
  let done = 0;
  let stopped = false;

  /** The ready worker with the fewest jobs; no job waits for a worker that is still starting. */
  function leastBusy() {
    const ready = pool.filter((one) => one.ready);
    if (ready.length === pool.length && pool.length < SIZE && pool.every((one) => one.busy > 0)) {
      pool.push(new Decoding(module));
    }
    return ready.reduce((best, one) => (best && best.busy <= one.busy ? best : one), /** @type {Decoding?} */ (null));
  }

  return {
    async decode(job) {
      const worker = stopped ? null : leastBusy();
      if (!worker) throw new Error("no worker");
      const unpacked = await worker.decode(job);
      done += 1;
      return unpacked;
    },
    done: () => done,
    stop() {
      stopped = true;
      for (const one of pool) one.stop();
    },
  };
}

/** One worker, and its jobs. */
class Decoding {
  /** @type {Map<number, { resolve: (unpacked: Unpacked) => void, reject: (reason: unknown) => void }>} */
  #jobs = new Map();
  #next = 0;
  /** @type {Worker | null} */
  #worker = null;
  ready = false;

  /** @param {WebAssembly.Module} module */
  constructor(module) {
    try {
      this.#worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    } catch {
      return; // of another origin, or the page's policy forbids it
    }
    this.#worker.addEventListener("message", ({ data: { id, unpacked, error } }) => {
      this.ready = true;
      const job = this.#jobs.get(id);
      this.#jobs.delete(id);
      if (unpacked) job?.resolve(unpacked);
      else job?.reject(error);
    });
    for (const type of ["error", "messageerror"]) {
      this.#worker.addEventListener(type, () => this.stop());
    }
    this.#worker.postMessage({ module });
  }

  get busy() {
    return this.#jobs.size;
  }

  /**
   * @param {DecodeJob} job
   * @returns {Promise<Unpacked>}
   */
  decode(job) {
    return new Promise((resolve, reject) => {
      const id = this.#next++;
      this.#jobs.set(id, { resolve, reject });
      this.#worker?.postMessage({ id, job }, job.reads.map(({ buffer }) => buffer));
    });
  }

  /** Ends the worker; its jobs are rejected, and so are later ones. */
  stop() {
    this.#worker?.terminate();
    this.ready = false;
    for (const { reject } of this.#jobs.values()) reject(new Error("the worker stopped"));
    this.#jobs.clear();
  }
}
