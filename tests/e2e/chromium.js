/**
 * The system's Chromium with WebGPU in software, and a page in it.
 *
 * Software WebGPU really presents to the canvas with these flags; without an adapter every test fails, none is skipped.
 * Its cost follows the pixels, so windows are small.
 */
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Where screenshots go. */
export const OUTPUT = path.join(ROOT, "tests/output");
/** The built site. */
export const DIST = process.env.REPLAYSCOPE_DIST ?? path.join(ROOT, "dist");

const FLAGS = [
  "--no-sandbox", "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan",
  "--use-vulkan=swiftshader", "--use-angle=swiftshader", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

const WINDOW = { width: 820, height: 560 };

export async function launch() {
  await mkdir(OUTPUT, { recursive: true });
  return chromium.launch({
    executablePath: process.env.CHROME ?? "/usr/bin/chromium",
    args: FLAGS,
    // Playwright's own choice of flags would turn the software GPU off.
    ignoreDefaultArgs: ["--disable-gpu"],
  });
}

/**
 * A window with a viewer in it.
 *
 * @typedef {object} Options
 * @property {{ width: number, height: number }} [window]
 * @property {"light" | "dark"} [scheme]
 * @property {import("playwright-core").BrowserContextOptions} [context]  more of what a window is like
 * @property {boolean} [expectErrors]  the test makes requests fail, which Chromium logs as errors
 * @property {string} [script]  runs before the page's own
 */
export class Window {
  /** What the console called an error, and exceptions. @type {string[]} */
  problems = [];

  /**
   * @param {import("playwright-core").Page} page
   * @param {Options} options
   */
  constructor(page, options) {
    this.page = page;
    this.options = options;
    page.on("console", (message) => {
      if (message.type() !== "error") return;
      // Chromium's own line for a failed request: the tests that cause one look at what the viewer says of it.
      if (options.expectErrors && message.text().startsWith("Failed to load resource")) return;
      if (options.expectErrors && /blocked by CORS policy/.test(message.text())) return;
      this.problems.push(message.text());
    });
    page.on("pageerror", (error) => this.problems.push(String(error)));
  }

  /**
   * Opens a URL in a window of its own (its own storage, cache and clipboard rights).
   *
   * @param {import("playwright-core").Browser} browser
   * @param {string} url
   * @param {Options} [options]
   */
  static async open(browser, url, options = {}) {
    const context = await browser.newContext({
      viewport: options.window ?? WINDOW,
      colorScheme: options.scheme ?? "dark",
      permissions: ["clipboard-read", "clipboard-write"],
      ...options.context,
    });
    const window = new Window(await context.newPage(), options);
    await window.page.addInitScript(() => {
      performance.setResourceTimingBufferSize(10_000);
      /** @type {any} */
      const page = globalThis;
      page.events = [];
      // The page sets its handle once; everything it says from then on is kept, and when its first frame came.
      /** @type {any} */
      let viewer;
      Object.defineProperty(page, "viewer", {
        configurable: true,
        get: () => viewer,
        set: (value) => {
          viewer = value;
          for (const type of ["open", "frame", "range", "stall", "notice", "error"]) {
            value.addEventListener(type, (/** @type {CustomEvent} */ event) => page.events.push({ type, detail: event.detail }));
          }
          value.ready.then(() => (page.readyAt = performance.now()), () => {});
        },
      });
    });
    if (options.script) await window.page.addInitScript(options.script);
    await window.page.goto(url, { waitUntil: "commit" });
    await window.page.waitForFunction(() => /** @type {any} */ (globalThis).viewer, undefined, { timeout: 30_000 });
    return window;
  }

  /** @param {import("playwright-core").Browser} browser @param {string} url @param {Options} [options] */
  static async openReady(browser, url, options) {
    const window = await Window.open(browser, url, options);
    await window.ready();
    return window;
  }

  /** Waits for the first exact frame. */
  ready() {
    return this.#call(`viewer.ready`);
  }

  /** Ends the window; fails if the console had an error. */
  async close() {
    await this.page.context().close();
    assert.deepEqual(this.problems, [], "errors in the browser's console");
  }

  /**
   * @param {{ frame: number } | { time: number }} target
   * @returns {Promise<{ frame: number, time: number }>}
   */
  seek(target) {
    return this.#call(`viewer.seek(${JSON.stringify(target)})`);
  }

  /**
   * Values as the handle gives them, every bit kept.
   *
   * @param {number} frame
   * @param {string} [field]
   */
  async values(frame, field = "posterior") {
    const bits = await this.#call(
      `viewer.values(${JSON.stringify({ frame, field })}).then((values) => {
        if (!(values instanceof Float32Array)) throw new Error("values() gave no Float32Array");
        return [...new Uint32Array(values.slice().buffer)];
      })`);
    return new Float32Array(Uint32Array.from(bits).buffer);
  }

  /**
   * The view drawn offscreen: RGBA rows, top row first.
   *
   * @param {number} width
   * @param {number} height
   */
  async pixels(width, height) {
    const data = await this.#call(`viewer.pixels({ width: ${width}, height: ${height} }).then(${ENCODE})`);
    return Buffer.from(data, "base64");
  }

  /** What is on the screen where the canvas is, and the canvas's size in device pixels. */
  async canvas() {
    await this.#presented();
    const box = await this.page.locator("#canvas").boundingBox();
    assert.ok(box, "the canvas is on the page");
    return this.#screen({ x: Math.ceil(box.x), y: Math.ceil(box.y), width: Math.floor(box.width), height: Math.floor(box.height) });
  }

  /** What is on the screen, all of the window. */
  async screen() {
    await this.#presented();
    return this.#screen();
  }

  /** @param {{ x: number, y: number, width: number, height: number }} [clip]  CSS pixels */
  async #screen(clip) {
    const shot = await this.page.screenshot({ ...(clip && { clip }), scale: "device" });
    const data = await this.page.evaluate(async ([png, encode]) => {
      const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
      context.drawImage(bitmap, 0, 0);
      return { width: bitmap.width, height: bitmap.height, data: (0, eval)(encode)(context.getImageData(0, 0, bitmap.width, bitmap.height)) };
    }, /** @type {const} */ ([shot.toString("base64"), ENCODE]));
    return { ...data, data: Buffer.from(data.data, "base64") };
  }

  /** Two animation frames: what was drawn has reached the screen. */
  #presented() {
    return this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  }

  /** @returns {Promise<any>} */
  state() {
    return this.#call(`viewer.state()`);
  }

  /** @param {object} patch */
  setState(patch) {
    return this.#call(`viewer.setState(${JSON.stringify(patch)})`);
  }

  /** @returns {Promise<any>} */
  session() {
    return this.#call(`viewer.session`);
  }

  /** @returns {Promise<any>} */
  stats() {
    return this.#call(`viewer.stats()`);
  }

  /** @returns {Promise<string>} */
  link() {
    return this.#call(`viewer.link()`);
  }

  /** @param {string} expression  JavaScript in the page */
  run(expression) {
    return this.#call(expression);
  }

  /**
   * What the handle has said so far.
   *
   * @param {string} type
   * @returns {Promise<any[]>}
   */
  events(type) {
    return this.#call(`events.filter((event) => event.type === ${JSON.stringify(type)}).map((event) => event.detail)`);
  }

  /**
   * Waits until something said to the reader matches, where a screen reader hears it.
   *
   * @param {RegExp} pattern
   * @param {number} [timeout]
   * @returns {Promise<string>}
   */
  async heard(pattern, timeout = 30_000) {
    const found = await this.page.waitForFunction(([source, flags]) => {
      const regions = document.querySelectorAll("[role=alert], [role=status], [aria-live]:not([aria-live=off])");
      for (const region of regions) {
        const text = /** @type {HTMLElement} */ (region).innerText.trim();
        if (new RegExp(source ?? "", flags).test(text)) return text;
      }
      return null;
    }, [pattern.source, pattern.flags], { timeout }).catch(async () => {
      const said = await this.page.locator("[role=alert], [role=status], [aria-live]").allInnerTexts();
      throw new assert.AssertionError({
        message: `nothing in a live region matches ${pattern}; they say ${JSON.stringify(said)}, ` +
          `and the handle said ${JSON.stringify(await this.events("error"))}`,
      });
    });
    return String(await found.jsonValue());
  }

  /** Waits until the handle fetches nothing for a while: the colour range is estimated, neighbours are there. */
  async settled() {
    await this.page.waitForFunction(() => {
      /** @type {any} */
      const page = globalThis;
      const { inFlight, requests } = page.viewer.stats();
      if (inFlight > 0 || page.settled?.requests !== requests) page.settled = { requests, at: performance.now() };
      return performance.now() - page.settled.at > 400;
    }, undefined, { timeout: 60_000 });
  }

  /** @param {string} name */
  async screenshot(name) {
    await this.#presented();
    await this.page.screenshot({ path: path.join(OUTPUT, `${name}.png`) });
  }

  /**
   * @param {string} expression
   * @returns {Promise<any>}
   */
  #call(expression) {
    // A hang is told as what hung, not as a test that ran out of time.
    return this.page.evaluate(`Promise.race([
      Promise.resolve().then(() => ${expression}),
      new Promise((_, reject) => setTimeout(() => reject(new Error(${JSON.stringify(`no answer in 30 s: ${expression.slice(0, 120)}`)})), 30_000)),
    ])`);
  }
}

const ENCODE = `((image) => {
  let text = "";
  for (let at = 0; at < image.data.length; at += 8192) text += String.fromCharCode(...image.data.subarray(at, at + 8192));
  return btoa(text);
})`;
