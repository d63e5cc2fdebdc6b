/**
 * The panels around the picture of an open session: time bar, layers, colour bar, status bar, and the keys. They are fetched while
 * the first session opens, or once the page has nothing else to do: the opening card needs none of them.
 *
 * @typedef {import("./replayscope.js").Viewer} Viewer
 * @typedef {import("./notices.js").Notices} Notices
 */
import { colorbar } from "./colorbar.js";
import { element } from "./dom.js";
import { gapNote } from "./gaps.js";
import { keys } from "./keys.js";
import { layerPanel } from "./layers.js";
import { memoryPanel } from "./memory.js";
import { askRate } from "./rate.js";
import { scene } from "./scene.js";
import { sessionInfo } from "./session.js";
import { statusBar } from "./statusbar.js";
import { timebar } from "./timebar.js";

/**
 * @param {Viewer} viewer
 * @param {HTMLCanvasElement} canvas
 * @param {Notices} notices
 */
export function panels(viewer, canvas, notices) {
  const time = timebar(viewer, notices);
  layerPanel(viewer, notices);
  colorbar(viewer, notices.say);
  sessionInfo(viewer);
  statusBar(viewer, canvas, notices);
  scene(viewer, canvas, notices);
  gapNote(viewer);
  memoryPanel(viewer, notices);
  keys(viewer, time, canvas);

  const reset = element("reset-view", HTMLButtonElement);
  reset.addEventListener("click", () => viewer.resetView());
  viewer.on("open", () => (reset.disabled = false));
  viewer.on("close", () => (reset.disabled = true));
  return { time, askRate };
}
