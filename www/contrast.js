/**
 * Contrast of a layer: a slider with two handles under the histogram, boxes for the limits, and buttons that estimate them.
 *
 * @typedef {import("./replayscope.js").Viewer} Viewer
 * @typedef {import("../replayscope.js").Layer} Layer
 * @typedef {import("../replayscope.js").Range} Range
 * @typedef {import("./scale.js").Scale} Scale
 * @typedef {import("./limits.js").Limits} Limits
 * @typedef {import("./limits.js").Side} Side
 */
import { create } from "nouislider";

import { make } from "./dom.js";
import { count, fine, number, rounded } from "./format.js";
import { histogram } from "./histogram.js";
import { known, limitBox, moved } from "./limits.js";
import { axis } from "./scale.js";

/** The handles cannot be dragged where the limits span less of the slider than this share: it gets another span. */
const LEAST_SHARE = 1 / 40;

/** @type {Record<Range["method"], string>} */
const METHODS = {
  peaks: "peak-based",
  subset: "percentiles of all values",
  exact: "all frames",
  strided: "every k-th frame",
  empty: "no finite value",
  constant: "one constant value",
  given: "set by hand",
  link: "estimated where the link was made",
  frame: "this frame's lowest and highest",
};

/**
 * @param {Viewer} viewer
 * @param {string} name  the layer's
 * @param {(text: string) => void} say
 */
export function contrast(viewer, name, say) {
  /** The layer as it is shown. @type {Layer | null} */
  let layer = null;
  /** @type {Scale} */
  let scale = { low: 0, high: 1, from: null };
  /** The axis of the slider, whose values are places on the axis. */
  let line = axis(null);
  /** Span of the slider, as places: wider than the limits, so that there is room to drag. */
  let span = { min: 0, max: 1 };
  /** Scale and estimate that the span was made for. */
  let spanOf = "";
  let estimate = "";
  /** Places of the handles. @type {[number, number]} */
  let put = [0, 1];
  /** The handle that is being dragged. @type {number | null} */
  let held = null;

  /** @param {Limits} limits */
  const set = (limits) => viewer.setState({ layers: [{ name, limits }] });

  const values = histogram(viewer, (edges) => viewer.histogram({ field: name, edges }));
  const bar = make("div", { class: "contrast-slider" });
  const slider = create(bar, {
    start: [0, 1],
    range: span,
    connect: true,
    behaviour: "drag",
    // A handle cannot be dragged while it moves to its place.
    animate: false,
    // By default values pass through toFixed(2); those of a posterior are far smaller.
    format: { to: (value) => value, from: Number },
    ariaFormat: { to: (place) => fine(line.value(place), (scale.from === null ? scale.high - scale.low : line.value(place)) / 1000) },
    keyboardDefaultStep: 100,
    handleAttributes: [
      { "aria-label": `${name}: lower limit` },
      { "aria-label": `${name}: upper limit` },
    ],
  });
  slider.on("start", (_values, handle) => (held = handle));
  slider.on("end", () => {
    held = null;
    slider.set(places(), false, true); // a handle that was dragged beyond the other one goes back
  });
  slider.on("slide", (_values, handle, [low, high]) => {
    if (low === undefined || high === undefined || layer === null) return;
    const near = (span.max - span.min) * 1e-9;
    // The bar between the handles drags both.
    const both = Math.abs(low - put[0]) > near && Math.abs(high - put[1]) > near && (layer.center ?? null) === null;
    const side = /** @type {Side} */ (handle);
    if (both && exact(low) < exact(high)) set([exact(low), exact(high)]);
    if (both) return;
    const next = moved(layer, scale, side, exact(side === 0 ? low : high));
    if ("limits" in next) set(next.limits);
  });

  /**
   * The value at a place, rounded: dragging is no more exact than this, and the boxes stay readable.
   *
   * @param {number} place
   */
  function exact(place) {
    const value = line.value(place);
    return scale.from === null ? rounded(value, span.max - span.min) : Number(value.toPrecision(3));
  }

  /** @returns {[number, number]} */
  function places() {
    const within = (/** @type {number} */ value) => Math.min(Math.max(line.place(value), span.min), span.max);
    return [within(scale.low), within(scale.high)];
  }

  const boxes = /** @type {const} */ (["lower", "upper"]).map((which, side) => {
    const input = make("input", {
      type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": `${name}: ${which} limit, typed`,
    });
    return { input, box: limitBox(input, /** @type {Side} */ (side), { set: (_layer, limits) => set(limits), say }) };
  });
  const auto = button("Auto", "Estimated limits (C, or a right click above)", () => viewer.autoContrast(name));
  const once = button("Frame", "Lowest and highest value of the frame on screen, once", () => viewer.autoContrast(name, "frame"));
  const follow = button("Follow", "Lowest and highest value of whichever frame is on screen", () => set(layer?.limits === "frame" ? null : "frame"));
  const full = button("Full", "Lowest and highest of all sampled values", () => viewer.autoContrast(name, "full"));
  const about = make("p", { class: "hint" });
  const element = make("div", { class: "contrast" },
    make("div", { class: "values", title: "Histogram of the sampled values, with log counts; the line is the frame on screen" }, values.element, bar),
    make("div", { class: "limits" }, ...boxes.map(({ input }) => input)),
    make("div", { class: "origins" }, auto, once, follow, full),
    about);
  element.firstElementChild?.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    if (held === null) viewer.autoContrast(name); // a finger that rests on a handle is not a right click
  });

  /** Span for the limits, with room around them; not below zero where the lower limit is not. */
  function spanAround() {
    const { low, high, from } = scale;
    if (from !== null) {
      // All values below the floor have one colour.
      const start = Math.min(from > low ? from : from / 10, high / 10);
      line = axis(start);
      return { min: line.place(start), max: line.place(high * 10) };
    }
    line = axis(null);
    const size = high - low;
    return { min: low >= 0 ? Math.max(low - size, 0) : low - size, max: high + size };
  }

  /** Whether the limits still fit into the span: it stays as it is where possible, as handles would move otherwise. */
  function fits() {
    const least = scale.from ?? scale.low;
    const [low, high] = [line.place(least), line.place(scale.high)];
    const near = (span.max - span.min) * 1e-9;
    return least >= line.value(span.min - near) && high <= span.max + near && high - low > (span.max - span.min) * LEAST_SHARE;
  }

  return {
    element,
    /** Counts values again: they have changed. */
    counted: values.draw,
    /**
     * @param {Layer} now
     * @param {Range | null} range
     * @param {boolean} refining  whether the estimate will change
     */
    show(now, range, refining) {
      layer = now;
      const limits = now.limits ?? null;
      auto.setAttribute("aria-pressed", String(limits === null));
      follow.setAttribute("aria-pressed", String(limits === "frame"));
      const chunks = viewer.session?.fields.find((field) => field.name === name)?.chunks ?? 0;
      about.textContent = describe(limits, range, chunks, refining);
      about.title = range ? source(range) : "";
      if (range === null || !known(range)) {
        slider.disable();
        return;
      }
      slider.enable();
      scale = range;
      for (const { box } of boxes) box.show(now, scale);
      if (held !== null) {
        // A new span would move the dragged value. With symmetric limits, the other handle follows.
        if ((now.center ?? null) !== null) slider.setHandle(1 - held, places()[1 - held] ?? 0, false, true);
        return;
      }
      if (limits === null) estimate = `${scale.low} ${scale.high}`;
      const kind = `${scale.from === null ? "linear" : `log ${now.floor}`} ${estimate}`;
      if (kind !== spanOf || !fits()) {
        span = spanAround();
        spanOf = kind;
        put = places();
        slider.updateOptions({ range: span, start: put }, false);
        values.show(line, span);
      } else {
        put = places();
        slider.set(put, false, true);
      }
    },
  };
}

