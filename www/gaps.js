/**
 * The note that playback waits in a gap, a stretch without frames, and how to skip it.
 *
 * @typedef {import("./replayscope.js").Viewer} Viewer
 */
import { element } from "./dom.js";
import { lasting } from "./format.js";

/** Shorter waits are not noted. */
const AFTER_MS = 700;

/** @param {Viewer} viewer */
export function gapNote(viewer) {
  const note = element("gap", HTMLElement);
  /** Gaps, each by the last frame before it, which stays on screen in both directions. @type {Map<number, [number, number]>} */
  let gaps = new Map();
  let frame = -1;
  /** @type {[number, number] | null} */
  let waits = null;
  let timer = 0;

  function look() {
    const gap = gaps.get(frame);
    const { gaps: policy, speed } = gap && viewer.playing ? viewer.state() : { gaps: "skip", speed: 1 };
    const now = gap && policy === "wait" ? gap : null;
    if (now === waits) return;
    waits = now;
    clearTimeout(timer);
    note.textContent = "";
    if (now === null) return;
    const [from, to] = now;
    // The frame before the gap is shown for its own time first.
    const first = Math.max(from - viewer.timeOf(frame), 0) / speed * 1000;
    timer = window.setTimeout(() => {
      note.textContent = `in a gap of ${lasting(to - from)}; to skip gaps, choose “gaps: skip” or press K`;
    }, first + AFTER_MS);
  }

  viewer.on("open", (session) => {
    gaps = new Map(session.gaps.map((gap) => [viewer.frameAt(gap[1]) - 1, gap]));
    look();
  });
  viewer.on("close", () => {
    gaps = new Map();
    look();
  });
  viewer.on("frame", (detail) => {
    frame = detail.frame;
    look();
  });
  viewer.on("state", look);
}
