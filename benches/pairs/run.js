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
 * @property {string[]} restarts  what failed before it could
 * @property {number} seconds  that one pair of its scenario took
 * @property {(value: number) => string} unit
 */

/** A measurement that has not ended after this has hung; milliseconds. */
const PATIENCE = 180_000;
/** How often a scenario begins anew, with what it has, after a measurement has failed; the report says so. */
const RESTARTS = 2;

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
  /** @type {string[]} */
  const failures = [];
  let [spent, hopeless] = [0, false];
  while (samples.length < pairs && failures.length <= RESTARTS && !hopeless) {
    try {
      say(scenario, "starts");
      const measurement = await soon(scenario.start(checkouts));
      try {
        // The first of each side is not counted: the server computes, compilers compile, caches are filled.
        if (!scenario.warm) await pair(scenario, measurement, -1);
        while (samples.length < pairs) {
          // An even number, so that both sides were first as often.
          if (scenario.seconds && samples.length >= 2 && samples.length % 2 === 0 && spent > scenario.seconds) break;
          const start = performance.now();
          const sample = await pair(scenario, measurement, samples.length);
          spent += (performance.now() - start) / 1000;
          samples.push(sample);
          say(scenario, `pair ${samples.length} of ${pairs}: ${line(scenario, sample)}`);
        }
      } finally {
        await soon(measurement.stop()).catch((error) => say(scenario, `its end: ${error.message}`));
      }
      if (samples.length < pairs) say(scenario, `no more than ${samples.length} of ${pairs} pairs: they take too long`);
      break;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      say(scenario, `failed: ${reason}`);
      // What fails again for the same reason will not end otherwise.
      hopeless = failures.at(-1) === reason;
      failures.push(reason);
    }
  }
  const problem = hopeless || failures.length > RESTARTS ? [...new Set(failures)].join("; ") : "";
  const seconds = spent / Math.max(samples.length, 1);
  return Object.entries(scenario.figures).map(([figure, { what, unit }]) => {
    const values = samples.map(({ before, after }) => ({ before: before[figure] ?? NaN, after: after[figure] ?? NaN }));
    /** @type {Result} */
    const result = { name: scenario.name, figure, what, values, comparison: null, problem, restarts: failures, seconds, unit };
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
export function verdict({ comparison, problem, restarts }) {
  if (!comparison) return `**not measured**: ${problem}`;
  const certain = comparison.sure && comparison.sure[0] > MOST;
  const word = comparison.met ? "met" : certain ? "**WORSE**" : "**WORSE**, not certain";
  return restarts.length === 0 ? word : `${word}; begun anew after: ${restarts.join("; ")}`;
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
    "the middle half of these ratios, and the interval in which their true median lies with 95 % confidence: where that goes below the limit, worse is not certain, and more pairs say more.", "",
    ...[head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`), "",
  ].join("\n");
}
