/** One part of the benchmark: `node benches/main.js PART OUT.json`. `cargo xtask bench` runs it. */
import { writeFile } from "node:fs/promises";

const [part, out] = process.argv.slice(2);
if (!part || !out) throw new Error("node benches/main.js PART OUT.json");
/** @type {{ measure: () => Promise<import("./section.js").Section> }} */
const { measure } = await import(`./${part}.js`);
await writeFile(out, JSON.stringify(await measure(), null, 1));
