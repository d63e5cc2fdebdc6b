/** The site from other hosts: under a sub-path, and from `replayscope serve`, which brings its own page. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { DIST, Window } from "./chromium.js";
import { served } from "./program.js";
import { folder } from "./server.js";
import { Site } from "./site.js";

/** @type {Site} */
let site;
before(async () => (site = await Site.start()));
after(() => site.stop());

test("the site works under any sub-path, with URLs relative to it only", async () => {
  const since = site.server.log.length;
  const base = "lab/pages/replayscope/";
  const window = await Window.openReady(site.browser, `${site.server.url}${base}?session=demo.zarr`);
  const asked = site.server.log.slice(since);
  assert.deepEqual(asked.filter((request) => !request.path.startsWith(base)).map((request) => request.path), []);
  assert.deepEqual(asked.filter(({ status }) => status >= 400).map((request) => request.path), []);
  assert.equal(new URL(await window.link()).searchParams.get("session"), "demo.zarr", "a session beside the page is named so");
  await window.close();
});

test("the site works under the Content-Security-Policy that docs/hosting.md gives", async () => {
  const text = await readFile(fileURLToPath(new URL("../../docs/hosting.md", import.meta.url)), "utf8");
  const policy = /add_header Content-Security-Policy "([^"]+)"/.exec(text)?.[1] ?? "";
  assert.match(policy, /^default-src 'none';/);
  site.server.mount("fixtures/", folder(fileURLToPath(new URL("../fixtures/", import.meta.url))));
  const end = site.server.fault({ path: /^/, headers: { "Content-Security-Policy": policy } });
  try {
    const window = await Window.open(site.browser, site.url("demo.zarr"));
    await window.run(`addEventListener("securitypolicyviolation", (event) => events.push({ type: "violation", detail: event.violatedDirective }))`);
    await window.ready();
    const { frames } = await window.session();
    assert.equal((await window.seek({ frame: frames - 1 })).frame, frames - 1);
    await window.settled();
    // A worker may start after the first chunks are decoded: then another chunk is its first.
    for (let frame = 0; frame < frames && (await window.stats()).workerChunks === 0; frame += 500) {
      await window.seek({ frame });
      await window.settled();
    }
    assert.ok((await window.stats()).workerChunks > 0, "workers, which have a policy of their own, decode");
    // Of the second wasm, and of the styles that scripts set.
    assert.equal(await window.run(`viewer.open("/fixtures/hdf5/zlib.nc").then(({ frames }) => frames)`), 30);
    await window.page.keyboard.press("x");
    await window.settled();
    assert.deepEqual(await window.events("violation"), []);
    await window.close(); // which fails where the console told of a violation
    // What it keeps out: no script but the site's.
    const other = await Window.open(site.browser, site.url("demo.zarr"), { expectErrors: true });
    await other.run(`document.head.append(Object.assign(document.createElement("script"), { textContent: "globalThis.ran = true" }))`);
    assert.equal(await other.run("globalThis.ran ?? false"), false);
    await other.page.context().close();
  } finally {
    end();
  }
});

test("the page names every file its first picture needs, so that all come in one round trip", async () => {
  const since = site.server.log.length;
  const window = await Window.openReady(site.browser, site.url("demo.zarr"));
  // A worker of the window before may still ask for its scripts, below that page's folder.
  const asked = site.server.log.slice(since).map((request) => request.path).filter((name) => !name.startsWith("lab/"));
  await window.close();
  const page = await readFile(path.join(DIST, "index.html"), "utf8");
  const named = [...page.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, name]) => name);
  // A worker starts beside the first chunk, and the controls come beside the session's first reads; neither is waited for.
  const beside = ["www/worker.js", "www/panels.js", "www/panels.css"];
  const needed = asked.filter((name) => /\.(js|css|wasm)$/.test(name) && !beside.includes(name));
  assert.deepEqual(needed.sort(), named.filter((name) => !name.endsWith(".svg")).sort());
});

test("`www/replayscope.js` is what embedders import: it finds its wasm by itself", async () => {
  const window = await Window.open(site.browser, site.url("demo.zarr"));
  const names = await window.run(`import("./www/replayscope.js")
    .then(({ createViewer }) => createViewer(document.createElement("canvas")))
    .then((viewer) => viewer.colormaps().map(({ name }) => name))`);
  assert.ok(names.includes("viridis"), names);
  await window.close();
});

test("an embedder may keep both wasm files elsewhere", async () => {
  const page = Buffer.from(`<!doctype html><link rel="icon" href="data:,"><canvas></canvas><script type="module">
    import { createViewer } from "/www/replayscope.js";
    globalThis.viewer = await createViewer(document.querySelector("canvas"), { wasm: "/cdn/replayscope_bg.wasm" });
  </script>`);
  const read = (/** @type {number} */ start, /** @type {number} */ end) => page.subarray(start, end);
  site.server.mount("bare/", (name) => name === "page.html" ? { size: page.length, read } : null);
  site.server.mount("cdn/", folder(DIST));
  site.server.mount("fixtures/", folder(fileURLToPath(new URL("../fixtures/", import.meta.url))));
  const since = site.server.log.length;
  const window = await Window.open(site.browser, `${site.server.url}bare/page.html`, { expectErrors: true });
  const open = `viewer.open("/fixtures/npy/f4.npy", { rate: 500 }).then(({ frames }) => frames, String)`;
  assert.equal(await window.run(open), 40);
  const wasm = site.server.log.slice(since).map((request) => request.path).filter((name) => name.endsWith(".wasm"));
  assert.deepEqual(wasm, ["cdn/replayscope_bg.wasm", "cdn/replayscope_extras.wasm"]);
  await window.close();
});

test("`replayscope serve` hosts page and session, and prints the URL", () =>
  served(["serve", path.join(DIST, "demo.zarr")], async (url) => {
    const window = await Window.openReady(site.browser, url);
    const { frames } = await window.session();
    const last = await window.seek({ frame: frames - 1 });
    assert.equal(last.frame, frames - 1);
    await window.screenshot("served");
    await window.close();
  }));
