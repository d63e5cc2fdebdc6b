/**
 * Limits of a layer's colours, one side at a time: for the boxes in the panel and those of the colour bar.
 *
 * @typedef {import("../replayscope.js").Layer} Layer
 * @typedef {import("../replayscope.js").Range} Range
 * @typedef {import("./scale.js").Scale} Scale
 * @typedef {Exclude<Layer["limits"], undefined>} Limits
 * @typedef {0 | 1} Side  lower, upper
 */
import { editable } from "./dom.js";
import { decimal, rounded, typed } from "./format.js";

/**
 * Whether limits are known: estimated, or set.
 *
 * @param {Range | null} range
 */
export function known(range) {
  return range !== null && (range.method !== "empty" || range.chunks > 0);
}

/**
 * Gives a layer's limits with one side changed.
 *
 * @param {Layer} layer
 * @param {Scale} inForce
 * @param {Side} side
 * @param {number | null} value  null: estimated
 * @returns {{ limits: Limits } | { low: number, high: number }}  `low` and `high` where they would not ascend, which is refused
 */
export function moved(layer, { low, high }, side, value) {
  const center = layer.center ?? null;
  const own = layer.limits === "frame" ? [low, high] : layer.limits ?? [null, null];
  /** @type {[number | null, number | null]} */
  const next = [own[0] ?? null, own[1] ?? null];
  next[side] = value;
  // Symmetric limits change together.
  if (center !== null) next[1 - side] = value === null ? null : Number((2 * center - value).toPrecision(12));
  const [from, to] = [next[0] ?? low, next[1] ?? high];
  if (value !== null && !(from < to)) return { low: from, high: to };
  return { limits: next[0] === null && next[1] === null ? null : next };
}

/**
 * Makes a text box take one limit.
 *
 * @param {HTMLInputElement} input
 * @param {Side} side
 * @param {{ set: (layer: string, limits: Limits) => void, say: (text: string) => void }} actions
 */
export function limitBox(input, side, { set, say }) {
  /** @type {{ layer: Layer, scale: Scale } | null} */
  let shown = null;
  input.title = "Leave it empty to use the estimate";
  const box = editable(input, (text) => {
    if (shown === null) return false;
    const value = text === "" ? null : decimal(text);
    if (value !== null && !Number.isFinite(value)) {
      say(`“${text}” is not a number.`);
      return false;
    }
    const next = moved(shown.layer, shown.scale, side, value);
    if (!("limits" in next)) {
      say(`The lower limit has to be below the upper one (${typed(next.low)} is not below ${typed(next.high)}).`);
      return false;
    }
    set(shown.layer.name, next.limits);
    return true;
  });
  return {
    /** @param {Layer} layer @param {Scale} scale */
    show(layer, scale) {
      shown = { layer, scale };
      const limit = side === 0 ? scale.low : scale.high;
      // What was typed stays as it is; an estimate has fewer digits here than in the picture.
      const own = Array.isArray(layer.limits) && layer.limits[side] === limit;
      box.show(typed(own ? limit : short(limit, scale)));
    },
  };
}

/**
 * Rounds a value to the digits that matter on a scale.
 *
 * @param {number} value
 * @param {Scale} scale
 */
export function short(value, { low, high, from }) {
  return from === null ? rounded(value, high - low) : Number(value.toPrecision(4));
}
