/**
 * Colour bars: the strip beside a layer's colormap, and the bar beside the picture with its limits.
 *
 * @typedef {import("./replayscope.js").Viewer} Viewer
 * @typedef {import("./replayscope.js").Layer} Layer
 * @typedef {import("./ranges.js").Ranges} Ranges
 */
import { element } from "./dom.js";
import { number, rounded } from "./format.js";
import { onLayers } from "./state.js";

/**
 * Paints a colormap as the shader applies it: position t along the limits has colour lut[t^gamma].
 *
 * @param {HTMLCanvasElement} canvas  256×1 pixels, or 1×256 with the top at 1
 * @param {Uint8Array} lut  256 RGB entries
 * @param {number} gamma
 */
export function paint(canvas, lut, gamma) {
  const context = canvas.getContext("2d");
  if (!context) return;
  const { width, height } = canvas;
  const image = context.createImageData(width, height);
  const steps = Math.max(width, height);
  for (let i = 0; i < steps; i += 1) {
    const t = (height > width ? steps - 1 - i : i) / (steps - 1);
    const entry = Math.round(t ** gamma * 255) * 3;
    image.data.set([...lut.subarray(entry, entry + 3), 255], i * 4);
  }
  context.putImageData(image, 0, 0);
}

/**
 * The bar beside the picture: the top visible field's colours and limits.
 *
 * @param {Viewer} viewer
 * @param {Ranges} ranges
 */
export function colorbar(viewer, ranges) {
  const figure = element("colorbar", HTMLElement);
  const canvas = element("colorbar-lut", HTMLCanvasElement);
  const high = element("colorbar-high", HTMLElement);
  const middle = element("colorbar-middle", HTMLElement);
  const low = element("colorbar-low", HTMLElement);
  const caption = element("colorbar-caption", HTMLElement);
  let painted = "";

  function show() {
    const layer = viewer.state().layers.findLast(({ kind, visible }) => kind === "field" && visible);
    const limits = layer ? ranges.inForce(layer) : null;
    // Blank, not gone: a bar that comes and goes would resize the picture.
    figure.classList.toggle("blank", !layer || limits === null);
    if (!layer || limits === null) return;
    const gamma = layer.gamma ?? 1;
    const wanted = `${layer.colormap} ${gamma}`;
    const lut = viewer.colormaps().find(({ name }) => name === layer.colormap)?.lut;
    if (lut && painted !== wanted) {
      paint(canvas, lut, gamma);
      painted = wanted;
    }
    const [bottom, top] = limits;
    const label = (/** @type {number} */ value) => number(rounded(value, top - bottom));
    high.textContent = label(top);
    middle.textContent = label((bottom + top) / 2);
    low.textContent = label(bottom);
    const units = viewer.session?.fields.find(({ name }) => name === layer.name)?.units;
    caption.textContent = caption.title = units ? `${layer.name} (${units})` : layer.name;
  }

  viewer.on("close", () => (figure.hidden = true));
  viewer.on("open", () => {
    figure.hidden = false;
    show();
  });
  viewer.on("range", show);
  onLayers(viewer, show);
}
