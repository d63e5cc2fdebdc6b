/** Pairs of measurements, and the table that is made of them. */
import { setTimeout as sleep } from "node:timers/promises";

import { MOST, compare, order } from "./statistics.js";

/** @typedef {import("./scenario.js").Checkout} Checkout */
/** @typedef {import("./scenario.js").Scenario} Scenario */
/** @typedef {import("./scenario.js").Sample} Sample */
/** @typedef {import("./statistics.js").Which} Which */
/** @typedef {import("./statistics.js").Pair} Pair */
/**
 * @typedef {object} Result  one figure
 * @property {string} name  of its scenario
 * @property {string} figure
 * @property {string} what
 * @property {Pair[]} values
 * @property {import("./statistics.js").Comparison | null} comparison  null: it could not be measured
 * @property {string} problem  why not; empty where it could
 * @property {number} seconds  that one pair of its scenario took
 * @property {(value: number) => string} unit
 */

/** A measurement that has not ended after this has hung; milliseconds. */
const PATIENCE = 300_000;

/**
 * All figures of a scenario.
 *
 * @param {Scenario} scenario
 * @param {Record<Which, Checkout>} checkouts
 * @param {number} pairs
 * @returns {Promise<Result[]>}
 */
export async function measure(scenario, checkouts, pairs) {
  /** @type {Record<Which, Sample>[]} */
  const samples = [];
  let problem = "";
  const begin = performance.now();
  let start = begin;
  try {
    say(scenario, "starts");
    const measurement = await soon(scenario.start(checkouts));
    try {
      // The first of each side is not counted: the server computes, compilers compile, caches are filled.
      await pair(scenario, measurement, -1);
      start = performance.now();
      for (let at = 0; at < pairs; at += 1) {
        // An even number, so that both sides were first as often.
        if (scenario.seconds && at > 0 && at % 2 === 0 && performance.now() - start > scenario.seconds * 1000) {
          say(scenario, `no more than ${at} of ${pairs} pairs: they take too long`);
          break;
        }
        const sample = await pair(scenario, measurement, at);
        samples.push(sample);
        say(scenario, `pair ${at + 1} of ${pairs}: ${line(scenario, sample)}`);
      }
    } finally {
      await measurement.stop();
    }
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error);
    say(scenario, `not measured: ${problem}`);
  }
  const seconds = (performance.now() - start) / 1000 / Math.max(samples.length, 1);
  return Object.entries(scenario.figures).map(([figure, { what, unit }]) => {
    const values = samples.map(({ before, after }) => ({ before: before[figure] ?? NaN, after: after[figure] ?? NaN }));
    /** @type {Result} */
    const result = { name: scenario.name, figure, what, values, comparison: null, problem, seconds, unit };
    if (problem) return result;
    try {
      return { ...result, comparison: compare(values) };
    } catch (error) {
      return { ...result, problem: /** @type {Error} */ (error).message };
    }
  });
}

/**
 * @param {Scenario} scenario
 * @param {import("./scenario.js").Measurement} measurement
 * @param {number} at
 */
async function pair({ name }, measurement, at) {
  await soon(measurement.prepare?.(at) ?? Promise.resolve());
  /** @type {Record<Which, Sample>} */
  const sample = { before: {}, after: {} };
  for (const which of order(Math.max(at, 0))) {
    sample[which] = await soon(measurement.sample(which)).catch((error) => {
      throw new Error(`${name}, pair ${at + 1}, ${which}: ${error.message}`, { cause: error });
    });
  }
  return sample;
}

/**
 * @template T
 * @param {Promise<T>} work
 * @returns {Promise<T>}
 */
async function soon(work) {
  const control = new AbortController();
  const late = sleep(PATIENCE, undefined, { signal: control.signal }).then(() => {
    throw new Error(`no end after ${PATIENCE / 1000} s`);
  });
  late.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    control.abort();
  }
}

/** @param {Scenario} scenario  @param {string} text */
function say({ name }, text) {
  console.log(`${name}: ${text}`);
}

/** @param {Scenario} scenario  @param {Record<Which, Sample>} sample */
function line({ figures }, { before, after }) {
  return Object.entries(figures).slice(0, 4).map(([figure, { unit }]) => {
    const [old, now] = [before[figure] ?? NaN, after[figure] ?? NaN];
    return `${figure} ${unit(old)} → ${unit(now)} (${times(now / old)})`;
  }).join(", ");
}

/** @param {number} ratio */
function times(ratio) {
  return Number.isFinite(ratio) ? `${ratio.toFixed(3)}×` : "–";
}

/** In a word. @param {Result} result */
export function verdict({ comparison, problem }) {
  if (!comparison) return `**not measured**: ${problem}`;
  return comparison.met ? "met" : "**WORSE**";
}

/**
 * The report, as Markdown.
 *
 * @param {string[]} lines  what was compared, on what
 * @param {Result[]} results
 */
export function render(lines, results) {
  const range = (/** @type {[number, number]} */ [low, high]) => `${low.toFixed(3)}–${high.toFixed(3)}`;
  const rows = results.map((result) => {
    const { name, what, comparison, unit } = result;
    const numbers = comparison
      ? [String(comparison.pairs), unit(comparison.before), unit(comparison.after), times(comparison.ratio), range(comparison.half),
        comparison.sure ? range(comparison.sure) : "–"]
      : ["–", "–", "–", "–", "–", "–"];
    return [name, what, ...numbers, verdict(result)];
  });
  const head = ["", "figure", "pairs", "before", "after", "after/before", "middle half", "95 %", `≤ ${MOST}×`];
  return [
    "# Benchmarks in pairs", "", ...lines.map((line) => `- ${line}`), "",
    "Before and after are measured by turns (A B B A) in one run. Both are medians, and so is the ratio: of the ratios of all pairs. Beside it " +
    "the middle half of these ratios, and the interval in which their true median lies with 95 % confidence: where it is wide, more pairs say more.", "",
    ...[head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`), "",
  ].join("\n");
}
