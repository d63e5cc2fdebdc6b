/**
 * What is around the bins: scale bar, axes, pinned bins, and the controls of all that.
 *
 * @typedef {import("./replayscope.js").Viewer} Viewer
 * @typedef {import("../replayscope.js").State} State
 */
import { togglePin } from "./canvas.js";
import { element, make } from "./dom.js";
import { count, fine, number, place, step } from "./format.js";
import { followSize } from "./pixels.js";
import { fitAxes, thinBins } from "./thin.js";

/** The bar is about this share of the picture's width. */
const BAR = 0.2;
/** Ticks are about this far apart, along the bottom and along the left side. */
const TICK_PX = { x: 90, y: 60 };
/** How far from the corner they begin. */
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
 * Scale bar and axes, by the viewer's own transform; and how thick bins are by it.
 *
 * @param {Viewer} viewer
 * @param {HTMLCanvasElement} canvas
 * @param {ReturnType<typeof thinBins>} thin
 */
function rulers(viewer, canvas, thin) {
  const bar = element("scale-bar", HTMLElement);
  const axes = element("axes", HTMLElement);
  /** Of the canvas. */
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
    const length = step(across * BAR);
    bar.style.width = `${length / across * width}px`;
    bar.textContent = `${fine(length, length / 10)}${units}${scene.fitAxes ? ` in ${axisAlong(corner, right)}` : ""}`;
    const up = Math.hypot(top.x - corner.x, top.y - corner.y);
    /** @param {number} a @param {number} b @returns {[number, number]} */
    const ofAxes = (a, b) => (axisAlong(corner, right) === "x" ? [a, b] : [b, a]);
    const pixels = ofAxes(width * ratio, height * ratio);
    thin.show(session, scene, ofAxes(across / (width * ratio), up / (height * ratio)), pixels);
    const marks = [...side(corner, right, width, "x"), ...side(corner, top, height, "y")];
    // A strip has no second dimension.
    axes.replaceChildren(...marks.filter(({ name }) => !scene.linearised || name === "x").map(({ mark }) => mark));
  }

  /**
   * Ticks along one side of the picture.
   *
   * @param {{ x: number, y: number }} from
   * @param {{ x: number, y: number }} to
   * @param {number} pixels
   * @param {"x" | "y"} along  the bottom or the left
   */
  function side(from, to, pixels, along) {
    const axis = axisAlong(from, to);
    const [start, stop] = [from[axis], to[axis]];
    const every = step(Math.abs(stop - start) * TICK_PX[along] / pixels);
    const [low, high] = [Math.ceil(Math.min(start, stop) / every), Math.floor(Math.max(start, stop) / every)];
    const marks = [];
    for (let i = low; i <= high && marks.length < 200; i += 1) {
      const value = i * every;
      const at = (value - start) / (stop - start) * pixels;
      if (at < CLEAR_PX[along]) continue; // where the other side has its labels
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
 * The axis of the environment that lies along a side of the picture: turned, it has y along its bottom.
 *
 * @param {{ x: number, y: number }} from
 * @param {{ x: number, y: number }} to
 */
const axisAlong = (from, to) => (Math.abs(to.x - from.x) > Math.abs(to.y - from.y) ? "x" : "y");

/**
 * The panel's switches.
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
 * A quarter turn further.
 *
 * @param {Viewer} viewer
 */
export function turn(viewer) {
  const rotation = /** @type {State["camera"]["rotation"]} */ ((viewer.state().camera.rotation + 90) % 360);
  viewer.setState({ camera: { rotation } });
}

/**
 * Pinned bins with their values on the frame that is on screen.
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
    // Side by side, centres are others.
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
