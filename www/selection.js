/**
 * The selected range of time, by Shift-drag on the slider or the keys I and O; shown on the slider and in the status bar.
 *
 * @typedef {import("./replayscope.js").Viewer} Viewer
 * @typedef {import("../replayscope.js").LoopMode} LoopMode
 */
import { MAIN } from "./canvas.js";
import { element } from "./dom.js";

/**
 * @param {Viewer} viewer
 * @param {HTMLInputElement} slider
 */
export function selection(viewer, slider) {
  const mark = element("selected", HTMLElement);
  /** As wide as the way of the thumb's centre; the style sheet says how wide. */
  const travel = element("range", HTMLElement);
  const note = element("selection", HTMLElement);
  const text = element("selection-text", HTMLElement);
  const option = element("loop-selection", HTMLOptionElement);
  /** The loop mode that clearing the selection goes back to. @type {LoopMode} */
  let loopBefore = "off";
  /** The frame that a drag began at. @type {number | null} */
  let anchor = null;

  /** @param {[number, number] | null} range  seconds */
  function select(range) {
    const { loop, selection: before } = viewer.state();
    if (range !== null && before === null && loop !== "selection") loopBefore = loop;
    if (range !== null) viewer.setState({ selection: range, loop: "selection" });
    else if (before !== null) viewer.setState({ selection: null, loop: loop === "selection" ? loopBefore : loop });
  }

  /** @param {number} one @param {number} other  frames, in any order */
  function selectFrames(one, other) {
    const [first, last] = [viewer.timeOf(Math.min(one, other)), viewer.timeOf(Math.max(one, other))];
    select(first < last ? [first, last] : null);
  }

  /** @param {MouseEvent} event  may be beside the slider */
  function frameUnder(event) {
    const { left, width } = travel.getBoundingClientRect();
    const part = (event.clientX - left) / Math.max(width, 1);
    return Math.round(Math.min(Math.max(part, 0), 1) * Number(slider.max));
  }

  slider.addEventListener("pointerdown", (event) => {
    if (!event.shiftKey || event.button !== 0 || viewer.session === null) return;
    event.stopImmediatePropagation();
    slider.setPointerCapture(event.pointerId);
    anchor = frameUnder(event);
  }, { capture: true });
  // Without this, the thumb would follow the mouse.
  slider.addEventListener("mousedown", (event) => {
    if (anchor === null) return;
    event.preventDefault();
    slider.focus();
  });
  slider.addEventListener("pointermove", (event) => {
    if (anchor === null) return;
    if (event.buttons & MAIN) selectFrames(anchor, frameUnder(event));
    else anchor = null;
  });
  slider.addEventListener("pointerup", (event) => {
    if (anchor === null) return;
    selectFrames(anchor, frameUnder(event));
    anchor = null;
  });
  for (const type of ["pointercancel", "lostpointercapture"]) slider.addEventListener(type, () => (anchor = null));
  slider.addEventListener("keydown", (event) => {
    if (event.key === "Escape") select(null);
  });
  element("clear-selection", HTMLButtonElement).addEventListener("click", () => select(null));

  let shown = "";

  function show(state = viewer.state()) {
    const { session } = viewer;
    const range = session === null ? null : state.selection;
    const now = JSON.stringify([session?.url, range]);
    if (now === shown) return;
    shown = now;
    mark.hidden = note.hidden = option.disabled = range === null;
    if (session === null || range === null) return;
    const ends = range.map((time) => viewer.timeText(viewer.frameAt(time)));
    text.textContent = `selected ${ends.join(" – ")} s`;
    const last = Math.max(session.frames - 1, 1);
    const [from, to] = range.map((time) => viewer.frameAt(time) / last);
    mark.style.left = `${100 * (from ?? 0)}%`;
    mark.style.width = `${100 * ((to ?? 0) - (from ?? 0))}%`;
  }
  viewer.on("open", () => show());
  viewer.on("close", () => show());
  viewer.on("state", (state) => show(state));

  return {
    /** @param {"start" | "end"} end @param {number} frame  where that end goes */
    set(end, frame) {
      const session = viewer.session;
      if (session === null) return;
      const [first, last] = viewer.state().selection ?? [session.start, session.stop];
      const at = viewer.timeOf(frame);
      if (end === "start") select([at, at < last ? last : session.stop]);
      else select([first < at ? first : session.start, at]);
    },
  };
}
