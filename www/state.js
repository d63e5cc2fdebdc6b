/**
 * Parts of the state, for those whom the rest does not concern: most changes are of time alone, many a second.
 *
 * @typedef {import("./replayscope.js").Viewer} Viewer
 * @typedef {import("../replayscope.js").Layer} Layer
 */

/** What follows the frames only for the eye follows so often. */
const EVERY_MS = 125;

/**
 * Calls `act` when what the layers look like has changed.
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
 * Acts a little later, once for all calls until then, if there is still a session.
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
