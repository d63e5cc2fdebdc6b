/**
 * The time bar: play, frame, a slider over the whole session, time, speed, loop.
 * `requested` is the frame that was asked for, `displayed` the one on screen; both are shown while they differ.
 *
 * @typedef {import("./replayscope.js").Viewer} Viewer
 * @typedef {import("../replayscope.js").LoopMode} LoopMode
 * @typedef {import("../replayscope.js").Projection} Projection
 * @typedef {import("./notices.js").Notices} Notices
 */
import { MAIN } from "./canvas.js";
import { editable, element, make } from "./dom.js";
import { count, frameIndex, number, seconds, speedOf } from "./format.js";
import { followSize } from "./pixels.js";
import { selection } from "./selection.js";

/** @type {[speed: number, label: string][]} */
const SPEEDS = [
  [1 / 16, "1/16×"], [1 / 8, "1/8×"], [1 / 4, "1/4×"], [1 / 2, "1/2×"], [1, "1×"], [2, "2×"], [4, "4×"],
  [8, "8×"], [16, "16×"],
];

/**
 * @param {Viewer} viewer
 * @param {Notices} notices
 */
export function timebar(viewer, notices) {
  const row = element("timebar", HTMLFieldSetElement);
  const play = element("play", HTMLButtonElement);
  const slider = element("slider", HTMLInputElement);
  const total = element("total", HTMLElement);
  const speed = element("speed", HTMLSelectElement);
  const loop = element("loop", HTMLSelectElement);
  const projection = element("projection", HTMLSelectElement);
  const gaps = element("gaps", HTMLSelectElement);
  const canvas = element("canvas", HTMLCanvasElement);
  const badge = element("preview", HTMLElement);
  const selected = selection(viewer, slider);
  const note = element("frame-note", HTMLElement);
  const track = bufferedTrack(viewer);

  let requested = 0;
  let displayed = 0;
  /** What the note says of the other frames that the picture covers. */
  let covered = "";
  /** Frames in the block that a preview stands for; 0: the picture is exact. */
  let pooled = 0;
  /** Id of the pointer that holds the slider; the slider does not follow the frames then. @type {number | null} */
  let held = null;
  /** Direction in which playback goes on when the pointer lets go of the slider. @type {1 | -1 | null} */
  let resume = null;
  /** @type {boolean | null} */
  let playingShown = null;
  let stateShown = "";

  const last = () => (viewer.session?.frames ?? 1) - 1;

  const frameInput = element("frame", HTMLInputElement);
  const frameBox = editable(frameInput, (text) => {
    const frame = frameIndex(text);
    if (Number.isNaN(frame)) {
      notices.say(`“${text}” is not a frame. Type a whole number from 0 to ${count(last())}.`);
      return false;
    }
    toFrame(frame);
    return true;
  });
  const timeInput = element("time", HTMLInputElement);
  const timeBox = editable(timeInput, (text) => {
    const time = seconds(text);
    if (Number.isNaN(time)) {
      notices.say(`“${text}” is not a time. Type seconds (12.5) or minutes and seconds (1:23.5).`);
      return false;
    }
    viewer.seek({ time }).catch((reason) => notices.report(reason));
    return true;
  });

  /** @param {number} frame  clamped to the session */
  function toFrame(frame) {
    requested = Math.min(Math.max(frame, 0), last());
    show();
    viewer.seek({ frame: requested }).catch((reason) => notices.report(reason));
  }

  function show() {
    const time = viewer.session ? viewer.timeText(requested) : null;
    if (held === null) slider.value = String(requested);
    slider.setAttribute(
      "aria-valuetext",
      `${time === null ? "" : `${time} seconds, `}frame ${requested} of ${last() + 1}`,
    );
    frameBox.show(String(requested));
    if (time !== null) timeBox.show(time);
    const other = requested === displayed ? "" : ` (showing ${count(displayed)})`;
    note.textContent = `frame ${count(requested)}${other}${covered}`;
    row.classList.toggle("pending", requested !== displayed);
    // While playback waits, its last picture is the right one for its time.
    canvas.classList.toggle("pending", requested !== displayed && !viewer.playing);
    badge.hidden = pooled === 0;
    badge.textContent = `preview · ${count(pooled)} frames`;
    track.mark(displayed);
  }

  function showPlaying() {
    const playing = viewer.playing;
    if (playing === playingShown) return;
    playingShown = playing;
    play.classList.toggle("playing", playing);
    play.setAttribute("aria-label", playing ? "Pause" : "Play");
    play.title = playing ? "Pause (Space)" : "Play (Space)";
  }

  /** Sets the controls only where their values have changed: most changes are of time, and each setting costs a layout. */
  function showState(state = viewer.state()) {
    showPlaying();
    const seen = [state.speed, state.loop, state.pace, state.projection, state.gaps].join();
    if (seen === stateShown) return;
    stateShown = seen;
    if (!SPEEDS.some(([preset]) => preset === state.speed)) offer(state.speed);
    speed.value = String(state.speed);
    loop.value = state.loop;
    gaps.value = state.gaps;
    projection.value = state.pace === "frames" ? "frames" : state.projection;
  }

  /** Adds an option. @param {number} odd  a speed that a link or a script asked for */
  function offer(odd) {
    const value = String(odd);
    if (![...speed.options].some((option) => option.value === value)) {
      other.before(make("option", { value }, `${number(odd, 3)}×`));
    }
  }

  /** @param {1 | -1} [direction] */
  function togglePlay(direction = 1) {
    if (viewer.playing) viewer.pause();
    else viewer.play({ direction });
    showPlaying();
  }

  for (const [value, label] of SPEEDS) speed.append(make("option", { value: String(value) }, label));
  const other = make("option", { value: "" }, "other…");
  speed.append(other);
  speed.value = "1";

  const typedSpeed = element("typed-speed", HTMLInputElement);
  editable(typedSpeed, (text) => {
    const typed = speedOf(text);
    if (Number.isNaN(typed)) notices.say(`“${text}” is not a speed. Type a number such as 2 or 1/4.`);
    else viewer.setState({ speed: typed });
    endTyping();
    speed.focus();
    return false;
  });
  // The box takes the place of the select only while it has the focus.
  typedSpeed.addEventListener("blur", endTyping);

  function endTyping() {
    typedSpeed.hidden = true;
    speed.hidden = false;
    stateShown = "";
    showState();
  }

  play.addEventListener("click", () => togglePlay());
  speed.addEventListener("change", () => {
    if (speed.value !== "") {
      viewer.setState({ speed: Number(speed.value) });
      return;
    }
    typedSpeed.value = String(viewer.state().speed);
    speed.hidden = true;
    typedSpeed.hidden = false;
    typedSpeed.focus();
  });
  loop.addEventListener("change", () => viewer.setState({ loop: /** @type {LoopMode} */ (loop.value) }));
  projection.addEventListener("change", () => viewer.setState(projection.value === "frames"
    ? { pace: "frames" }
    : { pace: "time", projection: /** @type {Projection} */ (projection.value) }));
  gaps.addEventListener("change", () => viewer.setState({ gaps: /** @type {"wait" | "skip"} */ (gaps.value) }));
  slider.addEventListener("input", () => toFrame(slider.valueAsNumber));
  slider.addEventListener("pointerdown", ({ button, pointerId }) => {
    if (button !== 0) return; // a menu opens, and no event says when it closes
    held = pointerId;
    resume = viewer.playing ? viewer.direction : null;
    if (resume !== null) viewer.pause();
  });
  /** @param {PointerEvent} event */
  function letGo({ pointerId }) {
    if (held !== pointerId) return;
    held = null;
    if (resume !== null) viewer.play({ direction: resume });
    resume = null;
  }
  // The pointer may be anywhere by then.
  for (const type of /** @type {const} */ (["pointerup", "pointercancel"])) addEventListener(type, letGo);
  slider.addEventListener("lostpointercapture", letGo);
  addEventListener("pointermove", (event) => {
    if (!(event.buttons & MAIN)) letGo(event);
  });

  viewer.on("open", (session) => {
    row.disabled = false;
    slider.max = String(session.frames - 1);
    gaps.hidden = session.gaps.length === 0;
    frameInput.style.width = `${slider.max.length + 3.5}ch`;
    timeInput.style.width = `${viewer.timeText(session.frames - 1).length + 3}ch`;
    total.textContent = `of ${count(session.frames)}`;
    total.title = `${count(session.frames)} frames, counted from 0 to ${count(session.frames - 1)}`;
    timeInput.title = `${viewer.timeText(0)} to ${viewer.timeText(session.frames - 1)} s`;
    showState();
  });
  viewer.on("close", () => {
    row.disabled = true;
    held = resume = null;
    requested = displayed = pooled = 0;
    note.textContent = total.textContent = covered = "";
    badge.hidden = true;
    canvas.classList.remove("pending");
  });
  viewer.on("frame", (detail) => {
    displayed = detail.frame;
    pooled = detail.pooled;
    covered = pooled > 0 ? `, preview of ${count(pooled)} frames`
      : detail.frames > 1 ? `, ${count(detail.frames)} frames, ${detail.projection}` : "";
    if (held === null) requested = detail.requested;
    show();
    showPlaying();
    // Playback ends just after its last frame.
    if (detail.frame === 0 || detail.frame === last()) setTimeout(showPlaying, 200);
  });
  viewer.on("state", (state) => {
    showState(state);
    if (held !== null || viewer.session === null || viewer.playing) return;
    // A script or a link may have asked for another frame.
    requested = viewer.frameAt(state.time);
    show();
  });
  viewer.on("stall", showPlaying);

  return {
    toFrame,
    togglePlay,
    focus: () => play.focus(),
    /** @param {number} frames  counted from the requested frame, so that a held key adds up while frames load */
    step(frames) {
      if (viewer.playing) viewer.pause();
      toFrame(requested + frames);
      showPlaying();
    },
    toEnd: () => toFrame(last()),
    /** @param {"start" | "end"} end  of the selection, at the requested frame */
    select: (end) => selected.set(end, requested),
    /** @param {1 | -1} direction  to the next preset */
    changeSpeed(direction) {
      const now = viewer.state().speed;
      const next = direction > 0
        ? SPEEDS.find(([preset]) => preset > now)
        : SPEEDS.findLast(([preset]) => preset < now);
      if (next) viewer.setState({ speed: next[0] });
      showState();
    },
    focusTime() {
      timeInput.focus();
      timeInput.select();
    },
  };
}

