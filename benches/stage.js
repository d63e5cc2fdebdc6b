/** A server, a browser and pages in it, to measure on. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";

import { DIST, launch } from "../tests/e2e/chromium.js";
import { TestServer, folder } from "../tests/e2e/server.js";
import { install } from "./page.js";
import { Trace } from "./trace.js";

export class Stage {
  /**
   * @param {import("playwright-core").Browser} browser
   * @param {TestServer} server
   */
  constructor(browser, server) {
    this.browser = browser;
    this.server = server;
  }

  /** @param {string} [dist]  the site that is at its root */
  static async start(dist = DIST) {
    if (!existsSync(path.join(dist, "index.html"))) throw new Error(`${dist} has no site; run \`cargo xtask build\``);
    const server = await TestServer.start();
    server.mount("", folder(dist));
    return new Stage(await launch(), server);
  }

  async stop() {
    await this.browser.close();
    await this.server.stop();
  }

  /**
   * The address of something served under a name.
   *
   * @param {string} name
   * @param {import("../tests/e2e/server.js").Source} source
   */
  serve(name, source) {
    this.server.mount(`data/${name}/`, source);
    return `${this.server.url}data/${name}/`;
  }

  /**
   * A page at a session's first exact frame, with what measures in it.
   *
   * @param {string} session  its whole URL
   * @param {{ site?: string, viewport?: { width: number, height: number } }} [options]  `site`: where the viewer is; this stage's
   *   own server without it
   */
  async page(session, { site = this.server.url, viewport = { width: 820, height: 560 } } = {}) {
    const context = await this.browser.newContext({ viewport, colorScheme: "dark" });
    const page = await context.newPage();
    await page.addInitScript(install);
    await page.goto(`${site}?session=${encodeURIComponent(session)}`, { waitUntil: "commit" });
    await page.waitForFunction(() => /** @type {any} */ (globalThis).viewer, undefined, { timeout: 30_000 });
    const measured = new Page(this.browser, page);
    await measured.run(`viewer.ready`);
    return measured;
  }
}

/**
 * When a seek was called and how long it took, in milliseconds and in animation frames; and the number of its first fetch.
 *
 * @typedef {{ at: number, tick: number, took: number, ticks: number, since: number }} Seek
 */
/** @typedef {{ url: string, range: string | null }} Fetched */

export class Page {
  /**
   * @param {import("playwright-core").Browser} browser
   * @param {import("playwright-core").Page} page
   */
  constructor(browser, page) {
    this.browser = browser;
    this.page = page;
  }

  /**
   * JavaScript in the page.
   *
   * @param {string} expression
   * @returns {Promise<any>}
   */
  run(expression) {
    return this.page.evaluate(expression);
  }

  /**
   * Milliseconds from `open()` to the first exact frame.
   *
   * @param {string} url
   * @returns {Promise<number>}
   */
  async open(url) {
    return (await this.run(`bench.open(${JSON.stringify(url)})`)).took;
  }

  /** @param {number} [quiet]  milliseconds */
  settled(quiet = 250) {
    return this.run(`bench.settled(${quiet})`);
  }

  /** @param {number} frame  @returns {Promise<Seek>} */
  seek(frame) {
    return this.run(`bench.seek(${frame})`);
  }

  /**
   * One after the other, from a task of its own each.
   *
   * @param {number[]} frames
   * @returns {Promise<Seek[]>}
   */
  seeks(frames) {
    return this.run(`bench.seeks(${JSON.stringify(frames)})`);
  }

  /**
   * What a seek fetched. Waits until all is quiet.
   *
   * @param {Seek} seek
   * @returns {Promise<{ own: Fetched[], beside: number }>}
   */
  async asked(seek) {
    await this.settled(150);
    return this.run(`bench.ownFetches(${seek.since})`);
  }

  /**
   * What a seek fetched, and the time the same bytes take by `fetch` alone. Waits until all is quiet.
   *
   * @param {Seek} seek
   * @returns {Promise<{ own: Fetched[], beside: number, took: number, bytes: number }>}
   */
  async bare(seek) {
    const { own, beside } = await this.asked(seek);
    return { own, beside, ...(await this.run(`bench.bare(${JSON.stringify(own)})`)) };
  }

  /**
   * Whether a frame is in memory.
   *
   * @param {number} frame
   * @returns {Promise<boolean>}
   */
  holds(frame) {
    return this.run(`viewer.buffered().some(([start, stop]) => ${frame} >= start && ${frame} < stop)`);
  }

  /** @returns {Promise<any>} */
  stats() {
    return this.run("viewer.stats()");
  }

  /**
   * What the main thread did meanwhile.
   *
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<{ result: T, trace: Trace }>}
   */
  async traced(work) {
    await this.browser.startTracing(this.page, {
      categories: ["-*", "disabled-by-default-devtools.timeline", "devtools.timeline", "blink.user_timing", "v8", "__metadata"],
    });
    await this.run(`void performance.mark("bench-trace")`);
    const result = await work();
    return { result, trace: Trace.read(await this.browser.stopTracing()) };
  }

  /**
   * Seeks one after the other, and the processor milliseconds of the main thread during each.
   *
   * @param {number[]} frames
   */
  async costs(frames) {
    const { result: seeks, trace } = await this.traced(() => this.seeks(frames));
    return { seeks, cpu: trace.spans().map((span) => trace.cpu(span)), trace };
  }

  /** Frees what nothing holds. */
  async collectGarbage() {
    const session = await this.page.context().newCDPSession(this.page);
    await session.send("HeapProfiler.collectGarbage");
    await session.detach();
  }

  /**
   * Resident bytes of the browser's processes of a kind, where the system tells them; a stage has one page at a time.
   *
   * @param {"renderer" | "GPU"} type
   */
  async residentBytes(type) {
    const session = await this.browser.newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    await session.detach();
    let bytes = 0;
    for (const { id } of processInfo.filter((process) => process.type === type)) {
      const status = await readFile(`/proc/${id}/status`, "utf8").catch(() => "");
      bytes += Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? NaN) * 1024;
    }
    return bytes;
  }

  close() {
    return this.page.context().close();
  }
}
