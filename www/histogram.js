/**
 * A histogram: sampled values as bars, and values of the frame on screen as a line. Heights are log(1 + count), each of the two
 * relative to its own maximum.
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
  // SVG, not a canvas: the style sheet has its colours, in both themes and at any pixel ratio.
  const sample = svg("path", { class: "sample" });
  const frame = svg("path", { class: "frame" });
  const element = svg("svg", {
    class: "histogram", viewBox: `0 0 ${BARS} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true",
  });
  element.append(sample, frame);
  /** @type {number[]} */
  let edges = [];
  let shown = "";

  const draw = throttled(viewer, () => {
    const counts = edges.length > 0 ? count(edges) : null;
    outline(sample, counts?.sample ?? []);
    outline(frame, counts?.frame ?? []);
  });

  return {
    element,
    /** Counts and draws again, soon. */
    draw,
    /**
     * @param {Axis} axis
     * @param {{ min: number, max: number }} span  places on the axis
     */
    show(axis, { min, max }) {
      const now = Array.from({ length: BARS + 1 }, (_, at) => axis.value(min + (max - min) * (at / BARS)));
      if (now.join() === shown) return;
      edges = now;
      shown = now.join();
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
