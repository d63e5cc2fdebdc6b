/** What is no Zarr folder: from a URL and from the reader's own computer, in the real viewer, against other software's bytes. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { Window } from "./chromium.js";
import { served } from "./program.js";
import { folder } from "./server.js";
import { Site, bits, random, sharedData } from "./site.js";

const FIXTURES = fileURLToPath(new URL("../fixtures/", import.meta.url));

/** @type {Site} */
let site;
before(async () => {
  site = await Site.start();
  site.server.mount("fixtures/", folder(FIXTURES));
  const data = sharedData();
  if (data) site.server.mount("real/", folder(path.join(data, "sessions/sargolini")));
});
after(() => site.stop());

/**
 * Opens files by the opening card's button.
 *
 * @param {string[]} files
 * @param {import("./chromium.js").Options} [options]
 */
async function choose(files, options) {
  const window = await Window.open(site.browser, site.server.url, options);
  await window.page.locator("#empty").waitFor();
  const [chooser] = await Promise.all([
    window.page.waitForEvent("filechooser"),
    window.page.locator("#files-button").click(),
  ]);
  await chooser.setFiles(files);
  return window;
}

/**
 * Checks frames of a field against float32 rows.
 *
 * @param {Window} window
 * @param {Float32Array} expected
 * @param {string} [field]
 */
async function compare(window, expected, field) {
  await opened(window);
  const { frames, bins, fields } = await window.session();
  assert.equal(expected.length, frames * bins);
  const below = random(11);
  for (const frame of [0, frames - 1, ...[...Array(20)].map(() => below(frames))]) {
    const shown = await window.values(frame, field ?? fields[0].name);
    assert.deepEqual(bits(shown), bits(expected.subarray(frame * bins, (frame + 1) * bins)), `frame ${frame}`);
  }
}

/**
 * Waits for the first picture of what is being opened, which may ask for a rate first.
 *
 * @param {Window} window
 */
async function opened(window) {
  await window.page.waitForFunction(() => Reflect.get(globalThis, "viewer").session !== null);
  await window.ready();
}

/** @param {string} file */
const float32 = async (file) => {
  const bytes = await readFile(path.join(FIXTURES, file));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
};

/** @param {string} file */
const float64 = async (file) => {
  const bytes = await readFile(path.join(FIXTURES, file));
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
};

test(".npy: asks for the rate, then shows numpy's values, from a URL and from this computer", async () => {
  const expected = await float32("npy/f4.f32");
  // What lies beside a lone array is looked for, and is not there.
  const window = await Window.open(site.browser, site.url("fixtures/npy/f4.npy"), { expectErrors: true });
  await window.page.locator("#rate-dialog").waitFor();
  await window.page.locator("#rate").fill("250");
  await window.page.keyboard.press("Enter");
  await compare(window, expected);
  assert.equal((await window.session()).rate, 250);
  assert.match(await window.link(), /session=.*f4\.npy&rate=250/);
  await window.close();

  const since = site.server.log.length;
  const local = await choose([path.join(FIXTURES, "npy/f4.npy")]);
  await local.page.locator("#rate-dialog").waitFor();
  await local.page.keyboard.press("Enter");
  await compare(local, expected);
  assert.deepEqual(site.server.log.slice(since).filter(({ path }) => path.includes("npy")), [], "nothing was sent or asked for");
  assert.equal((await local.session()).local, true);
  await local.screenshot("files-npy");
  await local.close();
});

test("netCDF: each state is a field and their sum the first, with few reads", async () => {
  const all = await float64("hdf5/netcdf4.f64");
  // The file's arrays lie in the order of their names: 30 frames of 8 columns first.
  const columns = Float32Array.from(all.subarray(0, 30 * 8));
  const state = (/** @type {number} */ of) => columns.filter((_, at) => Math.floor((at % 8) / 4) === of);
  const sum = state(0).map((value, at) => value + state(1)[at]);
  for (const open of [
    () => Window.open(site.browser, site.url("fixtures/hdf5/netcdf4.nc")),
    () => choose([path.join(FIXTURES, "hdf5/netcdf4.nc")]),
  ]) {
    const window = await open();
    await opened(window);
    const { fields, start, rate } = await window.session();
    assert.deepEqual(fields.map((/** @type {{ name: string }} */ { name }) => name), ["all states", "Continuous", "Fragmented"]);
    assert.deepEqual([start, rate], [100, 500]);
    await compare(window, sum);
    await compare(window, state(0), "Continuous");
    await compare(window, state(1), "Fragmented");
    await window.close();
  }
});

