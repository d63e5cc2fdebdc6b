/**
 * The layer panel: one card a layer, the top layer first, as they lie in the picture.
 *
 * @typedef {import("./replayscope.js").Viewer} Viewer
 * @typedef {import("./replayscope.js").Layer} Layer
 * @typedef {import("./ranges.js").Ranges} Ranges
 * @typedef {import("./notices.js").Notices} Notices
 */
import { paint } from "./colorbar.js";
import { contrast } from "./contrast.js";
import { element, make } from "./dom.js";
import { onLayers } from "./state.js";

/**
 * @param {Viewer} viewer
 * @param {Ranges} ranges
 * @param {Notices} notices
 */
export function layerPanel(viewer, ranges, notices) {
  const list = element("layers", HTMLElement);
  /** @type {Map<string, ReturnType<typeof card>>} */
  let cards = new Map();
  let listed = "";

  function show() {
    const { layers } = viewer.state();
    const names = layers.map(({ name, kind }) => `${kind} ${name}`).join("\n");
    // Cards are made once a session, so that a control keeps its focus while its value changes.
    if (names !== listed) {
      cards = new Map(layers.map((layer) => [layer.name, card(viewer, layer, notices)]));
      list.replaceChildren(...[...cards.values()].reverse().map((made) => made.element));
      listed = names;
    }
    for (const layer of layers) cards.get(layer.name)?.show(layer, ranges);
  }

  viewer.on("close", () => {
    listed = "";
    list.replaceChildren();
  });
  viewer.on("open", show);
  viewer.on("range", show);
  onLayers(viewer, show);
}

/**
 * @param {Viewer} viewer
 * @param {Layer} layer  its name and kind; the values come with `show`
 * @param {Notices} notices
 */
function card(viewer, { name, kind }, notices) {
  /** @param {Partial<Layer>} patch */
  const set = (patch) => viewer.setState({ layers: [{ name, ...patch }] });

  const visible = make("input", { type: "checkbox" });
  visible.addEventListener("change", () => set({ visible: visible.checked }));
  const opacity = fraction(`${name}: opacity`, 0, 1, (value) => set({ opacity: value }));
  const field = kind === "field" ? fieldControls(viewer, name, set, notices) : null;
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
     * @param {Ranges} ranges
     */
    show(layer, ranges) {
      visible.checked = layer.visible;
      made.classList.toggle("off", !layer.visible);
      opacity.show(layer.opacity);
      field?.show(layer, ranges);
    },
  };
}

/**
 * The colour of a region.
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
 * What only a field has: contrast, gamma, colormap.
 *
 * @param {Viewer} viewer
 * @param {string} name
 * @param {(patch: Partial<Layer>) => void} set
 * @param {Notices} notices
 */
function fieldControls(viewer, name, set, notices) {
  const range = contrast(name, {
    set: (limits) => set({ limits }),
    auto: () => viewer.autoContrast(name),
    say: notices.say,
  });
  // napari's span, in which 1 lies comfortably.
  const gamma = fraction(`${name}: gamma`, 0.2, 2, (value) => set({ gamma: value }));
  const strip = make("canvas", { class: "strip", width: "256", height: "1", "aria-hidden": "true" });
  const colormap = make("select", { "aria-label": `${name}: colormap` },
    ...viewer.colormaps().map((map) => make("option", { value: map.name }, map.name)));
  colormap.addEventListener("change", () => set({ colormap: colormap.value }));
  let painted = "";

  return {
    elements: [
      control("contrast", range.element),
      control("gamma", gamma.element),
      control("colormap", make("span", { class: "colormap" }, colormap, strip)),
    ],
    /**
     * @param {Layer} layer
     * @param {Ranges} ranges
     */
    show(layer, ranges) {
      range.show(layer.limits ?? null, ranges.of(name));
      gamma.show(layer.gamma ?? 1);
      colormap.value = layer.colormap ?? "";
      const lut = viewer.colormaps().find((map) => map.name === layer.colormap)?.lut;
      if (lut && painted !== colormap.value) {
        paint(strip, lut, 1);
        painted = colormap.value;
      }
    },
  };
}

/**
 * A caption and its control. The controls carry their own labels, which name the layer too.
 *
 * @param {string} caption
 * @param {Element} made
 */
function control(caption, made) {
  return make("div", { class: "control" }, make("span", { class: "caption", "aria-hidden": "true" }, caption), made);
}

/**
 * A one-handled slider with its value beside it.
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
