/** What most tests start from: a browser, and a server with the built site and some sessions. */
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { DIST, Window, launch } from "./chromium.js";
import { TestServer, folder } from "./server.js";
import { Session } from "./session.js";

/**
 * 200,000 frames of 16 × 10 bins in 782 shards; two chunks are not stored, and some bins are NaN. So many shards that
 * the colour range's samples leave most of them alone.
 */
export const sharded = new Session({
  name: "sharded", frames: 200_000, grid: [16, 10], chunk: 64, shard: 4,
  absent: (chunk) => chunk === 20 || chunk === 21,
  nan: (frame, bin) => frame % 97 === 0 && bin % 7 === 3,
});
/** 20,000 frames of the same bins, a file for every chunk, and times in an array. */
export const plain = new Session({
  name: "plain", frames: 20_000, grid: [16, 10], chunk: 256, absent: (chunk) => chunk === 20, timeArray: true,
});
/** Two hours at 500 Hz of 10,000 bins: 144 GB. */
export const big = new Session({ name: "big", frames: 3_600_000, grid: [100, 100], chunk: 26, shard: 64 });
/** As big, for what is opened: 10,000 frames. */
export const little = new Session({ name: "little", frames: 10_000, grid: [100, 100], chunk: 26, shard: 64 });

export class Site {
  /**
   * @param {import("playwright-core").Browser} browser
   * @param {TestServer} server
   */
  constructor(browser, server) {
    this.browser = browser;
    this.server = server;
  }

  static async start() {
    if (!existsSync(path.join(DIST, "index.html"))) throw new Error(`${DIST} has no site; run \`cargo xtask build\``);
    const server = await TestServer.start();
    server.mount("", folder(DIST));
    // Any host, any sub-path.
    server.mount("lab/pages/replayscope/", folder(DIST));
    for (const session of [sharded, plain, big, little]) server.mount(`data/${session.shape.name}/`, session.source);
    return new Site(await launch(), server);
  }

  async stop() {
    await this.browser.close();
    await this.server.stop();
  }

  /**
   * The page with a session in its URL.
   *
   * @param {string} session  relative to the server
   * @param {string} [fragment]
   */
  url(session, fragment = "") {
    return `${this.server.url}?session=${encodeURIComponent(`${this.server.url}${session}`)}${fragment}`;
  }

  /**
   * A window on a session, at its first exact frame.
   *
   * @param {string} session
   * @param {import("./chromium.js").Options} [options]
   */
  open(session, options) {
    return Window.openReady(this.browser, this.url(session), options);
  }
}

/** Frames in one shard of `sharded`. */
export const SHARD_FRAMES = sharded.shape.chunk * (sharded.shape.shard ?? 1);

/**
 * A shard of `sharded` that nothing has asked for, nor its neighbours: what a test breaks there was never right.
 *
 * @param {TestServer} server
 * @param {number} since  an index in its log: when the window was opened
 * @returns {{ path: string, frame: number }}  a frame in the middle of the shard's second chunk
 */
export function untouchedShard(server, since) {
  const asked = new Set(server.requests("data/sharded/posterior/c/", since).map(({ path }) => path));
  const pathOf = (/** @type {number} */ shard) => `data/sharded/posterior/c/${shard}/0`;
  for (let shard = 300; shard < 700; shard += 1) {
    if ([-1, 0, 1].some((next) => asked.has(pathOf(shard + next)))) continue;
    return { path: pathOf(shard), frame: shard * SHARD_FRAMES + Math.floor(1.5 * sharded.shape.chunk) };
  }
  throw new Error("every shard was asked for");
}

/** Real sessions, or null where they are not on this machine. @returns {string | null} */
export function sharedData() {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const data = path.resolve(root, process.env.REPLAYSCOPE_TEST_DATA ?? "../shared");
  if (existsSync(path.join(data, "sessions"))) return data;
  if (process.env.REPLAYSCOPE_REQUIRE_DATA === "1") throw new Error(`${data} has no sessions/, and with REPLAYSCOPE_REQUIRE_DATA=1 it must`);
  return null;
}

/**
 * Whole numbers below `limit`, the same ones every time.
 *
 * @param {number} seed
 */
export function random(seed) {
  let state = seed >>> 0;
  return (/** @type {number} */ limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return Math.floor((((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

/** @param {Float32Array} values */
export function bits(values) {
  return [...new Uint32Array(values.slice().buffer)];
}
