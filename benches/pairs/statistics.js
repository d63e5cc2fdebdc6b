/** What pairs of measurements, before and after a change, say of it. Every figure is a cost: less is better. */
import { median, quantile } from "../measure.js";

/** @typedef {"before" | "after"} Which */
/** @typedef {Record<Which, number>} Pair */
/**
 * @typedef {object} Comparison
 * @property {number} pairs
 * @property {number} before  median
 * @property {number} after  median
 * @property {number} ratio  median of the ratios after/before, each of a pair
 * @property {[number, number]} half  what the middle half of the ratios lies between
 * @property {[number, number] | null} sure  what their true median lies between, with 95 % confidence; null: too few pairs
 * @property {boolean} met  the ratio is no more than `MOST`
 */

/** The highest ratio that is not called worse. */
export const MOST = 1.05;

/**
 * Which side of a pair is measured first: A B B A, so that a machine that becomes slower or faster meanwhile favours neither.
 *
 * @param {number} pair  from 0 on
 * @returns {[Which, Which]}
 */
export function order(pair) {
  return pair % 2 === 0 ? ["after", "before"] : ["before", "after"];
}

/**
 * @param {Pair[]} pairs
 * @returns {Comparison}
 */
export function compare(pairs) {
  if (pairs.length === 0) throw new Error("there are no pairs");
  for (const [at, { before, after }] of pairs.entries()) {
    // A ratio of nothing, or to nothing, says nothing.
    if (!(before > 0 && after > 0 && Number.isFinite(before + after))) {
      throw new Error(`pair ${at + 1} has no ratio: ${before} before, ${after} after`);
    }
  }
  const ratios = pairs.map(({ before, after }) => after / before);
  const ratio = median(ratios);
  return {
    pairs: pairs.length, before: median(pairs.map(({ before }) => before)), after: median(pairs.map(({ after }) => after)), ratio,
    half: [quantile(ratios, 0.25), quantile(ratios, 0.75)], sure: interval(ratios), met: ratio <= MOST,
  };
}

/**
 * Where the true median lies, with at least 95 % confidence, whatever the distribution: each value is above it with
 * probability ½, so the binomial distribution says which two of the sorted values it lies between.
 *
 * @param {number[]} values
 * @returns {[number, number] | null}
 */
export function interval(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const count = sorted.length;
  let [outside, term, rank] = [0, 0.5 ** count, 0];
  // `outside`: the probability that no more than `rank` values are below the true median.
  while (outside + term <= 0.025) {
    outside += term;
    term *= (count - rank) / (rank + 1);
    rank += 1;
  }
  const [low, high] = [sorted[rank - 1], sorted[count - rank]];
  return low === undefined || high === undefined || rank === 0 ? null : [low, high];
}