test("compressed chunks of netCDF, zips and Zarr 2 are decoded as they are", async () => {
  const posterior = Float32Array.from((await float64("hdf5/zlib.f64")).subarray(0, 30 * 8));
  const first = posterior.filter((_, at) => at % 8 < 4);
  for (const name of ["zlib.nc", "fletcher32.nc", "h5netcdf_gzip.nc", "unlimited.nc", "h5netcdf.nc"]) {
    const window = await Window.open(site.browser, site.url(`fixtures/hdf5/${name}`));
    await compare(window, first, "Continuous");
    await window.close();
  }
  const expected = await float32("zarr2/expected/posterior.f32");
  const window = await Window.open(site.browser, site.url("fixtures/zarr2/xarray.zarr"), { expectErrors: true });
  await compare(window, expected);
  await window.close();
});

test("a real session: its netCDF file, its .npy with environment, from both places", async (context) => {
  const data = sharedData();
  if (!data) return context.diagnostic("not run, for want of REPLAYSCOPE_TEST_DATA");
  const home = path.join(data, "sessions/sargolini");
  const npy = await readFile(path.join(home, "posterior.npy"));
  const start = 10 + npy.readUInt16LE(8);
  const expected = new Float32Array(npy.buffer.slice(npy.byteOffset + start, npy.byteOffset + npy.length));
  const files = ["posterior.npy", "environment.json", "environment.npz", "time.npy"].map((name) => path.join(home, name));
  for (const open of [
    () => Window.open(site.browser, site.url("real/posterior.npy")),
    () => choose(files),
  ]) {
    const window = await open();
    await compare(window, expected);
    const session = await window.session();
    assert.deepEqual([session.bins, session.rate], [397, 250]);
    await window.seek({ frame: 3000 });
    await window.screenshot(session.local ? "files-sargolini-local" : "files-sargolini-npy");
    await window.close();
  }
  // Slow enough that nothing in the background ends before the first picture.
  const heal = site.server.fault({ path: "real/results.nc", latency: 150 });
  const window = await Window.open(site.browser, site.url("real/results.nc"));
  await opened(window);
  heal();
  // What had come when the first picture was there; samples for the colour range follow.
  const opening = await window.run(`performance.getEntriesByType("resource")
    .filter(({ name, responseEnd }) => name.endsWith("results.nc") && responseEnd > 0 && responseEnd <= readyAt)
    .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)`);
  assert.ok(opening > 2 ** 18 && opening < 2 * 2 ** 20, `${opening} bytes to the first picture`);
  const before = site.server.log.length;
  await window.seek({ frame: 7000 });
  const seek = site.server.requests("real/results.nc", before);
  assert.ok(seek.length >= 1 && seek[0].bytes <= 2 ** 20, JSON.stringify(seek));
  assert.equal((await window.session()).fields[0].name, "all states");
  await window.screenshot("files-sargolini-nc");
  await window.close();
});

test("a Zarr zip, from a URL and from this computer", async () => {
  const expected = await float32("zip/session.f32");
  for (const name of ["session_v3.zarr.zip", "session_v2.zarr.zip"]) {
    for (const open of [
      () => Window.open(site.browser, site.url(`fixtures/zip/${name}`)),
      () => choose([path.join(FIXTURES, "zip", name)]),
    ]) {
      const since = site.server.log.length;
      const window = await open();
      await compare(window, expected);
      const { local, rate, start } = await window.session();
      assert.deepEqual([rate, start], [250, 2]);
      const asked = site.server.requests("zip/session", since);
      if (local) assert.deepEqual(asked, []);
      else assert.ok(asked.every(({ method, range }) => method === "HEAD" || range), "read in ranges only");
      await window.close();
    }
  }
});

test("a session.json beside files, raw ones too, from a URL and from this computer", async () => {
  const expected = await float32("npy/f4.f32");
  const home = path.join(FIXTURES, "npy");
  for (const open of [
    () => Window.open(site.browser, site.url("fixtures/npy/session.json")),
    () => choose(["session.json", "f4.npy", "raw.dat", "irregular.npy"].map((name) => path.join(home, name))),
  ]) {
    const window = await open();
    await compare(window, expected, "array");
    await compare(window, expected, "raw");
    const { name, rate, gaps } = await window.session();
    assert.deepEqual([name, rate, gaps.length], ["beside files", null, 1]);
    assert.equal(await window.page.locator("#gaps").isVisible(), true);
    await window.close();
  }
});

