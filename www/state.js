/**
 * Parts of the state, for those whom the rest does not concern: most changes are of time alone, many a second.
 *
 * @typedef {import("./replayscope.js").Viewer} Viewer
 */

/**
 * Calls `act` when what the layers look like has changed.
 *
 * @param {Viewer} viewer
 * @param {() => void} act
 */
export function onLayers(viewer, act) {
  let seen = "";
  viewer.on("state", ({ layers }) => {
    const now = JSON.stringify(layers);
    if (now !== seen) act();
    seen = now;
  });
}
