/**
 * Keyboard shortcuts: one table has the actions and fills the help dialog.
 *
 * @typedef {import("./replayscope.js").Viewer} Viewer
 * @typedef {ReturnType<typeof import("./timebar.js").timebar>} Timebar
 */
import { pin } from "./canvas.js";
import { element, make } from "./dom.js";
import { turn } from "./scene.js";

const PAN_PX = 40;
const ZOOM_STEP = 1.25;
/** A letter of a script that is not Latin. */
const FOREIGN = /^(?!\p{Script=Latin})[\p{L}\p{M}]/u;
/** Characters of a US keyboard on keys that have letters in other scripts. @type {Record<string, string>} */
const PLACES = { BracketLeft: "[", BracketRight: "]", Minus: "-", Equal: "=" };

/**
 * @typedef {object} Key
 * @property {string} keys  as the dialog writes them
 * @property {string} does  what the dialog says of it
 * @property {string[]} on  names by `keyNames`, with "Shift+" or "Ctrl+" where that matters
 * @property {(pressed: string) => void} act
 * @property {boolean} [repeats]  whether it acts again while it is held
 */

/**
 * @param {Viewer} viewer
 * @param {Timebar} time
 * @param {HTMLCanvasElement} canvas
 */
export function keys(viewer, time, canvas) {
  const slider = element("slider", HTMLInputElement);

  /** @type {Key[]} */
  const table = [
    { keys: "← →", does: "one frame back, forward", on: ["ArrowLeft", "ArrowRight"], act: (key) => time.step(key === "ArrowLeft" ? -1 : 1), repeats: true },
    { keys: "Shift ← →", does: "100 frames back, forward", on: ["Shift+ArrowLeft", "Shift+ArrowRight"], act: (key) => time.step(key === "Shift+ArrowLeft" ? -100 : 100), repeats: true },
    { keys: "Home End", does: "first, last frame", on: ["Home", "End"], act: (key) => (key === "Home" ? time.toFrame(0) : time.toEnd()) },
    { keys: "Space", does: "play, pause", on: [" "], act: () => time.togglePlay() },
    { keys: "Shift Space", does: "play backwards, pause", on: ["Shift+ "], act: () => time.togglePlay(-1) },
    { keys: "[ ]", does: "slower, faster", on: ["[", "]"], act: (key) => time.changeSpeed(key === "[" ? -1 : 1), repeats: true },
    { keys: "K", does: "skip gaps without frames, or wait in them", on: ["k"], act: skipGaps },
    { keys: "I O", does: "start, end the selection here", on: ["i", "o"], act: (key) => time.select(key === "i" ? "start" : "end") },
    { keys: "G", does: "go to a time", on: ["g"], act: () => time.focusTime() },
    { keys: "C", does: "use the estimated contrast limits", on: ["c"], act: autoContrast },
    { keys: "Ctrl R", does: "reset the view", on: ["Ctrl+r"], act: () => viewer.resetView() },
    { keys: "+ −", does: "zoom in, out", on: ["+", "=", "-"], act: (key) => zoom(key === "-" ? 1 / ZOOM_STEP : ZOOM_STEP), repeats: true },
    { keys: "R", does: "rotate by 90°", on: ["r"], act: () => turn(viewer) },
    { keys: "P", does: "pin or unpin the bin in the middle", on: ["p"], act: () => pin(viewer, { x: canvas.clientWidth / 2, y: canvas.clientHeight / 2 }) },
    { keys: "B", does: "show borders of bins", on: ["b"], act: () => flip("borders") },
    { keys: "X", does: "show axes", on: ["x"], act: () => flip("axes") },
    { keys: "L", does: "show a track's bins side by side", on: ["l"], act: () => flip("linearised") },
    { keys: "W A S D", does: "move the view", on: ["w", "a", "s", "d"], act: move, repeats: true },
    { keys: "?", does: "this list", on: ["?"], act: () => dialog.showModal() },
  ];
  const rows = new Map(table.flatMap((row) => row.on.map((key) => [key, row])));

  /** Estimates the limits of the top visible field, or of the top field where none is visible. */
  function autoContrast() {
    const fields = viewer.state().layers.filter(({ kind }) => kind === "field");
    const layer = fields.findLast(({ visible }) => visible) ?? fields.at(-1);
    if (layer) viewer.autoContrast(layer.name);
  }

  function skipGaps() {
    if (viewer.session?.gaps.length) viewer.setState({ gaps: viewer.state().gaps === "skip" ? "wait" : "skip" });
  }

  /** @param {"borders" | "axes" | "linearised"} name */
  function flip(name) {
    viewer.setState({ scene: { [name]: !viewer.state().scene[name] } });
  }

  /** @param {number} factor */
  function zoom(factor) {
    viewer.zoom({ factor, x: canvas.clientWidth / 2, y: canvas.clientHeight / 2 });
  }

  /** @param {string} key */
  function move(key) {
    // The view moves, so the picture moves the other way.
    viewer.pan({
      dx: key === "a" ? PAN_PX : key === "d" ? -PAN_PX : 0,
      dy: key === "w" ? PAN_PX : key === "s" ? -PAN_PX : 0,
    });
  }

  const nameOf = keyNames();
  /** `event.code` of a key that has acted and may still be held. @type {string | null} */
  let held = null;

  document.addEventListener("keydown", (event) => {
    // The box or dialog that it opened must not get the repetitions.
    if (event.repeat && (event.code === held || pressesButton(event))) event.preventDefault();
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const name = nameOf(event);
    const row = name === null ? undefined : rows.get(name);
    if (name === null || !row || belongsTo(event.target, name, slider)) return;
    if (name !== "?" && viewer.session === null) return;
    event.preventDefault();
    if (event.repeat && !row.repeats) return;
    held = row.repeats ? null : event.code;
    row.act(name);
  });

  const dialog = make("dialog", { id: "help", "aria-labelledby": "help-title" }, make("form", { method: "dialog" },
    make("h2", { id: "help-title" }, "Keys"),
    make("dl", { id: "keys" }, ...table.flatMap((row) => [
      make("dt", {}, ...row.keys.split(" ").flatMap((key) => [make("kbd", {}, key), " "])),
      make("dd", {}, row.does),
    ])),
    make("p", { class: "hint" }, "The wheel zooms at the pointer, dragging moves the picture, a click pins the bin, a double click resets the view."),
    make("button", { class: "primary" }, "Close")));
  document.body.append(dialog);
  element("show-help", HTMLButtonElement).addEventListener("click", () => dialog.showModal());
}