/**
 * @param {string} text
 * @param {string} title
 * @param {() => void} act
 */
function button(text, title, act) {
  const made = make("button", { type: "button", class: "small", title }, text);
  made.addEventListener("click", act);
  return made;
}

/**
 * Says which data an estimate was made from.
 *
 * @param {Range} range
 */
function source({ method, frames, chunks, bytes }) {
  if (frames === 0 || method === "frame") return "";
  if (chunks === 0) return "Stored in the session: every frame was looked at when it was packed";
  return `${count(frames)} frames, ${number(bytes / 2 ** 20, 3)} MiB as stored`;
}

/**
 * Says where the limits come from.
 *
 * @param {Limits} limits
 * @param {Range | null} range
 * @param {number} chunks  that the field has
 * @param {boolean} refining
 */
function describe(limits, range, chunks, refining) {
  if (range === null || !known(range)) return "estimating…";
  const method = METHODS[range.method];
  if (["given", "frame", "link"].includes(range.method)) return method;
  const hand = Array.isArray(limits) ? `${limits[0] === null ? "upper" : "lower"} limit set by hand, ` : "";
  if (range.chunks === 0) return `${hand}${method}, all ${count(range.frames)} frames`;
  const seed = range.method === "exact" || range.method === "strided" ? "" : `, seed ${range.seed}`;
  return `${hand}${refining ? "refining, " : ""}${method}, ${count(range.chunks)} of ${count(chunks)} chunks${seed}`;
}
