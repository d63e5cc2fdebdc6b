/**
 * A contrast range: two handles, the two values typed, and "auto" (back to the estimate).
 *
 * @typedef {import("./ranges.js").Estimate} Estimate
 */
import { create } from "../nouislider.min.mjs";
import { editable, make } from "./dom.js";
import { count, number, typed } from "./format.js";

/**
 * @param {string} layer
 * @param {{ set: (limits: [number, number]) => void, auto: () => void, say: (text: string) => void }} actions
 */
export function contrast(layer, actions) {
  /** @type {[number, number]} */
  let limits = [0, 1];
  /** What the slider spans; wider than the limits, so that there is room to drag. */
  let span = { min: 0, max: 1 };
  let spanOf = "";
  let held = false;

  const bar = make("div", { class: "contrast-slider" });
  const slider = create(bar, {
    start: [0, 1],
    range: span,
    connect: true,
    behaviour: "drag",
    // Without it the values pass through toFixed(2), and a posterior's are far smaller.
    format: { to: (value) => value, from: Number },
    ariaFormat: { to: (value) => number(value, 4) },
    keyboardDefaultStep: 100,
    handleAttributes: [
      { "aria-label": `${layer}: lower limit` },
      { "aria-label": `${layer}: upper limit` },
    ],
  });
  slider.on("start", () => (held = true));
  slider.on("end", () => {
    held = false;
    slider.set(limits, false, true); // where two handles met, one is shown where it was refused
  });
  slider.on("slide", (_values, _handle, [low, high]) => {
    if (low === undefined || high === undefined || !(low < high)) return;
    actions.set([low, high]);
  });

  const [lowInput, lowBox] = limitBox("lower", 0);
  const [highInput, highBox] = limitBox("upper", 1);
  const auto = make("button", { type: "button", class: "small", title: "Estimated limits (C)" }, "Auto");
  auto.addEventListener("click", actions.auto);
  const about = make("p", { class: "hint" });

  /**
   * @param {string} which
   * @param {0 | 1} side
   * @returns {[HTMLInputElement, ReturnType<typeof editable>]}
   */
  function limitBox(which, side) {
    const input = make("input", {
      type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": `${layer}: ${which} limit, typed`,
    });
    return [input, editable(input, (text) => {
      const value = text === "" ? NaN : Number(text.replaceAll("−", "-"));
      /** @type {[number, number]} */
      const next = side === 0 ? [value, limits[1]] : [limits[0], value];
      if (!Number.isFinite(value)) actions.say(`“${text}” is no number.`);
      else if (!(next[0] < next[1])) actions.say(`The lower limit has to be below the upper one (${typed(next[0])} is not below ${typed(next[1])}).`);
      else {
        actions.set(next);
        return true;
      }
      return false;
    })];
  }

  /**
   * The estimate with room around it; never below zero for what is never negative.
   *
   * @param {[number, number]} estimate
   */
  function spanAround([low, high]) {
    const size = high - low;
    const min = low >= 0 ? Math.max(low - size, 0) : low - size;
    return { min: Math.min(min, limits[0]), max: Math.max(high + size, limits[1]) };
  }

  return {
    element: make("div", { class: "contrast" },
      bar,
      make("div", { class: "limits" }, lowInput, auto, highInput),
      about),
    /**
     * @param {[number, number] | null} own  null: the estimate is in force
     * @param {Estimate | null} estimate
     */
    show(own, estimate) {
      const inForce = own ?? estimate?.limits ?? null;
      auto.setAttribute("aria-pressed", String(own === null));
      about.textContent = describe(own, estimate);
      if (inForce === null) {
        slider.disable();
        return;
      }
      slider.enable();
      limits = inForce;
      lowBox.show(typed(limits[0]));
      highBox.show(typed(limits[1]));
      if (held) return; // moving the scale under the hand would move the value
      const basis = estimate?.limits ?? limits;
      const outside = limits[0] < span.min || limits[1] > span.max;
      if (outside || spanOf !== basis.join()) {
        span = spanAround(basis);
        spanOf = basis.join();
        slider.updateOptions({ range: span, start: limits }, false);
      } else {
        slider.set(limits, false, true);
      }
    },
  };
}

/**
 * @param {[number, number] | null} own
 * @param {Estimate | null} estimate
 */
function describe(own, estimate) {
  if (own !== null) return "";
  if (estimate === null) return "estimating…";
  const from = `estimated from ${count(estimate.frames)} frames in ${count(estimate.chunks)} chunk${estimate.chunks === 1 ? "" : "s"}`;
  return estimate.final ? from : `${from}, refining…`;
}
