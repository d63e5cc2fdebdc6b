/**
 * The handle: one viewer on one canvas. docs/handle.md is its reference; src/web/types.ts has the types of what it takes and gives.
 *
 * @typedef {import("../replayscope.js").Colormap} Colormap
 * @typedef {import("../replayscope.js").Events} Events
 * @typedef {import("../replayscope.js").FrameTime} FrameTime
 * @typedef {import("../replayscope.js").Layer} Layer
 * @typedef {import("../replayscope.js").RangeRequest} RangeRequest
 * @typedef {import("../replayscope.js").Session} Session
 * @typedef {import("../replayscope.js").StatePatch} StatePatch
 * @typedef {import("../replayscope.js").Counters & { workerChunks: number }} Stats  with the chunks that workers decoded
 * @typedef {import("../replayscope.js").PlayOptions} PlayOptions
 */
import { Handle } from "../replayscope.js";
import { decoders } from "./decoders.js";
import { ViewerError } from "./error.js";
import { linkOf } from "./link.js";

const destroyed = () => new ViewerError("destroyed",
  "This viewer was destroyed (destroy() was called), so it does nothing any more. Make another one by createViewer(canvas).");

/** The handle; `createViewer()` makes it. An EventTarget of the events in `Events`. */
export class Viewer extends EventTarget {
  /** @type {Handle | null} */
  #handle;
  /** @type {import("./decoders.js").Decoders} */
  #workers;
  /** Ends with the viewer, and all its listeners with it. */
  #life = new AbortController();
  /** What rejects the calls that are not answered yet. @type {Set<(reason: unknown) => void>} */
  #pending = new Set();
  /** Tables that never change, 120 KB of them; once they are all there. @type {Colormap[] | undefined} */
  #colormaps;
  /** Listeners that were added to an open session and have not got its latest events yet. @type {[type: string, listener: (detail: any) => void][]} */
  #late = [];

  /**
   * @param {HTMLCanvasElement} canvas
   * @returns {Promise<Viewer>}
   */
  static async create(canvas) {
    /** @type {Viewer | undefined} */
    let viewer;
    /** @type {[string, unknown][]} */
    const early = [];
    const workers = decoders(Handle.module());
    const handle = await Handle.create(canvas, (type, detail) => {
      if (viewer) viewer.#receive(type, detail);
      else early.push([type, detail]);
    }, workers.decode);
    viewer = new Viewer(handle, workers);
    for (const [type, detail] of early) viewer.#receive(type, detail);
    return viewer;
  }

  /**
   * @param {Handle} handle
   * @param {import("./decoders.js").Decoders} workers
   * @private
   */
  constructor(handle, workers) {
    super();
    this.#handle = handle;
    this.#workers = workers;
    const { signal } = this.#life;
    const hide = () => handle.set_hidden(document.hidden);
    document.addEventListener("visibilitychange", hide, { signal });
    hide();
    // The network is back; what a server asked to wait for waits on.
    addEventListener("online", () => handle.retry(false), { signal });
  }

  /** Throws once the viewer is destroyed. */
  get #live() {
    if (this.#handle === null) throw destroyed();
    return this.#handle;
  }

  /**
   * The promise of a call, which ends with the viewer at the latest.
   *
   * @template T
   * @param {(handle: Handle) => Promise<T>} call
   * @returns {Promise<T>}
   */
  #ask(call) {
    return new Promise((resolve, reject) => {
      const answer = call(this.#live);
      this.#pending.add(reject);
      answer.then(resolve, reject).finally(() => this.#pending.delete(reject));
    });
  }

  /**
   * @param {string} type
   * @param {unknown} detail
   */
  #receive(type, detail) {
    // In a task of its own, as a listener may call back into the wasm, which can be on the stack here.
    queueMicrotask(() => this.#handle && this.dispatchEvent(new CustomEvent(type, { detail })));
  }

  #catchUp() {
    const late = this.#late.splice(0);
    for (const [type, detail] of this.#handle?.latest_events() ?? []) {
      for (const [wanted, listener] of late) if (wanted === type) listener(detail);
    }
  }

