/** A page of the shell with the fake handle, and what tests ask it. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { chromium } from "playwright-core";

import { serveShell } from "./site.js";

/** @type {import("playwright-core").Browser} */
let browser;
/** The page's server. @type {Awaited<ReturnType<typeof serveShell>>} */
export let site;

before(async () => {
  site = await serveShell();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
});
after(async () => {
  await browser?.close();
  site?.close();
});

/**
 * Runs a test on a page of its own, and fails it on any error in the console.
 *
 * @param {string} name
 * @param {string} path  query and fragment
 * @param {(page: import("playwright-core").Page) => Promise<void>} body
 * @param {{ gpu?: boolean } & import("playwright-core").BrowserContextOptions} [options]  `gpu`: whether the browser offers WebGPU
 */
export function shellTest(name, path, body, { gpu = true, ...context } = {}) {
  test(name, async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...context });
    /** @type {string[]} */
    const errors = [];
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    page.on("pageerror", (error) => errors.push(String(error)));
    // The shell asks for WebGPU before it asks for the handle; the fake needs none.
    await page.addInitScript((there) => {
      if (there) Object.defineProperty(Navigator.prototype, "gpu", { value: {}, configurable: true });
      else Reflect.deleteProperty(Navigator.prototype, "gpu");
    }, gpu);
    await page.goto(site.url + path);
    try {
      await body(page);
      assert.deepEqual(errors, []);
    } finally {
      await page.close();
    }
  });
}

/**
 * Waits for an element's text, and says what it was instead.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} selector
 * @param {string | RegExp} expected
 */
export async function shows(page, selector, expected) {
  let text = "";
  for (let tries = 0; tries < 100; tries += 1) {
    const found = page.locator(selector);
    text = await found.evaluate((node) => ("value" in node ? String(node.value) : node.textContent ?? ""));
    if (typeof expected === "string" ? text === expected : expected.test(text)) return;
    await page.waitForTimeout(30);
  }
  assert.fail(`${selector} shows "${text}", not ${expected}`);
}

/**
 * What the fake was called with.
 *
 * @param {import("playwright-core").Page} page
 * @returns {Promise<[string, any][]>}
 */
export const calls = (page) => page.evaluate("viewer.stats().calls");

/** @param {import("playwright-core").Page} page */
export const field = async (page) => (await state(page)).layers[0];

/** @param {import("playwright-core").Page} page */
export const state = (page) => page.evaluate("viewer.state()");
