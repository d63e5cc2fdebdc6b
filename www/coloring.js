/**
 * The colour scale of a field: logarithmic, symmetric, reversed, in steps, fading, and colours beyond the limits and of no data.
 *
 * @typedef {import("../replayscope.js").Layer} Layer
 * @typedef {import("./scale.js").Scale} Scale
 */
import { editable, make } from "./dom.js";
import { decimal, typed } from "./format.js";
import { short } from "./limits.js";

/** Blue and vermillion of Okabe & Ito's palette, which the colour-blind tell apart. */
const ENDS = { under: "#0072b2", over: "#d55e00" };
const STEPS = { least: 2, most: 256 };

/**
 * @param {string} name  the layer's
 * @param {(patch: Partial<Layer>) => void} set
 * @param {(text: string) => void} say
 */
export function coloring(name, set, say) {
  const reversed = box("reversed", (checked) => set({ reversed: checked }));
  const fade = box("opacity from value", (checked) => set({ fade: checked }), "Transparent at the lower limit, opaque at the upper one");
  const log = box("log, from", (checked) => set({ log: checked }));
  const floor = number("least value of the log scale", (value) => {
    if (value !== null && !(value > 0)) return "The least value of a log scale has to be above 0.";
    set(value === null ? { floor: null } : { floor: value, log: true });
    return null;
  });
  const symmetric = box("symmetric about", (checked) => set({ center: checked ? decimal(center.input.value) || 0 : null }));
  const center = number("value in the middle", (value) => {
    set({ center: value ?? 0 });
    return null;
  });
  const steps = number("steps", (value) => {
    if (value !== null && !(Number.isInteger(value) && value >= STEPS.least && value <= STEPS.most)) {
      return `Type a whole number of steps from ${STEPS.least} to ${STEPS.most}, or nothing.`;
    }
    set({ steps: value });
    return null;
  });
  steps.input.placeholder = "continuous";
  const noData = color("colour of no data", (value) => set({ noData: value }));
  const under = end("below", "under");
  const over = end("above", "over");
  const straight = make("p", { class: "hint", hidden: "" }, "Shown linear: a log scale needs an upper limit above 0.");

  /**
   * @param {string} text
   * @param {(checked: boolean) => void} act
   * @param {string} [title]
   */
  function box(text, act, title = "") {
    const input = make("input", { type: "checkbox", "aria-label": `${name}: ${text}` });
    input.addEventListener("change", () => act(input.checked));
    return { input, label: make("label", { title }, input, text) };
  }

  /**
   * @param {string} label
   * @param {(value: number | null) => string | null} take  gets null of an empty box; returns what is wrong with the value, or null
   */
  function number(label, take) {
    const input = make("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": `${name}: ${label}` });
    const { show } = editable(input, (text) => {
      const value = text === "" ? null : decimal(text);
      const wrong = value === null || Number.isFinite(value) ? take(value) : `“${text}” is not a number.`;
      if (wrong !== null) say(wrong);
      return wrong === null;
    });
    return { input, show };
  }

  /**
   * @param {string} label
   * @param {(value: string) => void} act
   */
  function color(label, act) {
    const input = make("input", { type: "color", "aria-label": `${name}: ${label}` });
    input.addEventListener("input", () => act(input.value));
    return input;
  }

  /**
   * @param {string} text
   * @param {"under" | "over"} side
   */
  function end(text, side) {
    const own = box(text, (checked) => set({ [side]: checked ? input.value : null }), `A separate colour for values ${text} the limits`);
    const input = color(`colour ${text} the limits`, (value) => set({ [side]: value }));
    input.value = ENDS[side];
    return {
      elements: [own.label, input],
      /** @param {string | null} value */
      show(value) {
        own.input.checked = value !== null;
        if (value !== null) input.value = value;
      },
    };
  }

  return {
    element: make("details", { class: "coloring" },
      make("summary", {}, "colour scale"),
      make("div", {},
        reversed.label, fade.label,
        log.label, floor.input,
        symmetric.label, center.input,
        make("span", {}, "steps"), steps.input,
        make("span", {}, "no data"), noData,
        ...under.elements, ...over.elements,
        straight)),
    /**
     * @param {Layer} layer
     * @param {Scale | null} scale
     */
    show(layer, scale) {
      reversed.input.checked = layer.reversed ?? false;
      fade.input.checked = layer.fade ?? false;
      log.input.checked = layer.log ?? false;
      straight.hidden = !layer.log || scale === null || scale.from !== null;
      floor.show(layer.floor ? typed(layer.floor) : "");
      floor.input.placeholder = scale === null || scale.from === null ? "automatic" : typed(short(scale.from, scale));
      symmetric.input.checked = (layer.center ?? null) !== null;
      if (symmetric.input.checked || center.input.value === "") center.show(typed(layer.center ?? 0));
      steps.show(layer.steps ? String(layer.steps) : "");
      if (layer.noData) noData.value = layer.noData;
      under.show(layer.under ?? null);
      over.show(layer.over ?? null);
    },
  };
}