  /**
   * Listens to one of the events in `Events`. A listener that is added while a session is open gets the latest events of that
   * session, soon.
   *
   * @template {keyof Events} T
   * @param {T} type
   * @param {(detail: Events[T]) => void} listener  gets the event's `detail`
   * @param {AddEventListenerOptions} [options]
   */
  on(type, listener, options) {
    void this.#live;
    this.addEventListener(type, (event) => listener(/** @type {CustomEvent} */ (event).detail), options);
    if (this.session !== null && this.#late.push([type, listener]) === 1) {
      queueMicrotask(() => this.#catchUp());
    }
  }

  /**
   * Opens a session. The one that is open stays until this one is known, and if it cannot be opened.
   *
   * @param {string} url  absolute, or relative to the page
   * @param {{ rate?: number }} [options]  `rate` in Hz is used where nothing says when frames are; without it the call
   *   rejects with code "no-time" then
   * @returns {Promise<Session>}
   */
  open(url, { rate } = {}) {
    return this.#ask((handle) => handle.open(url, rate));
  }

  /**
   * Opens files of this computer as one session; which of them is the session is found out.
   *
   * @param {import("./local.js").LocalFile[]} files
   * @param {{ rate?: number }} [options]
   * @returns {Promise<Session>}
   */
  openFiles(files, { rate } = {}) {
    return this.#ask((handle) => handle.open_files(files.map(({ path, file }) => [path, file]), rate));
  }

  /** Lets go of the session that is being opened, if there is one: its `open()` rejects with AbortError. */
  stopOpening() {
    this.#live.stop_opening();
  }

  /** Resolves at the first exact frame of the session opened last; rejects when that fails to open. */
  get ready() {
    const ready = this.#ask((handle) => handle.ready());
    ready.catch(() => {}); // a page that shows errors by events need not wait for it
    return ready;
  }

  /** The open session; null before there is one. */
  get session() {
    return this.#handle?.session() ?? null;
  }

  /**
   * Shows a frame. Resolves when exactly that frame is on the canvas.
   *
   * @param {{ frame: number } | { time: number }} target  out of range is clamped
   * @returns {Promise<FrameTime>}  rejects with AbortError when a later call supersedes it
   */
  seek(target) {
    return this.#ask((handle) => handle.seek(target));
  }

  /**
   * Starts playback; what is not given is as in the state.
   *
   * @param {PlayOptions} [options]
   */
  play(options = {}) {
    this.#live.play(options);
  }

  /** Stops playback at the frame shown. */
  pause() {
    this.#live.pause();
  }

  /** Whether playback runs (it may be waiting for data: see the `stall` event). */
  get playing() {
    return this.#handle?.playing() ?? false;
  }

  /** The way in which playback runs, or did last; −1 also on the way back of loop "bounce". */
  get direction() {
    return this.#live.direction();
  }

  /** The state of the view. */
  state() {
    return this.#live.state();
  }

  /**
   * Changes any part of the state; a bad value is clamped, and named in a `notice` event.
   *
   * @param {StatePatch} patch
   */
  setState(patch) {
    this.#live.set_state(patch);
  }

  /**
   * Applies the part of a link after the `#`; bad values are clamped, and named in a `notice` event. Without a session
   * it is kept for the next one, which then opens at the link's frame.
   *
   * @param {string} fragment  with or without its `#`
   */
  applyFragment(fragment) {
    this.#live.apply_fragment(fragment.replace(/^#/, ""));
  }

  /**
   * The whole URL of this view: page, session, and state. No credentials ever enter it.
   *
   * @returns {string}  the page's URL alone while no session is open, or one of this computer is
   */
  link() {
    const { session, fragment, rate } = this.#live.link();
    return linkOf(location.href, session, fragment, rate ?? undefined);
  }

  /**
   * One frame of one field, exactly as stored (as float32).
   *
   * @param {{ frame: number, field: string }} target
   * @returns  n_bins values
   */
  values(target) {
    return this.#ask((handle) => handle.values(target));
  }

  /**
   * The current view, drawn offscreen.
   *
   * @param {{ width?: number, height?: number }} [size]  pixels; the canvas's where it is left out; both smaller alike where one
   *   is above 8192
   * @returns {Promise<ImageData>}
   */
  pixels(size = {}) {
    return this.#ask((handle) => handle.pixels(size));
  }

  /** @returns {Stats} */
  stats() {
    return { ...this.#live.stats(), workerChunks: this.#workers.done() };
  }

  /**
   * How many bytes of values to keep in memory and on the GPU; out of range is clamped.
   *
   * @param {{ cache?: number, gpu?: number }} bytes
   */
  setBudgets(bytes) {
    this.#live.set_budgets(bytes);
  }

  /**
   * When a frame is, in seconds.
   *
   * @param {number} frame  clamped to the session
   */
  timeOf(frame) {
    return this.#live.time_of(frame);
  }

  /**
   * The same as people read and type it: few digits, which `frameAt` leads back to the frame.
   *
   * @param {number} frame  clamped to the session
   */
  timeText(frame) {
    const time = this.#live.written_time(frame);
    const text = time.toFixed(this.#live.time_decimals());
    return Number(text) === time ? text : String(time);
  }

  /** How wide bins are on average, in the units of the view on screen; NaN without a session. */
  get binSize() {
    return this.#live.bin_size();
  }

  /**
   * Which frame is on screen at a time.
   *
   * @param {number} time  seconds
   */
  frameAt(time) {
    return this.#live.frame_at(time);
  }

  /**
   * What lies under a point of the canvas, on the frame that is on screen.
   *
   * @param {{ x: number, y: number }} point  CSS pixels in the canvas
   */
  probe(point) {
    return this.#live.probe(point);
  }

  /**
   * The bin at a place of the environment as it is shown.
   *
   * @param {{ x: number, y: number }} place  environment units
   */
  binAt(place) {
    return this.#live.bin_at(place);
  }

  /**
   * Corners of a bin as it is shown, counter-clockwise.
   *
   * @param {number} bin
   * @returns  environment units; empty where the bin has no place
   */
  polygon(bin) {
    return this.#live.polygon(bin);
  }

  /**
   * Where a bin is, and its value in the top visible field on the frame that is on screen.
   *
   * @param {number} bin
   */
  bin(bin) {
    return this.#live.bin(bin);
  }

  /**
   * The pixel of a place in what `pixels()` draws; (0, 0) is its top left corner.
   *
   * @param {{ x: number, y: number, width?: number, height?: number }} place  environment units; the picture's size in
   *   pixels, else the last one's, and before there was one the canvas's
   */
  project(place) {
    return this.#live.project(place);
  }

  /**
   * Zooms, keeping the point under (x, y) where it is.
   *
   * @param {{ factor: number, x: number, y: number }} step  CSS pixels in the canvas; factor over 1 comes closer
   */
  zoom(step) {
    this.#live.zoom(step);
  }

  /**
   * Moves the picture.
   *
   * @param {{ dx: number, dy: number }} step  CSS pixels, as the pointer moves (y down)
   */
  pan(step) {
    this.#live.pan(step);
  }

  /** Shows the whole environment again. */
  resetView() {
    this.#live.reset_view();
  }

  /**
   * Tells the canvas's size.
   *
   * @param {{ width: number, height: number, dpr: number }} size  CSS pixels (fractions are meant), and how many of its pixels the
   *   canvas has in one: its own ratio, which is not `devicePixelRatio` everywhere
   */
  resize(size) {
    this.#live.resize(size);
  }

  /**
   * Sets limits.
   *
   * @param {string} layer
   * @param {"estimate" | "frame" | "full"} [to]  as estimated; or the lowest and the highest value of the frame on screen,
   *   or of all that was sampled
   */
  autoContrast(layer, to = "estimate") {
    /** @param {Layer["limits"]} limits */
    const set = (limits) => this.setState({ layers: [{ name: layer, limits }] });
    if (to === "full") {
      const ranges = this.#live.latest_events().flatMap(([type, detail]) => (type === "range" ? detail : []));
      const [low, high] = ranges.find((range) => range.layer === layer)?.extremes ?? [0, 0];
      if (low < high) set([low, high]);
      return;
    }
    set(to === "frame" ? "frame" : null);
    const range = to === "frame" && this.range({ field: layer });
    if (range) set([range.low, range.high]);
  }

  /**
   * The limits in force, and where they come from. A value v is at place t from 0 to 1 between them:
   * (v − low) / (high − low), or on a logarithmic scale ln(v / from) / ln(high / from), and 0 up to `from`.
   *
   * @param {{ field?: string }} [of]  the top visible field where it is left out, here and below
   * @returns  null without a session
   */
  range(of = {}) {
    return this.#live.range(of);
  }

  /**
   * Estimates the range of a field's values; the limits stay as they are.
   *
   * @param {RangeRequest} [request]
   * @returns  rejects with a RangeError that says what is wrong with the request
   */
  estimateRange(request = {}) {
    return this.#ask((handle) => handle.estimate_range(request));
  }

  /**
   * How many values lie between neighbouring edges.
   *
   * @param {{ field?: string, edges: Iterable<number> }} request  edges ascend
   * @returns  null without a session
   */
  histogram({ field, edges }) {
    return this.#live.histogram({ field }, Float64Array.from(edges));
  }

  /**
   * The colours that values are drawn in.
   *
   * @param {{ field?: string, values: Iterable<number> }} request  NaN and infinities too
   * @returns  RGBA, four bytes a value, alpha not multiplied in
   */
  colors({ field, values }) {
    return this.#live.colors({ field }, Float32Array.from(values));
  }

  /** Asks again for what failed, and at once for what waits to be asked for again. */
  retry() {
    this.#live.retry(true);
  }

  /** Frames decoded and in memory, for the top visible field. */
  buffered() {
    return this.#live.buffered();
  }

  /** @returns {Colormap[]}  all, by name; a lut that is not fetched yet is null */
  colormaps() {
    void this.#live;
    if (this.#colormaps) return this.#colormaps;
    const all = Handle.colormaps();
    if (all.every(({ lut }) => lut)) this.#colormaps = all;
    return all;
  }

  /** @returns {Promise<Colormap[]>}  with every lut */
  async allColormaps() {
    if (!this.#colormaps) await this.#ask(() => Handle.more_colormaps());
    return this.colormaps();
  }

  /** Whether `destroy()` was called. */
  get destroyed() {
    return this.#handle === null;
  }

  /** Stops and frees everything. What is pending, and every call from then on, is rejected with code "destroyed". */
  destroy() {
    if (this.#handle === null) return;
    const handle = this.#handle;
    const open = this.session !== null;
    handle.destroy();
    // While it still answers: listeners may ask what there is.
    if (open) this.dispatchEvent(new CustomEvent("close", { detail: null }));
    this.#handle = null;
    this.#life.abort();
    this.#workers.stop();
    for (const reject of this.#pending) reject(destroyed());
    this.#pending.clear();
  }
}
