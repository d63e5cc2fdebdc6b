/**
 * The handle: one viewer on one canvas. What the page, tests and embedders use; docs/handle.md is its reference.
 *
 * ```js
 * const viewer = await createViewer(document.querySelector("canvas"));
 * await viewer.open("https://host/session.zarr");
 * const { frame, time } = await viewer.seek({ time: 12.5 });
 * ```
 */
import init from "../replayscope.js";
import { ViewerError } from "./error.js";
import { extrasBeside } from "./extras.js";
import { Viewer } from "./viewer.js";

export { Viewer, ViewerError };

/** @type {Promise<unknown> | undefined} */
let wasm;

/**
 * Makes a viewer on a canvas. Opens nothing yet.
 *
 * @param {HTMLCanvasElement} canvas  `resize()` sets its size
 * @param {{ wasm?: string | URL }} [options]  `wasm`: the URL of replayscope_bg.wasm, which has
 *   replayscope_extras.wasm beside it; beside index.html where it is left out
 * @returns {Promise<Viewer>}
 * @throws {ViewerError} code "no-webgpu" where the browser offers no WebGPU
 */
export async function createViewer(canvas, options = {}) {
  if (!("gpu" in navigator)) {
    // Checked before the wasm is fetched: a browser that cannot draw should not download it.
    throw new ViewerError("no-webgpu", isSecureContext
      ? "This browser offers no WebGPU (navigator.gpu is missing)."
      : "Browsers offer WebGPU to secure pages only: open this page over https:// or from localhost.");
  }
  // Named here: the glue is bundled into another file, so its own default is wrong.
  if (options.wasm) extrasBeside(options.wasm);
  wasm ??= init({ module_or_path: options.wasm ?? new URL("../replayscope_bg.wasm", import.meta.url) });
  try {
    await wasm;
  } catch (error) {
    wasm = undefined; // the next call may try again
    throw error;
  }
  return Viewer.create(canvas);
}
