/**
 * How often values occur: the sampled ones as bars, those of the frame on screen as a line. Each is as high as its own most
 * frequent values are, by the logarithm of one more than the count.
 *
 * @typedef {import("./scale.js").Axis} Axis
 * @typedef {{ sample: number[], frame: number[] }} Counts
 */
import { throttled } from "./state.js";

const BARS = 64;
const HEIGHT = 40;

/**
 * @param {import("./replayscope.js").Viewer} viewer
 * @param {(edges: number[]) => Counts | null} count
 */
export function histogram(viewer, count) {
  // Not a canvas: the colours are the style sheet's, in both themes and at any pixel ratio.
  const sample = svg("path", { class: "sample" });
  const frame = svg("path", { class: "frame" });
  const element = svg("svg", {
    class: "histogram", viewBox: `0 0 ${BARS} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true",
  });
  element.append(sample, frame);
  /** @type {number[]} */
  let edges = [];
  let spanned = "";

  const draw = throttled(viewer, () => {
    const counts = edges.length > 0 ? count(edges) : null;
    outline(sample, counts?.sample ?? []);
    outline(frame, counts?.frame ?? []);
  });

  return {
    element,
    /** Counts again, soon. */
    draw,
    /**
     * @param {Axis} axis
     * @param {{ min: number, max: number }} span  places on it
     */
    show(axis, { min, max }) {
      const now = Array.from({ length: BARS + 1 }, (_, at) => axis.value(min + (max - min) * (at / BARS)));
      if (now.join() === spanned) return;
      edges = now;
      spanned = now.join();
      draw();
    },
  };
}

/**
 * @param {SVGElement} path
 * @param {number[]} counts
 */
function outline(path, counts) {
  const most = Math.max(...counts, 0);
  const steps = counts.map((count, at) => `V${(HEIGHT * (1 - Math.log1p(count) / Math.log1p(most))).toFixed(1)}H${at + 1}`);
  const line = most > 0 ? `M0 ${HEIGHT}${steps.join("")}V${HEIGHT}` : "";
  if (path.getAttribute("d") !== line) path.setAttribute("d", line);
}

/**
 * @param {"svg" | "path"} tag
 * @param {Record<string, string>} attributes
 */
function svg(tag, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