test("files that are dropped are read as those that are chosen", async () => {
  for (const [names, expected] of /** @type {[string[], string][]} */ ([
    [["npy/f4.npy", "npy/irregular.npy", "npy/session.json", "npy/raw.dat"], "npy/f4.f32"],
    [["zip/session_v3.zarr.zip"], "zip/session.f32"],
  ])) {
    const window = await Window.open(site.browser, site.server.url);
    await window.page.locator("#empty").waitFor();
    await window.page.evaluate(async (names) => {
      const dataTransfer = new DataTransfer();
      for (const name of names) {
        const bytes = await (await fetch(`fixtures/${name}`)).blob();
        dataTransfer.items.add(new File([bytes], name.split("/")[1]));
      }
      document.body.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
    }, names);
    await compare(window, await float32(expected));
    assert.equal((await window.session()).local, true);
    await window.close();
  }
});

test("a Zarr folder of either format is chosen, and its chunks are read where they lie", async () => {
  const npy = await readFile(path.join(FIXTURES, "sargolini/posterior.npy"));
  const start = 10 + npy.readUInt16LE(8);
  const real = new Float32Array(npy.buffer.slice(npy.byteOffset + start, npy.byteOffset + npy.length));
  for (const [folder, expected] of /** @type {const} */ ([
    ["sargolini/sharded.zarr", real], ["zarr2/xarray.zarr", await float32("zarr2/expected/posterior.f32")],
  ])) {
    const window = await Window.open(site.browser, site.server.url);
    await window.page.locator("#empty").waitFor();
    const [chooser] = await Promise.all([
      window.page.waitForEvent("filechooser"),
      window.page.locator("#folder-button").click(),
    ]);
    const since = site.server.log.length;
    await chooser.setFiles(path.join(FIXTURES, folder));
    await compare(window, expected);
    assert.deepEqual(site.server.log.slice(since).filter(({ path }) => path.includes("zarr")), []);
    await window.close();
  }
});

test("`replayscope view` opens files from the terminal as one session", () =>
  served(["view", path.join(FIXTURES, "npy/f4.npy"), path.join(FIXTURES, "npy/regular.npy"), "--no-open"], async (url) => {
    const window = await Window.open(site.browser, url);
    await compare(window, await float32("npy/f4.f32"));
    const { rate, start } = await window.session();
    assert.deepEqual([rate, start], [250, 10]);
    await window.close();
  }));

test("files that only look like known ones are told as what they are, and leave the page usable", async () => {
  const login = "<!doctype html><title>Log in</title>";
  /** @type {[string, RegExp][]} */
  const cases = [
    ["results.nc", /HDF5 file: it is a web page, perhaps that of a login/],
    ["posterior.npy", /\.npy file: it is a web page/],
    ["session.zarr.zip", /zip archive: it is a web page/],
    ["session.json", /session document: it is a web page/],
  ];
  const page = { size: login.length, read: (/** @type {number} */ start, /** @type {number} */ end) => Buffer.from(login).subarray(start, end) };
  site.server.mount("bad/", (file) => cases.some(([name]) => name === file) ? page : null);
  for (const [name, words] of cases) {
    const window = await Window.open(site.browser, site.url(`bad/${name}`), { expectErrors: true });
    await window.page.locator("#errors .banner").waitFor();
    assert.match(await window.page.locator("#errors").innerText(), words);
    assert.equal(await window.page.locator("#empty").isVisible(), true);
    await window.close();
  }
});

test("what opens other files is fetched for them, and asked for again where it could not be fetched", async () => {
  const window = await Window.openReady(site.browser, site.url("demo.zarr"), { expectErrors: true });
  await window.values(0);
  const extras = () => site.server.log.filter(({ path }) => path.includes("extras")).length;
  const before = extras();
  await window.page.route("**/replayscope_extras.wasm", (route) => route.abort(), { times: 1 });
  const open = () => window.run(`viewer.open("${site.server.url}fixtures/npy/f4.npy", { rate: 500 }).then(
    ({ frames }) => frames, ({ code, message }) => ({ code, message }))`);
  const refused = await open();
  assert.equal(refused.code, "unreachable");
  assert.match(refused.message, /a part of the viewer could not be fetched.*replayscope_extras\.wasm/);
  assert.equal(extras(), before, "a Zarr v3 session has no need of it");
  assert.equal(await open(), 40);
  assert.equal(await open(), 40);
  assert.equal(extras(), before + 1);
  await window.close();
});
