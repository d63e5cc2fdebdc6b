/**
 * Limits of a layer's colours, one side at a time: in the contrast card and beside the picture.
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
 * Whether anything is known of the values yet.
 *
 * @param {Range | null} range
 */
export function known(range) {
  return range !== null && (range.method !== "empty" || range.chunks > 0);
}

/**
 * A layer's limits with one side moved.
 *
 * @param {Layer} layer
 * @param {Scale} inForce
 * @param {Side} side
 * @param {number | null} value  null: estimated
 * @returns {{ limits: Limits } | { low: number, high: number }}  what would not be in order, and is not set
 */
export function moved(layer, { low, high }, side, value) {
  const center = layer.center ?? null;
  const own = layer.limits === "frame" ? [low, high] : layer.limits ?? [null, null];
  /** @type {[number | null, number | null]} */
  const next = [own[0] ?? null, own[1] ?? null];
  next[side] = value;
  // About a centre the two go together.
  if (center !== null) next[1 - side] = value === null ? null : Number((2 * center - value).toPrecision(12));
  const [from, to] = [next[0] ?? low, next[1] ?? high];
  if (value !== null && !(from < to)) return { low: from, high: to };
  return { limits: next[0] === null && next[1] === null ? null : next };
}

/**
 * A box that one limit is typed in.
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
      // What was typed stays as it is; an estimate is shortened here, and exact in the picture.
      const own = Array.isArray(layer.limits) && layer.limits[side] === limit;
      box.show(typed(own ? limit : short(limit, scale)));
    },
  };
}

/**
 * A value as exact as the scale is read.
 *
 * @param {number} value
 * @param {Scale} scale
 */
export function short(value, { low, high, from }) {
  return from === null ? rounded(value, high - low) : Number(value.toPrecision(4));
}