/**
 * Gives the name that the table has for a key: the letter that is written on it, wherever it lies (AZERTY, Dvorak). Where the
 * letter is of another script (Cyrillic, Greek, Hebrew), it is the letter of the same key on a US keyboard. Null for shortcuts of the
 * browser and the system (Ctrl+C, Alt+←, Cmd+R).
 *
 * @returns {(event: Pick<KeyboardEvent, "key" | "code" | "shiftKey" | "ctrlKey" | "altKey" | "metaKey" | "getModifierState">) => string | null}
 */
export function keyNames() {
  /** Whether the last letter was of another script: some layouts have punctuation on the keys of letters. */
  let foreign = false;

  /** @param {{ key: string, code: string, shiftKey: boolean }} event */
  function typed({ key, code, shiftKey }) {
    if (FOREIGN.test(key)) foreign = true;
    else if (/^\p{L}$/u.test(key)) foreign = false;
    if (!foreign) return key;
    if (/^Key[A-Z]$/.test(code)) return code.slice(3).toLowerCase();
    if (!FOREIGN.test(key)) return key;
    return code === "Slash" && shiftKey ? "?" : PLACES[code] ?? key;
  }

  return (event) => {
    const key = typed(event);
    const { shiftKey } = event;
    // AltGr types "[" and "]" on many keyboards, and reports Ctrl+Alt while it does.
    if (event.getModifierState("AltGraph")) return key;
    if (event.altKey || event.metaKey) return null;
    if (event.ctrlKey) return key.toLowerCase() === "r" && !shiftKey ? "Ctrl+r" : null;
    if (key.startsWith("Arrow") || key === " ") return shiftKey ? `Shift+${key}` : key;
    // "?" and "+" need Shift on some keyboards and not on others.
    return key.length === 1 ? key.toLowerCase() : key;
  };
}

/**
 * Whether the key is Enter on a button, which browsers click again and again while Enter is held.
 *
 * @param {KeyboardEvent} event
 */
function pressesButton({ key, target }) {
  return key === "Enter" && target instanceof Element && target.closest("button, summary") !== null;
}

/**
 * Whether the focused element uses this key itself.
 *
 * @param {EventTarget | null} target
 * @param {string} name
 * @param {HTMLInputElement} slider  the time slider: the table handles its arrow keys
 */
function belongsTo(target, name, slider) {
  if (name === "Ctrl+r" || target === slider || !(target instanceof Element)) return false;
  if (target instanceof HTMLInputElement) {
    if (target.type === "checkbox") return name.endsWith(" ");
    if (target.type === "range") return /Arrow|Home|End/.test(name);
    return true;
  }
  if (target.closest("textarea, select, [contenteditable]")) return true;
  return name.endsWith(" ") && target.closest("button, summary, a[href]") !== null;
}
