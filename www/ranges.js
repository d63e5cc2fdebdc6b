/**
 * The estimated limits of every field layer, as `range` events tell them: what is in force while a layer's own are null.
 *
 * @typedef {import("./replayscope.js").Viewer} Viewer
 * @typedef {import("./replayscope.js").Layer} Layer
 * @typedef {import("./replayscope.js").Events["range"]} Estimate
 */

/** @param {Viewer} viewer */
export function estimatedRanges(viewer) {
  /** @type {Map<string, Estimate>} */
  const estimates = new Map();
  viewer.on("open", () => estimates.clear());
  viewer.on("range", (estimate) => estimates.set(estimate.layer, estimate));
  return {
    /** @param {string} layer */
    of: (layer) => estimates.get(layer) ?? null,
    /**
     * @param {Layer} layer
     * @returns {[number, number] | null}  null until something is known
     */
    inForce: (layer) => layer.limits ?? estimates.get(layer.name)?.limits ?? null,
  };
}

/** @typedef {ReturnType<typeof estimatedRanges>} Ranges */
