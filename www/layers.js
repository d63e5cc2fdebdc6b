/**
 * The layer panel: one card for each layer, the top layer first.
 *
 * @typedef {import("./replayscope.js").Viewer} Viewer
 * @typedef {import("../replayscope.js").Layer} Layer
 * @typedef {import("./notices.js").Notices} Notices
 * @typedef {ReturnType<typeof colormapPicker>} Picker
 */
import { coloring } from "./coloring.js";
import { colormapPicker } from "./colormaps.js";
import { contrast } from "./contrast.js";
import { element, make } from "./dom.js";
import { onLayers, throttled } from "./state.js";

/**
 * @param {Viewer} viewer
 * @param {Notices} notices
 */
export function layerPanel(viewer, notices) {
  const list = element("layers", HTMLElement);
  const picker = colormapPicker(viewer, notices.report);
  /** @type {Map<string, ReturnType<typeof card>>} */
  let cards = new Map();
  let listed = "";
  /** Layers whose estimate will change. @type {Set<string>} */
  const refining = new Set();

  /** @param {Layer[]} layers */
  function show(layers) {
    const names = layers.map(({ name, kind }) => `${kind} ${name}`).join("\n");
    // Cards are made once for a session, so that a control keeps its focus while its value changes.
    if (names !== listed) {
      cards = new Map(layers.map((layer) => [layer.name, card(viewer, picker, layer, notices)]));
      list.replaceChildren(...[...cards.values()].reverse().map((made) => made.element));
      listed = names;
    }
    for (const layer of layers) cards.get(layer.name)?.show(layer, refining.has(layer.name));
  }

  const showNow = () => show(viewer.state().layers);
  viewer.on("close", () => {
    listed = "";
    list.replaceChildren();
    cards = new Map();
    refining.clear();
  });
  viewer.on("open", showNow);
  viewer.on("range", ({ layer, final }) => {
    if (final) refining.delete(layer);
    else refining.add(layer);
    showNow();
    cards.get(layer)?.counted();
  });
  viewer.on("frame", () => {
    for (const card of cards.values()) card.counted();
  });
  onLayers(viewer, show);
}

/**
 * @param {Viewer} viewer
 * @param {Picker} picker
 * @param {Layer} layer  only its name and kind are used; `show` sets the values
 * @param {Notices} notices
 */
function card(viewer, picker, { name, kind }, notices) {
  /** @param {Partial<Layer>} patch */
  const set = (patch) => viewer.setState({ layers: [{ name, ...patch }] });

  const visible = make("input", { type: "checkbox" });
  visible.addEventListener("change", () => set({ visible: visible.checked }));
  const opacity = fraction(`${name}: opacity`, 0, 1, (value) => set({ opacity: value }));
  const field = kind === "field" ? fieldControls(viewer, picker, name, set, notices) : null;
  const made = make("li", { class: `layer ${kind}` },
    make("label", { class: "layer-name" }, visible,
      ...swatch(viewer, name, kind),
      make("span", { class: "name" }, name),
      make("span", { class: "kind" }, kind)),
    control("opacity", opacity.element),
    ...(field?.elements ?? []));

  return {
    element: made,
    /**
     * @param {Layer} layer
     * @param {boolean} refining  whether its estimate will change
     */
    show(layer, refining) {
      visible.checked = layer.visible;
      made.classList.toggle("off", !layer.visible);
      opacity.show(layer.opacity);
      field?.show(layer, refining);
    },
    /** Counts values again: they have changed. */
    counted: () => field?.counted(),
  };
}

/**
 * Makes a swatch in the colour of a region.
 *
 * @param {Viewer} viewer
 * @param {string} name
 * @param {string} kind
 */
function swatch(viewer, name, kind) {
  const region = kind === "region" ? viewer.session?.regions.find((other) => other.name === name) : undefined;
  if (!region) return [];
  const made = make("span", { class: "swatch", "aria-hidden": "true" });
  made.style.background = region.color;
  return [made];
}

/**
 * Makes the controls of a field: contrast, gamma, colormap and colour scale.
 *
 * @param {Viewer} viewer
 * @param {Picker} picker
 * @param {string} name
 * @param {(patch: Partial<Layer>) => void} set
 * @param {Notices} notices
 */
function fieldControls(viewer, picker, name, set, notices) {
  const range = contrast(viewer, name, notices.say);
  // The span that napari has.
  const gamma = fraction(`${name}: gamma`, 0.2, 2, (value) => set({ gamma: value }));
  const colormap = picker.button(name, (chosen) => set({ colormap: chosen }));
  const more = coloring(name, set, notices.say);
  /** The layer as it is shown. @type {Layer | undefined} */
  let shown;
  let refines = false;

  /**
   * @param {Layer} layer
   * @param {boolean} refining
   */
  function show(layer, refining) {
    const appears = layer.visible && !shown?.visible;
    [shown, refines] = [layer, refining];
    const inForce = viewer.range({ field: name });
    range.show(layer, inForce, refining);
    gamma.show(layer.gamma ?? 1);
    colormap.show(layer.colormap ?? "");
    more.show(layer, inForce);
    if (appears) range.counted();
  }
  const showSoon = throttled(viewer, () => shown && show(shown, refines));

  return {
    elements: [
      control("contrast", range.element),
      control("gamma", gamma.element),
      control("colormap", colormap.element),
      more.element,
    ],
    show,
    counted() {
      if (!shown?.visible) return; // its card is closed, too
      range.counted();
      if (shown.limits === "frame") showSoon();
    },
  };
}

/**
 * Puts a caption before a control. The controls have their own labels, which name the layer.
 *
 * @param {string} caption
 * @param {Element} made
 */
function control(caption, made) {
  return make("div", { class: "control" }, make("span", { class: "caption", "aria-hidden": "true" }, caption), made);
}

/**
 * Makes a slider with its value beside it.
 *
 * @param {string} label
 * @param {number} min
 * @param {number} max
 * @param {(value: number) => void} set
 */
function fraction(label, min, max, set) {
  const input = make("input", {
    type: "range", min: String(min), max: String(max), step: "0.01", "aria-label": label,
  });
  const value = make("output");
  input.addEventListener("input", () => set(input.valueAsNumber));
  return {
    element: make("span", { class: "fraction" }, input, value),
    /** @param {number} now */
    show(now) {
      input.value = String(now);
      value.textContent = now.toFixed(2);
    },
  };
}
