/** What a part of the benchmark hands back; `cargo xtask bench` makes a section of docs/benchmarks.md of it. */

/**
 * @typedef {object} Bar  a figure that has a bar to meet
 * @property {string} figure
 * @property {string} bar
 * @property {string} measured
 * @property {boolean | null} met  null: could not be measured here; `measured` says why
 *
 * @typedef {object} Table
 * @property {string} caption
 * @property {string[]} head
 * @property {string[][]} rows
 *
 * @typedef {object} Section
 * @property {string} title
 * @property {string[]} how  paragraphs: what was done, before the tables
 * @property {Bar[]} bars
 * @property {Table[]} tables
 * @property {string[]} notes  paragraphs after them
 */

/**
 * A bar that a number must not exceed.
 *
 * @param {string} figure
 * @param {number} value
 * @param {number} most
 * @param {{ bar: string, measured: string }} words
 * @returns {Bar}
 */
export function atMost(figure, value, most, { bar, measured }) {
  return { figure, bar, measured, met: value <= most };
}
