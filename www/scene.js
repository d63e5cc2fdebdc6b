/**
 * Scale bar, axes and pinned bins, and the controls of the scene.
 *
 * @typedef {import("./replayscope.js").Viewer} Viewer
 * @typedef {import("../replayscope.js").State} State
 */
import { tickStep, ticks } from "d3-array";

import { togglePin } from "./canvas.js";
import { element, make } from "./dom.js";
import { count, fine, number, place } from "./format.js";
import { followSize } from "./pixels.js";
import { fitAxes, thinBins } from "./thin.js";

/** Length of the scale bar, about, as a share of the picture's width. */
const BAR = 0.2;
/** Distance of ticks, about, along the bottom (x) and along the left side (y), in CSS pixels. */
const TICK_PX = { x: 90, y: 60 };
/** No tick is nearer to the corner, in CSS pixels. */
const CLEAR_PX = { x: 48, y: 24 };

/**
 * @param {Viewer} viewer
 * @param {HTMLCanvasElement} canvas
 * @param {import("./notices.js").Notices} notices
 */
export function scene(viewer, canvas, notices) {
  rulers(viewer, canvas, thinBins(viewer, notices));
  switches(viewer);
  pins(viewer);
}

/**
 * Draws scale bar and axes by the viewer's own transform, and passes on how large a pixel is.
 *
 * @param {Viewer} viewer
 * @param {HTMLCanvasElement} canvas
 * @param {ReturnType<typeof thinBins>} thin
 */
function rulers(viewer, canvas, thin) {
  const bar = element("scale-bar", HTMLElement);
  const axes = element("axes", HTMLElement);
  /** Size of the canvas in CSS pixels, and device pixels in one of them. */
  let [width, height, ratio] = [0, 0, 1];
  let shown = "";

  /** @param {Pick<State, "camera" | "scene">} state */
  function show({ camera, scene }) {
    const session = viewer.session;
    const now = JSON.stringify([session?.url, camera, scene, width, height, ratio]);
    if (now === shown) return;
    shown = now;
    const nothing = !session || width === 0;
    bar.hidden = nothing || !scene.scaleBar;
    axes.hidden = nothing || !scene.axes;
    if (nothing) {
      thin.hide();
      return;
    }
    const corner = viewer.probe({ x: 0, y: height });
    const [right, top] = [viewer.probe({ x: width, y: height }), viewer.probe({ x: 0, y: 0 })];
    if (!corner || !right || !top) return;
    const units = session.units ? ` ${session.units}` : "";
    const across = Math.hypot(right.x - corner.x, right.y - corner.y);
    const length = tickStep(0, across * BAR, 1);
    bar.style.width = `${length / across * width}px`;
    bar.textContent = `${fine(length, length / 10)}${units}${scene.fitAxes ? ` in ${axisAlong(corner, right)}` : ""}`;
    const up = Math.hypot(top.x - corner.x, top.y - corner.y);
    /** @param {number} a @param {number} b @returns {[number, number]} */
    const ofAxes = (a, b) => (axisAlong(corner, right) === "x" ? [a, b] : [b, a]);
    const pixels = ofAxes(width * ratio, height * ratio);
    thin.show(session, scene, ofAxes(across / (width * ratio), up / (height * ratio)), pixels);
    const marks = [...side(corner, right, width, "x"), ...side(corner, top, height, "y")];
    // Bins side by side have no second dimension.
    axes.replaceChildren(...marks.filter(({ name }) => !scene.linearised || name === "x").map(({ mark }) => mark));
  }

  /**
   * Makes the ticks along one side of the picture.
   *
   * @param {{ x: number, y: number }} from
   * @param {{ x: number, y: number }} to
   * @param {number} pixels
   * @param {"x" | "y"} along  the bottom or the left
   */
  function side(from, to, pixels, along) {
    const axis = axisAlong(from, to);
    const [start, stop] = [from[axis], to[axis]];
    const [low, high, about] = [Math.min(start, stop), Math.max(start, stop), pixels / TICK_PX[along]];
    const every = tickStep(low, high, about);
    const marks = [];
    for (const value of ticks(low, high, about)) {
      const at = (value - start) / (stop - start) * pixels;
      if (at < CLEAR_PX[along]) continue; // the labels of the other side are there
      const mark = make("span", { class: `tick ${along}` }, fine(value, every));
      if (along === "x") mark.style.left = `${at}px`;
      else mark.style.bottom = `${at}px`;
      marks.push({ name: axis, mark });
    }
    const units = viewer.session?.units ? ` (${viewer.session.units})` : "";
    marks.push({ name: axis, mark: make("span", { class: `axis ${along}` }, `${axis}${units}`) });
    return marks;
  }

  const showNow = () => show(viewer.state());
  viewer.on("open", showNow);
  viewer.on("close", showNow);
  viewer.on("state", show);
  followSize(canvas, (size) => {
    ({ width, height, ratio } = size);
    if (!viewer.destroyed) showNow();
  });
}

