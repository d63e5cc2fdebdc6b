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
 * @param {HTMLCanvasElement} canvas  its CSS size is told by `resize()`
 * @param {{ wasm?: string | URL }} [options]  `wasm`: where replayscope_bg.wasm lies, with
 *   replayscope_extras.wasm beside it, if not beside index.html
 * @returns {Promise<Viewer>}
 * @throws {ViewerError} code "no-webgpu" where the browser offers no WebGPU
 */
export async function createViewer(canvas, options = {}) {
  if (!("gpu" in navigator)) {
    // Asked before the wasm is fetched: a browser that cannot draw should not download it.
    throw new ViewerError("no-webgpu", isSecureContext
      ? "This browser offers no WebGPU (navigator.gpu is missing)."
      : "Browsers offer WebGPU to secure pages only: open this page over https:// or from localhost.");
  }
  // From here: bundled into this file, the glue does not know where it was written.
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