/**
 * The strip under the slider: frames in memory, gaps, and the frame on screen.
 *
 * @param {Viewer} viewer
 */
function bufferedTrack(viewer) {
  const strip = element("buffered", HTMLCanvasElement);
  /** @type {import("../replayscope.js").BufferedRange[]} */
  let ranges = [];
  /** The first frame after each gap. @type {number[]} */
  let gaps = [];
  let displayed = 0;
  let marked = 0;
  let due = false;
  /** Device pixels in a CSS pixel. */
  let ratio = 1;

  function draw() {
    due = false;
    const frames = viewer.session?.frames ?? 0;
    const { width, height } = strip;
    const context = strip.getContext("2d");
    if (!context || width === 0) return;
    const style = getComputedStyle(strip);
    context.clearRect(0, 0, width, height);
    if (frames === 0) return;
    context.fillStyle = style.color;
    for (const [start, stop] of ranges) {
      const left = (start / frames) * width;
      // One chunk of a long session would be narrower than a pixel.
      context.fillRect(left, 0, Math.max(((stop - start) / frames) * width, 1), height);
    }
    context.fillStyle = style.outlineColor;
    for (const frame of gaps) {
      context.fillRect(Math.round((frame / frames) * width - ratio), 0, 2 * ratio, height);
    }
    context.fillStyle = style.accentColor;
    marked = markAt();
    context.fillRect(Math.min(Math.max(marked - ratio, 0), width - 2 * ratio), 0, 2 * ratio, height);
  }

  /** Pixel of the frame on screen: the strip is drawn again only where that changes. */
  function markAt() {
    const frames = viewer.session?.frames ?? 0;
    return frames > 1 ? Math.round((displayed / (frames - 1)) * strip.width) : 0;
  }

  function redraw() {
    if (!due) requestAnimationFrame(draw);
    due = true;
  }

  followSize(strip, (size) => {
    ({ ratio } = size);
    strip.width = Math.round(size.width * ratio);
    strip.height = Math.round(size.height * ratio);
    redraw();
  });
  for (const changes of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) matchMedia(changes).addEventListener("change", redraw);
  for (const type of /** @type {const} */ (["open", "close", "buffered"])) {
    viewer.on(type, () => {
      ranges = viewer.session === null ? [] : viewer.buffered();
      if (type !== "buffered") gaps = (viewer.session?.gaps ?? []).map(([, end]) => viewer.frameAt(end));
      redraw();
    });
  }

  return {
    /** @param {number} frame */
    mark(frame) {
      displayed = frame;
      if (markAt() !== marked) redraw();
    },
  };
}
