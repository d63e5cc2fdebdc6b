/** What the viewer gives has the properties that src/web/types.ts declares, and no other. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { Window } from "./chromium.js";
import { Site } from "./site.js";

/** @type {Site} */
let site;
let declarations = "";
before(async () => {
  const text = await readFile(new URL("../../src/web/types.ts", import.meta.url), "utf8");
  declarations = text.replace(/\/\*\*[\s\S]*?\*\/|\/\/.*/g, "");
  site = await Site.start();
});
after(() => site.stop());

/**
 * The properties of an object's type, each with its own type.
 *
 * @param {string} body  between its braces
 * @returns {Map<string, { optional: boolean, type: string }>}
 */
function properties(body) {
  const found = new Map();
  let depth = 0;
  let start = 0;
  for (let at = 0; at < body.length; at += 1) {
    if ("{[(".includes(body[at] ?? "")) depth += 1;
    if ("}])".includes(body[at] ?? "")) depth -= 1;
    if (body[at] !== ";" && at < body.length - 1 || depth > 0) continue;
    const [, name, optional, type] = /^\s*(\w+)(\??):\s*([\s\S]*?);?\s*$/.exec(body.slice(start, at + 1)) ?? [];
    if (name) found.set(name, { optional: optional === "?", type });
    start = at + 1;
  }
  return found;
}

/** @param {string} name  of an interface */
function declared(name) {
  const start = declarations.indexOf(`export interface ${name} {`);
  assert.ok(start >= 0, `types.ts declares ${name}`);
  return declarations.slice(declarations.indexOf("{", start) + 1, declarations.indexOf("\n}", start));
}

/**
 * Holds an object to its declaration, and what is in it to theirs.
 *
 * @param {any} value
 * @param {string} type  an interface's name, its text in braces, or an array of one
 * @param {string} path  of the value, for what is said of it
 */
function conforms(value, type, path) {
  const [, item] = /^(\w+)\[\]$/.exec(type) ?? [];
  if (item) {
    assert.ok(Array.isArray(value), path);
    value.forEach((/** @type {unknown} */ entry, /** @type {number} */ at) => conforms(entry, item, `${path}[${at}]`));
    return;
  }
  const inline = type.startsWith("{");
  if (!inline && !declarations.includes(`export interface ${type} {`)) return; // a name of other types
  assert.ok(value !== null && typeof value === "object", `${path} is ${value}`);
  const all = properties(inline ? type.slice(1, -1) : declared(type));
  assert.ok(all.size > 0, type);
  for (const name of Object.keys(value)) assert.ok(all.has(name), `${path}.${name} is not declared in ${type}`);
  for (const [name, { optional, type: own }] of all) {
    assert.ok(optional || name in value, `${path}.${name} is declared and missing`);
    if (name in value) conforms(value[name], own, `${path}.${name}`);
  }
}

test("states, results and events are what is declared of them", async () => {
  const window = await Window.open(site.browser, site.url("demo.zarr/"), { expectErrors: true });
  await window.ready();
  const { given, events } = await window.run(`(async () => {
    const types = ["progress", "close", "open", "frame", "range", "narrowed", "stall", "loading", "buffered", "state", "notice", "wait", "error"];
    const events = {};
    for (const type of types) viewer.on(type, (detail) => (events[type] ??= detail));
    const field = viewer.session.fields[0].name;
    const middle = { x: canvas.clientWidth / 2, y: canvas.clientHeight / 2 };
    const given = {
      FrameTime: await viewer.seek({ frame: viewer.session.frames - 1 }),
      Session: viewer.session, State: viewer.state(), Range: viewer.range(), Probe: viewer.probe(middle), Bin: viewer.bin(0),
      Histogram: viewer.histogram({ field, edges: [0, 1] }), Colormap: viewer.colormaps()[0],
    };
    const { workerChunks, ...counters } = viewer.stats();
    given.Counters = counters;
    given.estimated = await viewer.estimateRange({ field });
    viewer.setState({ speed: 1e9 });
    await viewer.open("nowhere.zarr").catch(() => {});
    await viewer.open(viewer.session.url);
    await viewer.ready;
    await new Promise((done) => setTimeout(done, 500));
    return { given, events };
  })()`);
  const { estimated, ...named } = given;
  for (const [name, value] of Object.entries({ ...named, Range: estimated })) conforms(value, name, name);
  assert.ok(named.Session.regions.length + named.Session.overlays.length > 0, "the session has something beside its field");
  const all = properties(declared("Events"));
  for (const [type, detail] of Object.entries(events)) {
    const { type: declaration } = all.get(type) ?? assert.fail(`${type} is not declared`);
    if (declaration !== "null") conforms(detail, declaration, type);
  }
  const seen = ["progress", "close", "open", "frame", "range", "loading", "buffered", "state", "notice", "error"];
  assert.deepEqual(seen.filter((type) => !(type in events)), [], "events that did not come");
  await window.close();
});
