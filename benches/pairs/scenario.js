/** What is measured in pairs. */

/** @typedef {import("./statistics.js").Which} Which */
/**
 * @typedef {object} Checkout  one of the two that are compared, built
 * @property {string} dist  its site
 * @property {string} program  its release build of the command line
 * @property {string} benches  the folder that cargo has put its bench programs in
 *
 * @typedef {object} Figure
 * @property {string} what
 * @property {(value: number) => string} unit  how a value of it is written
 *
 * @typedef {Record<string, number>} Sample  a value of each figure of a scenario
 *
 * @typedef {object} Measurement
 * @property {(pair: number) => Promise<void>} [prepare]  before both sides of a pair are measured
 * @property {(which: Which) => Promise<Sample>} sample
 * @property {() => Promise<void>} stop
 *
 * @typedef {object} Scenario  figures that one measurement gives
 * @property {string} name  its part of the benchmark, and after a point which of that part's
 * @property {Record<string, Figure>} figures
 * @property {boolean} [warm]  its first pair counts, too
 * @property {number} [seconds]  no pair begins after this: for what takes minutes a pair
 * @property {(checkouts: Record<Which, Checkout>) => Promise<Measurement>} start
 */

/**
 * Those that are named, by themselves or by their part; all where none is.
 *
 * @param {Scenario[]} scenarios
 * @param {string[]} names
 */
export function chosen(scenarios, names) {
  const fits = (/** @type {string} */ name) => (/** @type {Scenario} */ one) => one.name === name || one.name.startsWith(`${name}.`);
  for (const name of names) {
    if (!scenarios.some(fits(name))) {
      throw new Error(`there is no figure ${JSON.stringify(name)}; there are ${scenarios.map(({ name }) => name).join(", ")}`);
    }
  }
  return names.length === 0 ? scenarios : scenarios.filter((one) => names.some((name) => fits(name)(one)));
}
