/**
 * Input on the canvas: pointer and wheel move the camera, and the viewer gets the size of the canvas.
 *
 * @typedef {import("./replayscope.js").Viewer} Viewer
 */
import { followSize } from "./pixels.js";

/** A wheel movement of so many pixels doubles the zoom. */
const WHEEL_DOUBLES = 300;
/** The same of a pinch on a touchpad, which browsers report as a wheel with ctrlKey, in much smaller steps. */
const PINCH_DOUBLES = 60;
/** Pixels of one line, for wheels that count lines. */
const LINE_PX = 20;
/** A press that moves no further is a click. */
const CLICK_PX = 4;
/** The main button in `PointerEvent.buttons`; touching fingers and pens have it, too. */
export const MAIN = 1;

/**
 * @param {Viewer} viewer
 * @param {HTMLCanvasElement} canvas
 */
export function canvasInput(viewer, canvas) {
  /** Positions of pressed pointers, by id: one pans, two pinch. @type {Map<number, { x: number, y: number }>} */
  const down = new Map();
  /** Where a press began that may be a click, as it has not moved yet. @type {{ x: number, y: number } | null} */
  let pressed = null;

  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const pixels = event.deltaY * [1, LINE_PX, canvas.clientHeight][event.deltaMode ?? 0];
    const factor = 2 ** (-pixels / (event.ctrlKey ? PINCH_DOUBLES : WHEEL_DOUBLES));
    viewer.zoom({ factor, x: event.offsetX, y: event.offsetY });
  }, { passive: false });

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    pressed = down.size === 0 ? { x: event.offsetX, y: event.offsetY } : null;
    down.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    canvas.classList.add("dragged");
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (!before) return;
    // The pointer was released where this page gets no event, for example over a menu of the system.
    if ((event.buttons & MAIN) === 0) return release(event);
    const now = { x: event.offsetX, y: event.offsetY };
    if (pressed && Math.hypot(now.x - pressed.x, now.y - pressed.y) <= CLICK_PX) return;
    pressed = null;
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const factor = Math.hypot(now.x - other.x, now.y - other.y) / Math.hypot(before.x - other.x, before.y - other.y);
      if (Number.isFinite(factor) && factor > 0) viewer.zoom({ factor, ...other });
    } else {
      viewer.pan({ dx: now.x - before.x, dy: now.y - before.y });
    }
    down.set(event.pointerId, now);
  });
  /** @param {PointerEvent} event */
  function release({ pointerId }) {
    pressed = null;
    down.delete(pointerId);
    canvas.classList.toggle("dragged", down.size > 0);
  }
  canvas.addEventListener("pointerup", (event) => {
    if (pressed) pin(viewer, pressed);
    release(event);
  });
  for (const type of /** @type {const} */ (["pointercancel", "lostpointercapture"])) canvas.addEventListener(type, release);
  canvas.addEventListener("dblclick", () => viewer.resetView());

  followSize(canvas, ({ width, height, ratio }) => {
    if (!viewer.destroyed) viewer.resize({ width, height, dpr: ratio });
  });
}

/**
 * Pins or unpins the bin at a point of the canvas.
 *
 * @param {Viewer} viewer
 * @param {{ x: number, y: number }} point  CSS pixels
 */
export function pin(viewer, point) {
  const bin = viewer.probe(point)?.bin ?? null;
  if (bin !== null) togglePin(viewer, bin);
}

/**
 * Pins or unpins a bin.
 *
 * @param {Viewer} viewer
 * @param {number} bin
 */
export function togglePin(viewer, bin) {
  const { pinned } = viewer.state();
  viewer.setState({ pinned: pinned.includes(bin) ? pinned.filter((other) => other !== bin) : [...pinned, bin] });
}
