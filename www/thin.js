/**
 * The note that bins are thinner on screen than a pixel, so that not all of them are drawn, and how to see them.
 *
 * @typedef {import("./replayscope.js").Viewer} Viewer
 * @typedef {import("../replayscope.js").Session} Session
 * @typedef {import("../replayscope.js").State} State
 * @typedef {[x: number, y: number]} Pair
 */
import { element } from "./dom.js";

/** How many bins are measured. */
const SAMPLES = 32;
/** Fitting each axis is offered where bins become thicker by more than this factor. */
const HELPS = 1.5;

/**
 * @param {Viewer} viewer
 * @param {import("./notices.js").Notices} notices
 */
export function thinBins(viewer, notices) {
  const note = element("thin", HTMLElement);
  const offer = element("thin-offer", HTMLElement);
  /** @type {Pair[][]} */
  let polygons = [];
  /** Session and view that the polygons are of. */
  let sampled = "";
  /** Session and view that a notice was shown for. */
  let noticed = "";

  element("fit-axes", HTMLButtonElement).addEventListener("click", () => fitAxes(viewer, true));

  /** Median thickness of bins, in pixels. @param {Pair} units  units of x and of y in a pixel */
  function typical(units) {
    const all = polygons.map((polygon) => thickness(polygon, units)).sort((a, b) => a - b);
    return all[all.length >> 1] ?? Infinity;
  }

  return {
    hide: () => (note.hidden = true),
    /**
     * @param {Session} session
     * @param {State["scene"]} scene
     * @param {Pair} units  units of x and of y in a device pixel
     * @param {Pair} pixels  size of the picture along x and along y
     */
    show(session, { linearised, fitAxes }, units, pixels) {
      const now = JSON.stringify([session.url, linearised]);
      if (now !== sampled) {
        sampled = now;
        const every = Math.max((session.bins - 1) / (SAMPLES - 1), 1);
        const bins = Array.from({ length: Math.min(SAMPLES, session.bins) }, (_, at) => Math.floor(at * every));
        polygons = bins.map((bin) => viewer.polygon(bin)).filter(({ length }) => length > 0);
      }
      const thick = typical(units);
      note.hidden = thick >= 1;
      if (note.hidden) return;
      const fitted = extent(linearised ? undefined : session.bounds, polygons).map((length, at) => length / (pixels[at] ?? 1));
      offer.hidden = fitAxes || !(typical(/** @type {Pair} */ (fitted)) > HELPS * thick);
      if (noticed !== now) notices.say("Bins are thinner than a pixel here, so not all of them are drawn: zoom in" +
        `${offer.hidden ? "" : ", or fit each axis (in the panel)"}.`);
      noticed = now;
    },
  };
}

/**
 * Shows the whole environment, with each axis fitted to the picture or with one scale for both.
 *
 * @param {Viewer} viewer
 * @param {boolean} fitAxes
 */
export function fitAxes(viewer, fitAxes) {
  viewer.setState({ scene: { fitAxes } });
  viewer.resetView();
}

/**
 * Thickness of a polygon in pixels: the shorter side of a rectangle of the same area and circumference.
 *
 * @param {Pair[]} polygon
 * @param {Pair} units  units of x and of y in a pixel
 */
export function thickness(polygon, [x, y]) {
  const [from = [0, 0]] = polygon;
  const corners = polygon.map((corner) => [(corner[0] - from[0]) / x, (corner[1] - from[1]) / y]);
  let [double, around] = [0, 0];
  corners.forEach(([x0 = 0, y0 = 0], at) => {
    const [x1 = 0, y1 = 0] = corners[(at + 1) % corners.length] ?? [];
    double += x0 * y1 - x1 * y0;
    around += Math.hypot(x1 - x0, y1 - y0);
  });
  const area = Math.abs(double) / 2;
  const mean = around / 4; // mean side
  return mean > 0 ? area / (mean + Math.sqrt(Math.max(mean ** 2 - area, 0))) : 0;
}

/**
 * Extent of the bins in x and in y.
 *
 * @param {Session["bounds"] | undefined} bounds  undefined: the extent of the polygons, the first and the last bin among them
 * @param {Pair[][]} polygons
 * @returns {Pair}
 */
function extent(bounds, polygons) {
  const reach = (/** @type {number[]} */ at) => Math.max(...at) - Math.min(...at);
  if (bounds) return [reach(bounds.x), reach(bounds.y)];
  const corners = polygons.flat();
  return [reach(corners.map(([x]) => x)), reach(corners.map(([, y]) => y))];
}