/**
 * Says which axis of the environment lies along a side of the picture: after a quarter turn, y is along the bottom.
 *
 * @param {{ x: number, y: number }} from
 * @param {{ x: number, y: number }} to
 */
const axisAlong = (from, to) => (Math.abs(to.x - from.x) > Math.abs(to.y - from.y) ? "x" : "y");

/**
 * Connects the switches of the panel.
 *
 * @param {Viewer} viewer
 */
function switches(viewer) {
  const names = /** @type {const} */ (["scaleBar", "axes", "borders", "linearised", "fitAxes"]);
  const boxes = names.map((name) => /** @type {const} */ ([name, element(`scene-${name}`, HTMLInputElement)]));
  const background = element("scene-background", HTMLInputElement);
  const rotate = element("rotate", HTMLButtonElement);
  const side = element("scene-linearised-row", HTMLElement);
  for (const [name, box] of boxes) {
    box.addEventListener("change", () => (name === "fitAxes" ? fitAxes(viewer, box.checked) : viewer.setState({ scene: { [name]: box.checked } })));
  }
  background.addEventListener("input", () => viewer.setState({ scene: { background: background.value } }));
  rotate.addEventListener("click", () => turn(viewer));
  const controls = element("scene", HTMLFieldSetElement);
  /** @param {Pick<State, "scene">} state */
  const show = ({ scene }) => {
    for (const [name, box] of boxes) if (box.checked !== scene[name]) box.checked = scene[name];
    if (background.value !== scene.background) background.value = scene.background;
  };
  viewer.on("open", (session) => {
    controls.disabled = false;
    side.hidden = !session.linearised;
    show(viewer.state());
  });
  viewer.on("close", () => (controls.disabled = true));
  viewer.on("state", show);
}

/**
 * Rotates the view by 90°.
 *
 * @param {Viewer} viewer
 */
export function turn(viewer) {
  const rotation = /** @type {State["camera"]["rotation"]} */ ((viewer.state().camera.rotation + 90) % 360);
  viewer.setState({ camera: { rotation } });
}

/**
 * Lists pinned bins with their values on the frame on screen.
 *
 * @param {Viewer} viewer
 */
function pins(viewer) {
  const items = element("pins", HTMLElement);
  /** @type {Map<number, HTMLElement>} */
  let values = new Map();
  let listed = "";

  /** @param {Pick<State, "pinned" | "scene">} state */
  function list({ pinned, scene }) {
    // Bins side by side have other centres.
    const now = viewer.session ? JSON.stringify([pinned, scene.linearised]) : "";
    if (now === listed) return;
    listed = now;
    values = new Map(pinned.map((bin) => [bin, make("output")]));
    items.replaceChildren(...[...values].map(([bin, value]) => {
      const remove = make("button", { type: "button", class: "small", "aria-label": `Unpin bin ${count(bin)}` }, "×");
      remove.addEventListener("click", () => togglePin(viewer, bin));
      const center = viewer.bin(bin)?.center;
      return make("li", {}, make("span", {}, `bin ${count(bin)}${center ? ` at ${place(center, viewer.binSize)}` : ""}`), value, remove);
    }));
    read();
  }

  function read() {
    for (const [bin, output] of values) {
      const value = viewer.bin(bin)?.value ?? null;
      output.textContent = value === null ? "" : Number.isNaN(value) ? "NaN" : number(value);
    }
  }

  viewer.on("close", () => {
    listed = "";
    values = new Map();
    items.replaceChildren();
  });
  viewer.on("open", () => list(viewer.state()));
  viewer.on("state", list);
  viewer.on("frame", read);
}
