/**
 * Colormaps: strips that show them, and the dialog that chooses one.
 *
 * @typedef {import("./replayscope.js").Viewer} Viewer
 * @typedef {import("../replayscope.js").Colormap} Colormap
 * @typedef {import("../replayscope.js").ColormapKind} ColormapKind
 */
import { make } from "./dom.js";

/** Captions, in the order of the list. @type {Record<ColormapKind, string>} */
const KINDS = {
  uniform: "perceptually uniform",
  sequential: "sequential",
  diverging: "diverging",
  cyclic: "cyclic",
  isoluminant: "isoluminant",
  rainbow: "rainbow",
};

/**
 * @param {Viewer} viewer
 * @param {(reason: unknown) => void} report
 */
export function colormapPicker(viewer, report) {
  /** @type {ReturnType<typeof list> | undefined} */
  let dialog;

  return {
    /**
     * Makes the button that shows a layer's colormap and opens the dialog.
     *
     * @param {string} layer
     * @param {(colormap: string) => void} set
     */
    button(layer, set) {
      const strip = make("canvas", { class: "strip", width: "256", height: "1", "aria-hidden": "true" });
      const text = make("span");
      const button = make("button", {
        type: "button", class: "colormap", "aria-label": `${layer}: colormap`, "aria-haspopup": "dialog",
      }, strip, text);
      let shown = "";
      button.addEventListener("click", () => {
        dialog ??= list(viewer, report);
        dialog.open(layer, shown, set, button);
      });
      return {
        element: button,
        /** @param {string} name */
        show(name) {
          if (name === shown) return;
          shown = text.textContent = button.title = name;
          withTable(viewer, name, (lut) => name === shown && paint(strip, lut));
        },
      };
    },
  };
}

/**
 * Calls `use` with a colormap's table. Returns false where the table has to be fetched first.
 *
 * @param {Viewer} viewer
 * @param {string} name
 * @param {(lut: Uint8Array) => void} use
 */
export function withTable(viewer, name, use) {
  const lutIn = (/** @type {Colormap[]} */ all) => all.find((map) => map.name === name)?.lut;
  const lut = lutIn(viewer.colormaps());
  if (lut) {
    use(lut);
    return true;
  }
  viewer.allColormaps().then((all) => {
    const come = lutIn(all);
    if (come) use(come);
  }, () => {}); // the viewer needs it, too, and its `error` event says what went wrong
  return false;
}

/**
 * Paints a table from left to right.
 *
 * @param {HTMLCanvasElement} canvas  one pixel high
 * @param {Uint8Array} lut  256 RGB entries
 */
function paint(canvas, lut) {
  const context = canvas.getContext("2d");
  if (!context) return;
  const image = context.createImageData(canvas.width, 1);
  for (let x = 0; x < canvas.width; x += 1) {
    const entry = Math.round(x / (canvas.width - 1) * 255) * 3;
    image.data.set([...lut.subarray(entry, entry + 3), 255], x * 4);
  }
  context.putImageData(image, 0, 0);
}

/**
 * Makes the dialog: one for all layers, made when it is first opened.
 *
 * @param {Viewer} viewer
 * @param {(reason: unknown) => void} report
 */
function list(viewer, report) {
  const title = make("h2", { id: "colormaps-title" });
  const close = make("button", { type: "button", class: "small", "aria-label": "Close" }, "×");
  const search = make("input", {
    type: "text", id: "colormaps-search", role: "combobox", autocomplete: "off", autocapitalize: "off", spellcheck: "false",
    placeholder: "name or kind", "aria-label": "Search colormaps", "aria-controls": "colormaps-list", "aria-expanded": "true",
    "aria-autocomplete": "list",
  });
  const nothing = make("p", { class: "hint", role: "status" });
  const options = viewer.colormaps().map(({ name, kind }, at) => {
    const strip = make("canvas", { class: "strip", width: "64", height: "1", "aria-hidden": "true" });
    const element = make("div", { role: "option", id: `colormap-${at}`, "aria-selected": "false" }, strip, make("span", {}, name));
    element.addEventListener("click", () => take(name));
    return { name, kind, strip, element, words: `${name} ${kind} ${KINDS[kind]}`.toLowerCase() };
  });
  const groups = Object.entries(KINDS).map(([kind, caption]) => {
    const members = options.filter((option) => option.kind === kind);
    const element = make("div", { role: "group", "aria-label": caption },
      make("div", { class: "hint", "aria-hidden": "true" }, caption), ...members.map((option) => option.element));
    return { members, element };
  });
  /** Options in the order of the list. */
  const listed = groups.flatMap(({ members }) => members);
  const dialog = make("dialog", { id: "colormaps", "aria-labelledby": "colormaps-title" },
    make("div", { class: "colormaps" },
      make("header", {}, title, close), search, nothing,
      make("div", { role: "listbox", id: "colormaps-list", "aria-label": "Colormaps" }, ...groups.map(({ element }) => element))));
  document.body.append(dialog);

  /** @type {(colormap: string) => void} */
  let chosen = () => {};
  /** @type {HTMLElement | undefined} */
  let opener;
  let painted = false;
  /** The option that Enter chooses. @type {typeof options[number] | undefined} */
  let active;

  /** @param {string} name */
  function take(name) {
    chosen(name);
    dialog.close();
  }

  /** @param {typeof active} option */
  function activate(option) {
    active?.element.classList.remove("active");
    active = option;
    option?.element.classList.add("active");
    option?.element.scrollIntoView({ block: "nearest" });
    if (option) search.setAttribute("aria-activedescendant", option.element.id);
    else search.removeAttribute("aria-activedescendant");
  }

  function narrow() {
    const words = search.value.toLowerCase().split(/\s+/);
    for (const option of options) option.element.hidden = !words.every((word) => option.words.includes(word));
    for (const { members, element } of groups) element.hidden = members.every((option) => option.element.hidden);
    const left = listed.filter(({ element }) => !element.hidden);
    nothing.textContent = left.length > 0 ? "" : "No colormap matches.";
    activate(active && left.includes(active) ? active : left[0]);
  }

  search.addEventListener("input", narrow);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      if (active) take(active.name);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const left = listed.filter(({ element }) => !element.hidden);
      const at = left.findIndex((option) => option === active) + (event.key === "ArrowDown" ? 1 : -1);
      activate(left[Math.min(Math.max(at, 0), left.length - 1)]);
    } else return;
    event.preventDefault();
  });
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close()); // a click beside the dialog
  dialog.addEventListener("close", () => opener?.focus());

  return {
    /**
     * @param {string} layer
     * @param {string} colormap  the one it has now
     * @param {(colormap: string) => void} set
     * @param {HTMLElement} from  gets the focus back
     */
    open(layer, colormap, set, from) {
      [chosen, opener] = [set, from];
      title.textContent = `Colormap of ${layer}`;
      search.value = "";
      for (const { name, element } of options) element.setAttribute("aria-selected", String(name === colormap));
      dialog.showModal();
      active?.element.classList.remove("active");
      active = options.find(({ name }) => name === colormap);
      narrow();
      search.focus();
      if (painted) return;
      painted = true;
      viewer.allColormaps().then((all) => {
        const luts = new Map(all.map(({ name, lut }) => [name, lut]));
        for (const { name, strip } of options) {
          const lut = luts.get(name);
          if (lut) paint(strip, lut);
        }
      }).catch((reason) => {
        painted = false; // the next opening may try again
        report(reason);
      });
    },
  };
}
