/**
 * Linear and logarithmic scales: places of values along an axis, and ticks.
 *
 * @typedef {Pick<import("../replayscope.js").Range, "low" | "high" | "from">} Scale
 * @typedef {{ place: (value: number) => number, value: (place: number) => number }} Axis
 */

import { ticks as evenTicks } from "d3-array";

/** Fewer ticks say too little, more are too close. */
const FEWEST = 3;
const MOST = 6;

/**
 * An axis along which values are evenly spaced or, from a value on, their logarithms.
 *
 * @param {number | null} from  where the logarithmic axis begins; null: the axis is linear
 * @returns {Axis}
 */
export function axis(from) {
  return from === null
    ? { place: (value) => value, value: (place) => place }
    : { place: (value) => Math.log(Math.max(value, from)), value: Math.exp };
}

/**
 * Round values between the limits, ascending: evenly spaced by 1, 2 or 5 times a power of ten; on a logarithmic scale powers of ten, and
 * multiples of them by 2 and 5 where there are few.
 *
 * @param {Scale} scale
 * @returns {number[]}
 */
export function ticks({ low, high, from }) {
  if (from === null) return even(low, high);
  const decades = powers([1], from, high);
  if (decades.length >= FEWEST) {
    const every = Math.ceil(decades.length / MOST);
    return decades.filter((_, at) => at % every === 0);
  }
  const finer = [[1, 5], [1, 2, 5]].map((digits) => powers(digits, from, high));
  return finer.find(({ length }) => length >= FEWEST) ?? even(Math.max(low, from), high);
}

/**
 * About as many as asked for; where these are too few, a finer step has enough.
 *
 * @param {number} low
 * @param {number} high
 */
function even(low, high) {
  if (!(high > low)) return [];
  const coarse = evenTicks(low, high, FEWEST + 1);
  return coarse.length < FEWEST ? evenTicks(low, high, FEWEST + 2) : coarse;
}

/** Multiples of powers of ten between two values. @param {number[]} digits @param {number} low @param {number} high */
function powers(digits, low, high) {
  const found = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) {
    for (const digit of digits) {
      const value = Number(`${digit}e${power}`);
      if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) found.push(value);
    }
  }
  return found;
}
