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
  /** Removes all listeners when the viewer is destroyed. */
  #life = new AbortController();
  /** Rejects the pending calls. @type {Set<(reason: unknown) => void>} */
  #pending = new Set();
  /** All colormaps, once every table is fetched: they never change, and each copy is 120 KB. @type {Colormap[] | undefined} */
  #colormaps;
  /** Listeners that were added while a session is open and have not got its latest events yet. @type {[type: string, listener: (detail: any) => void][]} */
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
    // The network is back. Where a server asked to wait, the viewer goes on waiting.
    addEventListener("online", () => handle.retry(false), { signal });
  }

  /** The wasm's handle; throws once the viewer is destroyed. */
  get #live() {
    if (this.#handle === null) throw destroyed();
    return this.#handle;
  }

  /**
   * Makes a call whose promise is rejected when the viewer is destroyed.
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
    // In a microtask: a listener may call the wasm, which can be on the stack here.
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
   * Opens a session. The session that is open stays until the new one is read, and stays where that fails.
   *
   * @param {string} url  absolute, or relative to the page
   * @param {{ rate?: number }} [options]  `rate` in Hz is used where the session has no times of frames; without it the
   *   call rejects with code "no-time" then
   * @returns {Promise<Session>}
   */
  open(url, { rate } = {}) {
    return this.#ask((handle) => handle.open(url, rate));
  }

  /**
   * Opens files of this computer as one session; docs/files.md says how the session is found among them.
   *
   * @param {import("./local.js").LocalFile[]} files
   * @param {{ rate?: number }} [options]
   * @returns {Promise<Session>}
   */
  openFiles(files, { rate } = {}) {
    return this.#ask((handle) => handle.open_files(files.map(({ path, file }) => [path, file]), rate));
  }

  /** Stops opening a session, where one is being opened: its `open()` rejects with AbortError. */
  stopOpening() {
    this.#live.stop_opening();
  }

  /** Resolves at the first exact frame of the session that was opened last; rejects where it cannot be opened. */
  get ready() {
    const ready = this.#ask((handle) => handle.ready());
    ready.catch(() => {}); // no unhandled rejection where the page shows errors by events
    return ready;
  }

  /** The open session, or null. */
  get session() {
    return this.#handle?.session() ?? null;
  }

  /**
   * Shows a frame. Resolves when the device has accepted the picture of exactly that frame.
   *
   * @param {{ frame: number } | { time: number }} target  out of range is clamped
   * @returns {Promise<FrameTime>}  rejects with AbortError when a later call supersedes it
   */
  seek(target) {
    return this.#ask((handle) => handle.seek(target));
  }

  /**
   * Starts playback; options that are left out are as in the state.
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

  /** 1 or −1: the direction in which playback runs, or ran last; −1 also on the way back of loop "bounce". */
  get direction() {
    return this.#live.direction();
  }

  /** The state of the view. */
  state() {
    return this.#live.state();
  }

  /**
   * Changes parts of the state. A bad value is clamped or ignored, and a `notice` event says so.
   *
   * @param {StatePatch} patch
   */
  setState(patch) {
    this.#live.set_state(patch);
  }

  /**
   * Applies the part of a link after the `#`. Bad values are clamped or ignored, and `notice` events say so. Without a session the
   * fragment is kept for the next one, which then opens at the frame of the link.
   *
   * @param {string} fragment  with or without the `#`
   */
  applyFragment(fragment) {
    this.#live.apply_fragment(fragment.replace(/^#/, ""));
  }

  /**
   * The URL of this view: page, session and state, without credentials.
   *
   * @returns {string}  the page's URL alone where no session is open, or one of files of this computer
   */
  link() {
    const { session, fragment, rate } = this.#live.link();
    return linkOf(location.href, session, fragment, rate ?? undefined);
  }

  /**
   * Reads one frame of one field: the stored values, as float32.
   *
   * @param {{ frame: number, field: string }} target
   * @returns  one value for each bin
   */
  values(target) {
    return this.#ask((handle) => handle.values(target));
  }

  /**
   * Draws the current view offscreen.
   *
   * @param {{ width?: number, height?: number }} [size]  pixels, or else the size of the canvas. Where a side is above 8192,
   *   both are reduced by one factor
   * @returns {Promise<ImageData>}
   */
  pixels(size = {}) {
    return this.#ask((handle) => handle.pixels(size));
  }

  /** Counters. @returns {Stats} */
  stats() {
    return { ...this.#live.stats(), workerChunks: this.#workers.done() };
  }

  /**
   * Sets how many bytes of decoded values are kept in memory and on the GPU, 16 MiB to 3 GiB each; other values are clamped.
   *
   * @param {{ cache?: number, gpu?: number }} bytes
   */
  setBudgets(bytes) {
    this.#live.set_budgets(bytes);
  }

  /**
   * The time of a frame, in seconds.
   *
   * @param {number} frame  clamped to the session
   */
  timeOf(frame) {
    return this.#live.time_of(frame);
  }

  /**
   * The time of a frame as text, with so few digits that `frameAt` still gives the frame.
   *
   * @param {number} frame  clamped to the session
   */
  timeText(frame) {
    const time = this.#live.written_time(frame);
    const text = time.toFixed(this.#live.time_decimals());
    return Number(text) === time ? text : String(time);
  }

  /** Mean width of a bin, in units of the view on screen; NaN without a session. */
  get binSize() {
    return this.#live.bin_size();
  }

  /**
   * The frame that is shown at a time.
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
   * The bin at a place of the view on screen.
   *
   * @param {{ x: number, y: number }} place  environment units
   */
  binAt(place) {
    return this.#live.bin_at(place);
  }

  /**
   * Corners of a bin in the view on screen, counter-clockwise.
   *
   * @param {number} bin
   * @returns  environment units; empty where the bin has no place
   */
  polygon(bin) {
    return this.#live.polygon(bin);
  }

  /**
   * Centre of a bin, and its value in the top visible field on the frame on screen.
   *
   * @param {number} bin
   */
  bin(bin) {
    return this.#live.bin(bin);
  }

  /**
   * The pixel of a place in the picture that `pixels()` draws; (0, 0) is the top left corner.
   *
   * @param {{ x: number, y: number, width?: number, height?: number }} place  environment units, and the size of the
   *   picture in pixels: else the size of the last one, or of the canvas
   */
  project(place) {
    return this.#live.project(place);
  }

  /**
   * Zooms, keeping the point under (x, y) where it is.
   *
   * @param {{ factor: number, x: number, y: number }} step  CSS pixels in the canvas; a factor above 1 enlarges
   */
  zoom(step) {
    this.#live.zoom(step);
  }

  /**
   * Moves the picture by the movement of the pointer.
   *
   * @param {{ dx: number, dy: number }} step  CSS pixels, y down
   */
  pan(step) {
    this.#live.pan(step);
  }

  /** Shows the whole environment again. */
  resetView() {
    this.#live.reset_view();
  }

  /**
   * Sets the size of the canvas.
   *
   * @param {{ width: number, height: number, dpr: number }} size  CSS pixels, fractions included, and how many device pixels the
   *   canvas has in one of them, which is not `devicePixelRatio` everywhere
   */
  resize(size) {
    this.#live.resize(size);
  }

  /**
   * Sets the limits of a layer.
   *
   * @param {string} layer
   * @param {"estimate" | "frame" | "full"} [to]  to the estimate, or to the lowest and highest value of the frame on screen
   *   or of all sampled values
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
   * @param {{ field?: string }} [of]  the top visible field where it is left out, as in the methods below
   * @returns  null without a session
   */
  range(of = {}) {
    return this.#live.range(of);
  }

  /**
   * Estimates the range of a field's values; the limits in force stay as they are.
   *
   * @param {RangeRequest} [request]
   * @returns  rejects with a RangeError that says what is wrong with the request
   */
  estimateRange(request = {}) {
    return this.#ask((handle) => handle.estimate_range(request));
  }

  /**
   * Counts values between neighbouring edges, in the sampled frames and in the frame on screen.
   *
   * @param {{ field?: string, edges: Iterable<number> }} request  edges ascend
   * @returns  null without a session
   */
  histogram({ field, edges }) {
    return this.#live.histogram({ field }, Float64Array.from(edges));
  }

  /**
   * The colours that values have in the picture.
   *
   * @param {{ field?: string, values: Iterable<number> }} request  NaN and infinities too
   * @returns  RGBA, four bytes for each value, not premultiplied
   */
  colors({ field, values }) {
    return this.#live.colors({ field }, Float32Array.from(values));
  }

  /** Repeats failed requests, and requests that wait to be repeated, at once. */
  retry() {
    this.#live.retry(true);
  }

  /** Frames of the top visible field whose values are in memory. */
  buffered() {
    return this.#live.buffered();
  }

  /** All colormaps, by name. @returns {Colormap[]}  a `lut` that is not fetched yet is null */
  colormaps() {
    void this.#live;
    if (this.#colormaps) return this.#colormaps;
    const all = Handle.colormaps();
    if (all.every(({ lut }) => lut)) this.#colormaps = all;
    return all;
  }

  /** Fetches the colormaps that are missing. @returns {Promise<Colormap[]>}  all, with every `lut` */
  async allColormaps() {
    if (!this.#colormaps) await this.#ask(() => Handle.more_colormaps());
    return this.colormaps();
  }

  /** Whether `destroy()` was called. */
  get destroyed() {
    return this.#handle === null;
  }

  /** Stops and frees everything. Pending calls and all later ones fail with code "destroyed". */
  destroy() {
    if (this.#handle === null) return;
    const handle = this.#handle;
    const open = this.session !== null;
    handle.destroy();
    // The handle still answers: listeners may call the viewer.
    if (open) this.dispatchEvent(new CustomEvent("close", { detail: null }));
    this.#handle = null;
    this.#life.abort();
    this.#workers.stop();
    for (const reject of this.#pending) reject(destroyed());
    this.#pending.clear();
  }
}
