/**
 * The keys, in one table that both acts and fills the help dialog.
 *
 * @typedef {import("./replayscope.js").Viewer} Viewer
 * @typedef {ReturnType<typeof import("./timebar.js").timebar>} Timebar
 */
import { pin } from "./canvas.js";
import { element, make } from "./dom.js";
import { turn } from "./scene.js";

const PAN_PX = 40;
const ZOOM_STEP = 1.25;
/** Of a script that has no letters a to z. */
const FOREIGN = /^(?!\p{Script=Latin})[\p{L}\p{M}]/u;
/** What a US keyboard has where other scripts may have letters. @type {Record<string, string>} */
const PLACES = { BracketLeft: "[", BracketRight: "]", Minus: "-", Equal: "=" };

/**
 * @typedef {object} Key
 * @property {string} keys  as written in the dialog
 * @property {string} does
 * @property {string[]} on  as `keyNames` has them, with "Shift+"/"Ctrl+" where that matters
 * @property {(pressed: string) => void} act
 * @property {boolean} [repeats]  while it is held; else it acts once
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

  /** The top visible field's, else the top field's. */
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
    // The view moves, so the picture goes the other way.
    viewer.pan({
      dx: key === "a" ? PAN_PX : key === "d" ? -PAN_PX : 0,
      dy: key === "w" ? PAN_PX : key === "s" ? -PAN_PX : 0,
    });
  }

  const nameOf = keyNames();
  /** The `event.code` of a key that has acted once; it may be held still. @type {string | null} */
  let once = null;

  document.addEventListener("keydown", (event) => {
    // What it brought, a box or a dialog, is not to get the rest of it.
    if (event.repeat && (event.code === once || pressesButton(event))) event.preventDefault();
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const name = nameOf(event);
    const row = name === null ? undefined : rows.get(name);
    if (name === null || !row || belongsTo(event.target, name, slider)) return;
    if (name !== "?" && viewer.session === null) return;
    event.preventDefault();
    if (event.repeat && !row.repeats) return;
    once = row.repeats ? null : event.code;
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
 * Names what is pressed as the table does: by the letter that is written on the key, wherever it lies (AZERTY, Dvorak); where
 * letters are of another script (Cyrillic, Greek, Hebrew), by the letter that the same key has on a US keyboard. Null for what the
 * browser and the system keep (Ctrl+C, Alt+←, Cmd+R).
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
 * Enter on a button, which a browser presses anew for as long as it is held.
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
 * @param {HTMLInputElement} slider  the session's: its arrows are the viewer's own
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
