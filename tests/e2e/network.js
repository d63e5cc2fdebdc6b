/** The way between a server and its readers: how long until an answer begins, and how fast all of them come. */
import { setTimeout as sleep } from "node:timers/promises";

/**
 * @typedef {object} Shape
 * @property {number} [latency]  milliseconds before every answer: one round trip
 * @property {number} [bitsPerSecond]  of all answers together; as fast as the machine is without it
 */

/** Answers that are on their way at once take turns, slice by slice. */
const SLICE_BYTES = 32 * 1024;

export class Network {
  #latency;
  #bitsPerSecond;
  /** When the line has sent what it was given. */
  #free = 0;

  /** @param {Shape} [shape] */
  constructor({ latency = 0, bitsPerSecond = Infinity } = {}) {
    this.#latency = latency;
    this.#bitsPerSecond = bitsPerSecond;
  }

  /** Waits for the round trip. */
  roundTrip() {
    return until(performance.now() + this.#latency);
  }

  /**
   * Parts of a body, each once its last bit would have arrived.
   *
   * @param {Buffer} body
   */
  async *carry(body) {
    if (this.#bitsPerSecond === Infinity) {
      yield body;
      return;
    }
    // From the planned end of one slice to that of the next: a timer that is late makes the line no slower.
    let end = performance.now();
    for (let at = 0; at < body.length; at += SLICE_BYTES) {
      const slice = body.subarray(at, at + SLICE_BYTES);
      end = Math.max(end, this.#free) + (slice.length * 8 * 1000) / this.#bitsPerSecond;
      this.#free = end;
      await until(end);
      yield slice;
    }
  }
}

/** @param {number} moment  of performance.now() */
async function until(moment) {
  // A timer may end early by a part of a millisecond. Unreferenced: nobody waits at the end for an answer.
  for (let left = moment - performance.now(); left > 0; left = moment - performance.now()) {
    await sleep(Math.ceil(left), undefined, { ref: false });
  }
}
