/**
 * The colour bar, the legend of the picture: colours of the top visible field, its limits in boxes, and the colours of values
 * beyond the limits and of no data.
 *
 * @typedef {import("./replayscope.js").Viewer} Viewer
 * @typedef {import("../replayscope.js").Layer} Layer
 * @typedef {import("./scale.js").Scale} Scale
 */
import { withTable } from "./colormaps.js";
import { element, make } from "./dom.js";
import { fine } from "./format.js";
import { known, limitBox } from "./limits.js";
import { axis, ticks } from "./scale.js";
import { onLayers, throttled } from "./state.js";

const STEPS = 256;

/**
 * @param {Viewer} viewer
 * @param {(text: string) => void} say
 */
export function colorbar(viewer, say) {
  const figure = element("colorbar", HTMLElement);
  const canvas = make("canvas", { id: "colorbar-lut", width: "1", height: String(STEPS), "aria-hidden": "true" });
  const marks = make("div", { id: "colorbar-ticks" });
  const caption = make("figcaption", { id: "colorbar-caption" });
  const input = (/** @type {string} */ id, /** @type {string} */ label) => make("input", {
    id, type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": label,
  });
  const [upper, lower] = [input("colorbar-high", "Upper limit"), input("colorbar-low", "Lower limit")];
  const actions = {
    set: (/** @type {string} */ name, /** @type {import("./limits.js").Limits} */ limits) => viewer.setState({ layers: [{ name, limits }] }),
    say,
  };
  const high = limitBox(upper, 1, actions);
  const low = limitBox(lower, 0, actions);
  const swatch = (/** @type {string} */ id) => make("span", { id: `colorbar-${id}-color`, class: "swatch" });
  /** Values that have no place on the bar, one of each kind, and where their colours are shown. @type {[[number, HTMLElement], [number, HTMLElement], [number, HTMLElement]]} */
  const beyond = [[Infinity, swatch("over")], [-Infinity, swatch("under")], [NaN, swatch("no-data")]];
  const [[, over], [, under], [, noData]] = beyond;
  figure.append(
    caption,
    make("span", { class: "legend", title: "Above the upper limit" }, over, "> max"),
    upper,
    make("div", { id: "colorbar-bar" }, canvas, marks),
    lower,
    make("span", { class: "legend", title: "Below the lower limit" }, under, "< min"),
    make("span", { class: "legend", title: "NaN" }, noData, "no data"),
  );
  /** @type {Layer | undefined} */
  let top;
  let painted = "";
  let marked = "";

  /** @param {Layer[]} layers */
  function show(layers) {
    top = layers.findLast(({ kind, visible }) => kind === "field" && visible);
    const range = top ? viewer.range({ field: top.name }) : null;
    const scale = range && known(range) ? { low: range.low, high: range.high, from: range.from } : null;
    // Blank, not hidden: a bar that comes and goes would resize the picture.
    figure.classList.toggle("blank", scale === null);
    if (!top || scale === null) return;
    const units = viewer.session?.fields.find(({ name }) => name === top?.name)?.units;
    caption.textContent = caption.title = units ? `${top.name} (${units})` : top.name;
    high.show(top, scale);
    low.show(top, scale);
    mark(scale);
    color(top, scale);
  }

  /** @param {Scale} scale */
  function mark(scale) {
    const now = JSON.stringify(scale);
    if (now === marked) return;
    marked = now;
    const { place } = axis(scale.from);
    const [start, stop] = [place(scale.low), place(scale.high)];
    const values = ticks(scale);
    // The labels of ticks need the digits of the smallest step; of a logarithmic scale, those of its least tick.
    const steps = values.slice(1).map((value, at) => value - (values[at] ?? 0));
    const finest = Math.min(scale.high - scale.low, ...steps, ...(scale.from === null ? [] : values));
    marks.replaceChildren(...values.map((value) => {
      const tick = make("span", {}, fine(value, finest));
      tick.style.bottom = `${(place(value) - start) / (stop - start) * 100}%`;
      return tick;
    }));
  }

  /**
   * @param {Layer} layer
   * @param {Scale} scale
   */
  function color(layer, scale) {
    const { name, colormap = "", gamma, reversed, steps, fade, noData, under, over } = layer;
    const wanted = JSON.stringify([name, colormap, gamma, reversed, steps, fade, noData, under, over, scale]);
    if (painted === wanted) return;
    painted = wanted;
    // A colormap that is not fetched yet is drawn as the default one, as in the picture.
    if (!withTable(viewer, colormap, () => painted === wanted && paint(name, scale))) paint(name, scale);
  }

  /**
   * @param {string} field
   * @param {Scale} scale
   */
  function paint(field, scale) {
    const line = axis(scale.from);
    const [start, stop] = [line.place(scale.low), line.place(scale.high)];
    const along = Array.from({ length: STEPS }, (_, at) => line.value(start + (stop - start) * (1 - (at + 0.5) / STEPS)));
    const colors = viewer.colors({ field, values: [...along, ...beyond.map(([value]) => value)] });
    const context = canvas.getContext("2d");
    const image = context?.createImageData(1, STEPS);
    if (!context || !image || colors.length === 0) return;
    image.data.set(colors.subarray(0, STEPS * 4));
    context.putImageData(image, 0, 0);
    beyond.forEach(([, swatch], at) => {
      const [red = 0, green = 0, blue = 0, alpha = 0] = colors.subarray((STEPS + at) * 4);
      // Over chequers, which show through transparent colours, as behind the bar.
      swatch.style.boxShadow = `inset 0 0 0 1em rgb(${red} ${green} ${blue} / ${alpha / 255})`;
    });
  }

  const showNow = () => show(viewer.state().layers);
  const showSoon = throttled(viewer, showNow);
  viewer.on("close", () => {
    figure.hidden = true;
    top = undefined;
  });
  viewer.on("open", () => {
    figure.hidden = false;
    painted = marked = "";
    showNow();
  });
  viewer.on("range", showNow);
  viewer.on("frame", () => top?.limits === "frame" && showSoon());
  onLayers(viewer, show);
}
