/** Real sessions on the disk, made once and kept, and `replayscope serve` over them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";

import { session } from "./sessions.js";

/** `cargo xtask bench` names both. */
export const PROGRAM = process.env.REPLAYSCOPE_BIN ?? "replayscope";
export const FOLDER = process.env.REPLAYSCOPE_BENCH ?? "target/bench";
const SESSIONS = path.join(FOLDER, "sessions");

/** Frames of them: 20 and 200 seconds at 500 Hz. */
export const FRAMES = [10_000, 100_000];

/**
 * Makes what is missing: a demo and a plain session of each length.
 *
 * @param {string} [program]  the command line that makes the demos
 */
export async function make(program = PROGRAM) {
  await mkdir(SESSIONS, { recursive: true });
  for (const frames of FRAMES) {
    await kept(`packed-${frames}.zarr`, (folder) =>
      run(program, ["demo", folder, "--seconds", String(frames / 500), "--rate", "500", "--bins", "23x23", "--seed", "0"]));
    await kept(`plain-${frames}.zarr`, (folder) => dump(session("plain", frames, 500), folder));
  }
}

/**
 * Makes a folder under another name, so that a half of one is never taken for a whole.
 *
 * @param {string} name
 * @param {(folder: string) => Promise<void>} work
 */
async function kept(name, work) {
  const folder = path.join(SESSIONS, name);
  if (existsSync(folder)) return;
  const partial = `${folder}-partial`;
  await rm(partial, { recursive: true, force: true });
  await work(partial);
  await rename(partial, folder);
}

/**
 * Writes a computed session to the disk.
 *
 * @param {import("../tests/e2e/session.js").Session} computed
 * @param {string} folder
 */
async function dump(computed, folder) {
  const chunks = (/** @type {number} */ chunk) => Math.ceil(computed.frames / chunk);
  const names = ["zarr.json", "bin_center_x/zarr.json", "bin_center_y/zarr.json", "bin_center_x/c/0", "bin_center_y/c/0",
    "posterior/zarr.json", "time/zarr.json"];
  for (let chunk = 0; chunk < chunks(computed.shape.timeChunk ?? computed.frames); chunk += 1) names.push(`time/c/${chunk}`);
  for (let chunk = 0; chunk < chunks(computed.shape.chunk); chunk += 1) names.push(`posterior/c/${chunk}/0`);
  for (const name of names) {
    const file = await computed.source(name);
    if (!file) throw new Error(`the session has no ${name}`);
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), await file.read(0, file.size));
  }
}

/** @param {string} program  @param {string[]} words */
async function run(program, words) {
  const child = spawn(program, words, { stdio: ["ignore", "ignore", "inherit"] });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`\`replayscope ${words.join(" ")}\` failed (${code})`);
}

/**
 * Serves them with the viewer; `site` is the viewer's address.
 *
 * @param {string} [program]  the command line that does
 */
export async function serve(program = PROGRAM) {
  const child = spawn(program, ["serve", SESSIONS, "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  const [site] = await Promise.race([
    once(createInterface(child.stdout), "line"),
    once(child, "exit").then(([code]) => Promise.reject(new Error(`\`replayscope serve\` ended (${code})`))),
  ]);
  return {
    site: String(site),
    session: (/** @type {string} */ name) => `${site}data/${name}.zarr`,
    stop: async () => {
      child.kill();
      await once(child, "exit");
    },
  };
}
