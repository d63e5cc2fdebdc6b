/**
 * Bins that are thinner on screen than a pixel: not each of them is drawn then, which the reader is told, with a way to see them.
 *
 * @typedef {import("./replayscope.js").Viewer} Viewer
 * @typedef {import("../replayscope.js").Session} Session
 * @typedef {import("../replayscope.js").State} State
 * @typedef {[x: number, y: number]} Pair
 */
import { element } from "./dom.js";

/** Bins that are looked at, of all. */
const SAMPLES = 32;
/** Fitting each axis is no help where bins would hardly be thicker. */
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
  /** Of what they were taken. */
  let sampled = "";
  let told = "";

  element("fit-axes", HTMLButtonElement).addEventListener("click", () => fitAxes(viewer, true));

  /** How thick most bins are, in pixels. @param {Pair} units  in a pixel, of x and of y */
  function typical(units) {
    const all = polygons.map((polygon) => thickness(polygon, units)).sort((a, b) => a - b);
    return all[all.length >> 1] ?? Infinity;
  }

  return {
    hide: () => (note.hidden = true),
    /**
     * @param {Session} session
     * @param {State["scene"]} scene
     * @param {Pair} units  in a device pixel, of x and of y
     * @param {Pair} pixels  of the picture, along x and along y
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
      if (told !== now) notices.say("Bins are thinner than a pixel here, so not all of them are drawn: zoom in" +
        `${offer.hidden ? "" : ", or fit each axis (in the panel)"}.`);
      told = now;
    },
  };
}

/**
 * Shows the whole, each axis as long as the picture; or a unit as long in x as in y again.
 *
 * @param {Viewer} viewer
 * @param {boolean} fitAxes
 */
export function fitAxes(viewer, fitAxes) {
  viewer.setState({ scene: { fitAxes } });
  viewer.resetView();
}

/**
 * The shorter side of a polygon, were it the rectangle of its area and circumference, however it lies; in pixels.
 *
 * @param {Pair[]} polygon
 * @param {Pair} units  in a pixel, of x and of y
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
  const mean = around / 4; // of its sides
  return mean > 0 ? area / (mean + Math.sqrt(Math.max(mean ** 2 - area, 0))) : 0;
}

/**
 * How far bins reach in x and in y.
 *
 * @param {Session["bounds"] | undefined} bounds  undefined: those of some bins, the first and the last one among them
 * @param {Pair[][]} polygons
 * @returns {Pair}
 */
function extent(bounds, polygons) {
  const reach = (/** @type {number[]} */ at) => Math.max(...at) - Math.min(...at);
  if (bounds) return [reach(bounds.x), reach(bounds.y)];
  const corners = polygons.flat();
  return [reach(corners.map(([x]) => x)), reach(corners.map(([, y]) => y))];
}
