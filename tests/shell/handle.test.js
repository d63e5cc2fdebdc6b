/** docs/handle.md names every member, event and error code that the declarations have, and no other. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (/** @type {string} */ path) => readFile(join(root, path), "utf8");

let manual = "";
/** What src/web/ exports, as the build wrote it. */
let wasm = "";
/** What TypeScript makes of the class in www/viewer.js. */
let viewer = "";

before(async () => {
  [manual, wasm] = await Promise.all([read("docs/handle.md"), read("www/types/replayscope.d.ts")]);
  const folder = await mkdtemp(join(tmpdir(), "replayscope-types-"));
  try {
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const options = ["--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--outDir", folder];
    const { status, stdout } = spawnSync(process.execPath, [tsc, "--project", root, ...options], { encoding: "utf8" });
    assert.equal(status, 0, stdout);
    viewer = await readFile(join(folder, "www/viewer.d.ts"), "utf8");
  } finally {
    await rm(folder, { recursive: true });
  }
});

/**
 * The names in the first column of the table whose header begins so.
 *
 * @param {string} header
 */
function documented(header) {
  const rows = manual.slice(manual.indexOf(`| ${header} |`)).split("\n\n")[0]?.split("\n").slice(2) ?? [];
  assert.ok(rows.length > 5, `docs/handle.md has a table of every ${header}`);
  const names = rows.flatMap((row) => [...(row.split(" | ")[0] ?? "").matchAll(/`(\w+)/g)].map(([, name]) => name ?? ""));
  return [...new Set(names)].sort();
}

/**
 * What stands between the line that begins so and the first line that is `end`.
 *
 * @param {string} text
 * @param {string} start
 * @param {string} end
 */
function between(text, start, end) {
  const at = text.indexOf(`${start}`);
  assert.ok(at >= 0, `the declarations have ${start}`);
  return text.slice(at, text.indexOf(end, at));
}

test("every member of the handle is in docs/handle.md, and the other way round", () => {
  const body = between(viewer, "export declare class Viewer", "\n}");
  const members = [...body.matchAll(/^ {4}(?:get )?(\w+)[(<]/gm)].map(([, name]) => name ?? "");
  assert.ok(members.length > 30, `${members}`);
  assert.deepEqual(documented("member"), [...new Set([...members, "addEventListener"])].sort());
});

test("every event is in docs/handle.md, and the other way round", () => {
  const events = [...between(wasm, "export interface Events", "\n}").matchAll(/^ {4}(\w+): /gm)].map(([, name]) => name ?? "");
  assert.deepEqual(documented("event"), events.sort());
});

test("every error code is in docs/handle.md, and the other way round", () => {
  const quoted = (/** @type {string} */ text, /** @type {RegExp} */ quotes) => [...text.matchAll(quotes)].map(([, name]) => name ?? "").sort();
  const codes = quoted(between(wasm, "export type ErrorCode", ";"), /"([\w-]+)"/g);
  assert.ok(codes.length > 15, `${codes}`);
  assert.deepEqual(quoted(manual.slice(manual.indexOf("Error codes:")), /`([\w-]+)`/g), codes);
});
