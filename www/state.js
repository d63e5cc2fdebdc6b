/**
 * Listeners for a part of the state, and for frames at a lower rate: most changes of the state are of time alone, many a second.
 *
 * @typedef {import("./replayscope.js").Viewer} Viewer
 * @typedef {import("../replayscope.js").Layer} Layer
 */

/** Least time between two calls of a throttled function. */
const EVERY_MS = 125;

/**
 * Calls `act` when the layers have changed.
 *
 * @param {Viewer} viewer
 * @param {(layers: Layer[]) => void} act
 */
export function onLayers(viewer, act) {
  let seen = "";
  viewer.on("state", ({ layers }) => {
    const now = JSON.stringify(layers);
    if (now !== seen) act(layers);
    seen = now;
  });
}

/**
 * Makes a function that calls `act` a little later, once for all calls until then, if a session is still open.
 *
 * @param {Pick<Viewer, "session">} viewer
 * @param {() => void} act
 */
export function throttled(viewer, act) {
  let timer = 0;
  return () => {
    timer ||= window.setTimeout(() => {
      timer = 0;
      if (viewer.session !== null) act();
    }, EVERY_MS);
  };
}
