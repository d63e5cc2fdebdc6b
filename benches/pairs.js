/**
 * The benchmark in pairs, against another checkout: `node benches/pairs.js --against FOLDER [--pairs N] [--list] [FIGURE…]`.
 * `cargo xtask bench pairs` builds this checkout and runs it. The other one is built already.
 *
 * Of this one, `REPLAYSCOPE_DIST` names the site, `REPLAYSCOPE_BIN` the command line and `REPLAYSCOPE_PROGRAMS` the folder of
 * the bench programs, if they are elsewhere than in the other; `REPLAYSCOPE_BENCH` is where inputs and results go.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";

import { FOLDER } from "./disk.js";
import { SCENARIOS as IN_BROWSER } from "./pairs/browser.js";
import { SCENARIOS as NATIVE } from "./pairs/native.js";
import { measure, render, verdict } from "./pairs/run.js";
import { chosen } from "./pairs/scenario.js";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const SCENARIOS = [...IN_BROWSER, ...NATIVE];
const USAGE = "node benches/pairs.js --against FOLDER [--pairs N] [--list] [FIGURE…]";

/** @typedef {import("./pairs/scenario.js").Checkout} Checkout */

// What hung must not keep the command from ending.
process.exit(await main().catch((error) => {
  console.error(`error: ${error.message}`);
  return 2;
}));

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { against: { type: "string" }, pairs: { type: "string", default: "30" }, list: { type: "boolean", default: false } },
  });
  if (values.list) {
    for (const { name, figures } of SCENARIOS) console.log(`${name.padEnd(32)} ${Object.values(figures).map(({ what }) => what).join("; ")}`);
    return 0;
  }
  const pairs = Number(values.pairs);
  if (!values.against) throw new Error(`against which checkout? ${USAGE}`);
  if (!Number.isInteger(pairs) || pairs < 1) throw new Error("--pairs needs a whole number, as in --pairs 30");
  const scenarios = chosen(SCENARIOS, positionals);
  const here = built(ROOT);
  const { REPLAYSCOPE_DIST: dist, REPLAYSCOPE_BIN: program, REPLAYSCOPE_PROGRAMS: benches } = process.env;
  const checkouts = {
    before: built(values.against),
    after: { dist: dist ?? here.dist, program: program ?? here.program, benches: benches ?? here.benches },
  };
  for (const { dist, program } of Object.values(checkouts)) {
    for (const file of [path.join(dist, "index.html"), program]) {
      if (!existsSync(file)) throw new Error(`there is no ${file}: that checkout is not built`);
    }
  }

  const lines = await describe(values.against);
  const out = path.join(FOLDER, "pairs");
  await mkdir(FOLDER, { recursive: true });
  /** @type {import("./pairs/run.js").Result[]} */
  const results = [];
  const start = performance.now();
  for (const scenario of scenarios) {
    results.push(...(await measure(scenario, checkouts, pairs)));
    // After each, so that a run which is stopped leaves what it has.
    await writeFile(`${out}.md`, render([...lines, `Took: ${((performance.now() - start) / 60_000).toFixed(1)} minutes`], results));
    await writeFile(`${out}.json`, JSON.stringify({ lines, results }, null, 1));
  }
  console.log(`\n${render(lines, results)}`);
  const bad = results.filter(({ comparison }) => !comparison?.met);
  for (const result of bad) console.log(`${result.name}, ${result.what}: ${verdict(result)}`);
  console.log(`${out}.md: ${results.length - bad.length} of ${results.length} figures met`);
  return bad.length === 0 ? 0 : 1;
}

/** @param {string} folder  @returns {Checkout} */
function built(folder) {
  const release = path.resolve(folder, "target/release");
  return {
    dist: path.resolve(folder, "dist"), program: path.join(release, `replayscope${process.platform === "win32" ? ".exe" : ""}`),
    benches: path.join(release, "deps"),
  };
}

/** What is compared, and on what; no folders of this machine. @param {string} against */
async function describe(against) {
  const git = async (/** @type {string} */ folder) => {
    const words = (/** @type {string[]} */ ...words) => promisify(execFile)("git", ["-C", folder, ...words]).then(({ stdout }) => stdout.trim());
    try {
      const changes = await words("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs");
      return `${await words("log", "-1", "--format=%h (%s)")}${changes ? " and changes" : ""}`;
    } catch {
      return "no commit";
    }
  };
  const load = os.loadavg()[0]?.toFixed(1);
  return [
    `Before: ${await git(against)}`, `After: ${await git(ROOT)}`,
    `Machine: ${os.cpus()[0]?.model ?? os.arch()}, ${os.cpus().length} cores, load average before it ${load}`,
    `Begun: ${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC`,
  ];
}
