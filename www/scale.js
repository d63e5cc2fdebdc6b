/**
 * Scales of values, linear and logarithmic: where a value is along one, and which values are written beside it.
 *
 * @typedef {Pick<import("../replayscope.js").Range, "low" | "high" | "from">} Scale
 * @typedef {{ place: (value: number) => number, value: (place: number) => number }} Axis
 */

/** Fewer ticks say too little, more are too close. */
const FEWEST = 3;
const MOST = 6;

/**
 * Along which values are evenly spaced, or their logarithms from a value on.
 *
 * @param {number | null} from  null: the values themselves
 * @returns {Axis}
 */
export function axis(from) {
  return from === null
    ? { place: (value) => value, value: (place) => place }
    : { place: (value) => Math.log(Math.max(value, from)), value: Math.exp };
}

/**
 * Round values between the limits, ascending: steps of 1, 2 or 5, or decades with what goes between where they are few.
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

/** @param {number} low @param {number} high */
function even(low, high) {
  if (!(high > low)) return [];
  /** @type {number[]} */
  let wider = [];
  for (let power = Math.ceil(Math.log10(high - low)); ; power -= 1) {
    for (const digit of [5, 2, 1]) {
      const every = digit * 10 ** power;
      const [first, last] = [Math.ceil(low / every - 1e-9), Math.floor(high / every + 1e-9)];
      const found = Array.from({ length: Math.max(last - first + 1, 0) }, (_, at) => Number(((first + at) * every).toPrecision(12)));
      if (found.length > MOST && wider.length >= FEWEST) return wider;
      // Limits that are hardly apart have no round values between them.
      if (found.length > FEWEST || every < Math.abs(high) * 1e-12) return found;
      wider = found;
    }
  }
}

/** @param {number[]} digits @param {number} low @param {number} high */
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
