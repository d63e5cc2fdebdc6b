/**
 * The handle: one viewer on one canvas. What the page, tests and embedders use; docs/handle.md is its reference.
 *
 * ```js
 * const viewer = await createViewer(document.querySelector("canvas"));
 * await viewer.open("https://host/session.zarr");
 * const { frame, time } = await viewer.seek({ time: 12.5 });
 * ```
 */
import init, { Handle } from "../replayscope.js";
import { decoders } from "./decoders.js";
import { extrasBeside } from "./extras.js";
import { linkOf } from "./link.js";

/**
 * @typedef {{ frame: number, time: number }} FrameTime  a frame's index, and its time in seconds
 * @typedef {[start: number, stop: number]} BufferedRange  frames, half-open
 * @typedef {"off" | "all" | "bounce" | "selection"} LoopMode
 * @typedef {"max" | "mean" | "last" | "min"} Projection  what a bin shows of its values in several frames
 * @typedef {"uniform" | "sequential" | "diverging" | "cyclic" | "rainbow" | "isoluminant"} ColormapKind
 *
 * @typedef {object} Colormap
 * @property {string} name
 * @property {ColormapKind} kind  "uniform": to the eye
 * @property {Uint8Array | null} lut  256 RGB entries, 768 bytes; null: not fetched yet
 *
 * @typedef {object} Field
 * @property {string} name
 * @property {string | null} [units]
 * @property {string} dtype  as stored
 * @property {number} chunkFrames  frames in one chunk
 * @property {number} chunks
 *
 * @typedef {object} Session
 * @property {string} url
 * @property {boolean} local  of files of this computer: then `url` is their name, and no link can carry it
 * @property {string} name
 * @property {string | null} [description]
 * @property {number} frames
 * @property {number} bins
 * @property {number} start  seconds, first frame
 * @property {number} stop  seconds, last frame
 * @property {number | null} rate  Hz; null when irregular
 * @property {[number, number][]} gaps  stretches without frames, in seconds
 * @property {string | null} [units]  of the environment's coordinates
 * @property {{ x: [number, number], y: [number, number] }} [bounds]
 * @property {string} layout  what the bins are: "grid", "hexagons", "triangles", "track", …
 * @property {boolean} linearised  whether there is a second view of them, side by side
 * @property {{ name: string, type: "point" | "polygon", color: string }[]} regions
 * @property {Field[]} fields
 * @property {{ name: string, type: string }[]} overlays
 * @property {string[]} notes  sentences for the reader
 *
 * @typedef {object} Layer  bottom to top in `State.layers`
 * @property {string} name
 * @property {string} kind  "field" has all below; "region" and overlays ("position") have only the next two
 * @property {boolean} visible
 * @property {number} opacity  0…1
 * @property {string} [colormap]
 * @property {[number | null, number | null] | "frame" | null} [limits]  null, and a null side: estimated; "frame": the
 *   lowest and highest value of the frame on screen
 * @property {number} [gamma]  0.2…2
 * @property {boolean} [reversed]
 * @property {boolean} [log]
 * @property {number | null} [floor]  least value of the logarithmic scale; null: 1e-4 of the upper limit
 * @property {number | null} [center]  the limits are symmetric about it
 * @property {number | null} [steps]  2…256 discrete colours
 * @property {boolean} [fade]  opacity from value: transparent at the lower limit
 * @property {string} [noData]  "#rrggbb", like the next two
 * @property {string | null} [under]  null: as the lowest colour
 * @property {string | null} [over]  null: as the highest colour
 *
 * @typedef {object} State  exactly what a link carries
 * @property {number} time  seconds, of the requested frame
 * @property {{ x: number, y: number, zoom: number, rotation: 0 | 90 | 180 | 270 }} camera
 * @property {{ borders: boolean, axes: boolean, scaleBar: boolean, linearised: boolean, fitAxes: boolean, background: string }} scene
 * @property {number[]} pinned  bins with an outline
 * @property {number} speed  1 is real time
 * @property {LoopMode} loop
 * @property {Projection} projection  of the data frames that one picture covers while playing
 * @property {"time" | "frames"} pace  frames: each data frame alone, however long it takes
 * @property {"wait" | "skip"} gaps  what playback does with stretches without frames
 * @property {[number, number] | null} selection  seconds; loop "selection" plays it
 * @property {Layer[]} layers
 *
 * @typedef {object} StatePatch  any part of a State; layers are matched by name
 * @property {number} [time]
 * @property {Partial<State["camera"]>} [camera]
 * @property {Partial<State["scene"]>} [scene]
 * @property {number[]} [pinned]
 * @property {number} [speed]
 * @property {LoopMode} [loop]
 * @property {Projection} [projection]
 * @property {State["pace"]} [pace]
 * @property {State["gaps"]} [gaps]
 * @property {State["selection"]} [selection]
 * @property {(Partial<Layer> & { name: string })[]} [layers]
 *
 * @typedef {object} Range  limits in force, and where they come from
 * @property {string} field
 * @property {number} low
 * @property {number} high
 * @property {"exact" | "strided" | "subset" | "peaks" | "empty" | "constant" | "given" | "link" | "frame"} method  "empty": no finite
 *   value; "given": the user's own; "link": estimated where the link was made; "frame": of the frame on screen
 * @property {number} frames  that were looked at, as are the next two
 * @property {number} chunks  none: the session tells the limits of all its frames
 * @property {number} bytes
 * @property {number} seed  of the choice of frames
 * @property {number | null} from  where a logarithmic scale begins; null: the scale is linear
 *
 * @typedef {object} RangeRequest
 * @property {string} [field]  the top visible one where it is left out
 * @property {"auto" | "exact" | "strided" | "subset" | "peaks"} [method]
 * @property {number} [samples]
 * @property {[low: number, high: number]} [percentile]
 * @property {number} [stride]
 * @property {number} [lower]
 * @property {number} [upper]
 * @property {number} [seed]
 * @property {number} [vmin]
 * @property {number} [vmax]
 *
 * @typedef {object} Probe
 * @property {number} x  environment units
 * @property {number} y
 * @property {number | null} [bin]
 * @property {[number, number] | null} [center]  of the bin
 * @property {number | null} [value]  of the top visible field
 * @property {string[]} regions  visible ones there, the top one first
 *
 * @typedef {object} Stats
 * @property {number} requests
 * @property {number} bytesFetched
 * @property {number} chunkHits
 * @property {number} chunkMisses
 * @property {number} cacheBytes
 * @property {number} cacheBudget
 * @property {number} gpuBytes
 * @property {number} gpuBudget
 * @property {number} wasmBytes
 * @property {number} framesPresented
 * @property {number} framesCovered  data frames that reached a picture
 * @property {number} lateFrames  animation frames that came too late while playing
 * @property {number} inFlight
 * @property {number} workerChunks  decoded by workers
 */

/**
 * What the events carry in `detail`.
 *
 * @typedef {object} Events
 * @property {{ text: string, fraction: number | null }} progress  a session is being opened
 * @property {Session} open  a session is known; once more when its times turn out to be others
 * @property {null} close  the session that was open is gone: another one takes its place, or the viewer is destroyed
 * @property {{ frame: number, time: number, requested: number, exact: boolean, stored: boolean, frames: number, pooled: number, projection: Projection, framesPresented: number }} frame
 *   a picture was presented: `frame` is on screen, the last of the `frames` it covers; `requested` was asked for
 * @property {{ layer: string, limits: [number, number], extremes: [lowest: number, highest: number], method: Range["method"], frames: number, chunks: number, bytes: number, seed: number, final: boolean }} range
 * @property {{ notes: string[] }} narrowed  on values, of those read so far, that float32 cannot hold
 * @property {{ waiting: boolean, frame: number }} stall  playback waits for data, or goes on
 * @property {{ inFlight: number, text: string }} loading
 * @property {unknown} buffered  `buffered()` has changed
 * @property {State} state  `state()` or `playing` has changed; not sent for every frame of playback
 * @property {{ text: string }} notice  something was clamped or ignored
 * @property {{ code: "server-wait" | "device-lost", text: string, retry: true, seconds: number | null }} wait
 *   something is asked for again by itself, or at once by `retry()`: after so many seconds, as the server asked, or until
 *   there is a graphics device; an empty text once that is over
 * @property {{ code: string, text: string, retry: boolean, seconds: number | null }} error  `seconds` that the server asked to wait
 */

/** An error that says, beside its message, which of docs/handle.md's codes it is. */
export class ViewerError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.name = "ViewerError";
    this.code = code;
  }
}

const destroyed = () => new ViewerError("destroyed",
  "This viewer was destroyed (destroy() was called), so it does nothing any more. Make another one by createViewer(canvas).");

/**
 * Events of the open session that `on` tells whoever listens late, in this order.
 *
 * @type {(keyof Events)[]}
 */
const KEPT = ["open", "range", "narrowed", "state", "frame", "loading", "stall", "buffered"];

/** An address of a host and a path and nothing else: no user, query or fragment. */
const PLAIN = /^https?:\/\/[\w.:[\]-]+(\/[\w.~/%+,()!'-]*)?$/;

/** @type {Promise<unknown> | undefined} */
let wasm;

/**
 * Makes a viewer on a canvas. Opens nothing yet.
 *
 * @param {HTMLCanvasElement} canvas  its CSS size is told by `resize()`
 * @param {{ wasm?: string | URL }} [options]  `wasm`: where replayscope_bg.wasm lies, with
 *   replayscope_extras.wasm beside it, if not beside index.html
 * @returns {Promise<Viewer>}
 * @throws {ViewerError} code "no-webgpu" where the browser offers no WebGPU
 */
export async function createViewer(canvas, options = {}) {
  if (!("gpu" in navigator)) {
    // Asked before the wasm is fetched: a browser that cannot draw should not download it.
    throw new ViewerError("no-webgpu", isSecureContext
      ? "This browser offers no WebGPU (navigator.gpu is missing)."
      : "Browsers offer WebGPU to secure pages only: open this page over https:// or from localhost.");
  }
  // From here: bundled into this file, the glue does not know where it was written.
  if (options.wasm) extrasBeside(options.wasm);
  wasm ??= init({ module_or_path: options.wasm ?? new URL("../replayscope_bg.wasm", import.meta.url) });
  try {
    await wasm;
  } catch (error) {
    wasm = undefined; // the next call may try again
    throw error;
  }
  return Viewer.create(canvas);
}

/**
 * @typedef {object} Deferred
 * @property {Promise<FrameTime>} promise
 * @property {(value: FrameTime) => void} resolve
 * @property {(reason: unknown) => void} reject
 */

/** @returns {Deferred} */
function deferred() {
  /** @type {Deferred["resolve"]} */
  let resolve = () => {};
  /** @type {Deferred["reject"]} */
  let reject = () => {};
  /** @type {Promise<FrameTime>} */
  const promise = new Promise((yes, no) => ([resolve, reject] = [yes, no]));
  promise.catch(() => {}); // nobody has to wait for it
  return { promise, resolve, reject };
}

/**
 * @typedef {object} Asked  how a session was asked for, and named
 * @property {number} [rate]  Hz
 * @property {string | null} shareable  its address as a link may carry it
 */

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
  /** @type {Session | null} */
  #session = null;
  /** The open session. @type {Asked} */
  #open = { shareable: null };
  /** The one that `open()` was last called for. @type {Asked} */
  #wanted = this.#open;
  /** Once every lut is there. @type {Colormap[] | undefined} */
  #colormaps;
  #ready = deferred();
  /** What was told last of the open session: of ranges, each layer's. @type {Map<string, [type: string, detail: unknown]>} */
  #told = new Map();
  /** Listeners that came since. @type {[type: string, listener: (detail: any) => void][]} */
  #late = [];
  /** Whether the session opened last is known, and its first exact frame not yet seen. */
  #awaitsFrame = false;

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
    if (type === "close") {
      // Told whenever a session is about to take its place, the first one's, too.
      const first = this.#session === null;
      this.#leave();
      this.#open = this.#wanted;
      this.#awaitsFrame = true;
      if (first) return;
    } else if (type === "open") {
      this.#session = /** @type {Session} */ (detail);
      const { local, url } = this.#session;
      if (!local && PLAIN.test(url)) this.#open.shareable = url;
    } else if (type === "frame" && this.#awaitsFrame) {
      const { frame, time, exact } = /** @type {Events["frame"]} */ (detail);
      if (exact) {
        this.#awaitsFrame = false;
        this.#ready.resolve({ frame, time });
      }
    }
    this.#tell(type, detail);
  }

  #leave() {
    this.#session = null;
    this.#told.clear();
  }

  /**
   * @param {string} type
   * @param {unknown} detail
   */
  #tell(type, detail) {
    this.#told.set(type === "range" ? `range of ${/** @type {Events["range"]} */ (detail).layer}` : type, [type, detail]);
    // Later, because a listener may call back into the wasm, which can be on the stack here.
    queueMicrotask(() => this.#handle && this.dispatchEvent(new CustomEvent(type, { detail })));
  }

  #catchUp() {
    const late = this.#late.splice(0);
    for (const kept of KEPT) {
      const told = [...this.#told.values()].filter(([type]) => type === kept);
      for (const [type, listener] of late) if (type === kept) for (const [, detail] of told) listener(detail);
    }
  }

  /**
   * Listens to one of the events in `Events`. Who comes when a session is open is told, soon, what was last told of it.
   *
   * @template {keyof Events} T
   * @param {T} type
   * @param {(detail: Events[T]) => void} listener  gets the event's `detail`
   * @param {AddEventListenerOptions} [options]
   */
  on(type, listener, options) {
    void this.#live;
    this.addEventListener(type, (event) => listener(/** @type {CustomEvent} */ (event).detail), options);
    if (this.#session !== null && KEPT.includes(type) && this.#late.push([type, listener]) === 1) {
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
    // What cannot be an address is told as that by the viewer.
    const address = URL.canParse(url, document.baseURI) ? new URL(url, document.baseURI).href : url;
    return this.#opening(rate, (handle) => handle.open(address, rate));
  }

  /**
   * Opens files of this computer as one session; which of them is the session is found out.
   *
   * @param {import("./local.js").LocalFile[]} files
   * @param {{ rate?: number }} [options]
   * @returns {Promise<Session>}
   */
  openFiles(files, { rate } = {}) {
    return this.#opening(rate, (handle) => handle.open_files(files.map(({ path, file }) => [path, file]), rate));
  }

  /**
   * @param {number | undefined} rate
   * @param {(handle: Handle) => Promise<Session>} open
   */
  #opening(rate, open) {
    return this.#ask(async (handle) => {
      if (this.#wanted !== this.#open || this.#session !== null) {
        this.#ready.reject(new DOMException("Another session was opened.", "AbortError"));
        this.#ready = deferred();
      }
      this.#awaitsFrame = false;
      /** @type {Asked} */
      const wanted = { rate, shareable: null };
      this.#wanted = wanted;
      const ready = this.#ready;
      try {
        const session = await open(handle);
        // Once a session: what it leaves out, it says in a notice. Most addresses have nowhere to hold a credential.
        if (!session.local && !PLAIN.test(session.url) && this.#handle) wanted.shareable = await handle.shareable(session.url);
        return session;
      } catch (error) {
        ready.reject(error);
        throw error;
      }
    });
  }

  /** Lets go of the session that is being opened, if there is one: its `open()` rejects with AbortError. */
  stopOpening() {
    this.#live.stop_opening();
  }

  /** Resolves at the first exact frame of the session opened last; rejects when that fails to open. */
  get ready() {
    return this.#ready.promise;
  }

  /** The open session; null before there is one. */
  get session() {
    return this.#session;
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
   * @param {{ speed?: number, direction?: 1 | -1, loop?: LoopMode, projection?: Projection, pace?: State["pace"] }} [options]
   *   speed 1 is one second a second; direction −1 plays backwards
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

  /** The way in which playback runs, or did last; −1 also on the way back of loop "bounce". @returns {1 | -1} */
  get direction() {
    return this.#live.direction();
  }

  /** @returns {State} */
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
    return linkOf(location.href, this.#open.shareable, this.#live.fragment(), this.#open.rate);
  }

  /**
   * One frame of one field, exactly as stored (as float32).
   *
   * @param {{ frame: number, field: string }} target
   * @returns {Promise<Float32Array>}  n_bins values
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
   * @returns {Probe | null}
   */
  probe(point) {
    return this.#live.probe(point);
  }

  /**
   * The bin at a place of the environment as it is shown.
   *
   * @param {{ x: number, y: number }} place  environment units
   * @returns {number | null}
   */
  binAt(place) {
    return this.#live.bin_at(place) ?? null;
  }

  /**
   * Corners of a bin as it is shown, counter-clockwise.
   *
   * @param {number} bin
   * @returns {[number, number][]}  environment units; empty where the bin has no place
   */
  polygon(bin) {
    return this.#live.polygon(bin);
  }

  /**
   * Where a bin is, and its value in the top visible field on the frame that is on screen.
   *
   * @param {number} bin
   * @returns {{ bin: number, center: [number, number], value?: number | null } | null}
   */
  bin(bin) {
    return this.#live.bin(bin) ?? null;
  }

  /**
   * The pixel of a place in what `pixels()` draws; (0, 0) is its top left corner.
   *
   * @param {{ x: number, y: number, width?: number, height?: number }} place  environment units; the picture's size in
   *   pixels, else the last one's, and before there was one the canvas's
   * @returns {{ x: number, y: number }}
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
      const [, told] = this.#told.get(`range of ${layer}`) ?? [];
      const { extremes: [low, high] } = /** @type {Events["range"]} */ (told ?? { extremes: [0, 0] });
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
   * @returns {Range | null}  null without a session
   */
  range(of = {}) {
    return this.#live.range(of);
  }

  /**
   * Estimates the range of a field's values; the limits stay as they are.
   *
   * @param {RangeRequest} [request]
   * @returns {Promise<Range>}  rejects with a RangeError that says what is wrong with the request
   */
  estimateRange(request = {}) {
    return this.#ask((handle) => handle.estimate_range(request));
  }

  /**
   * How many values lie between neighbouring edges.
   *
   * @param {{ field?: string, edges: Iterable<number> }} request  edges ascend
   * @returns {{ sample: number[], frame: number[] } | null}  in the sampled frames, and in the frame on screen
   */
  histogram({ field, edges }) {
    return this.#live.histogram({ field }, Float64Array.from(edges));
  }

  /**
   * The colours that values are drawn in.
   *
   * @param {{ field?: string, values: Iterable<number> }} request  NaN and infinities too
   * @returns {Uint8Array}  RGBA, four bytes a value, alpha not multiplied in
   */
  colors({ field, values }) {
    return this.#live.colors({ field }, Float32Array.from(values));
  }

  /** Asks again for what failed, and at once for what waits to be asked for again. */
  retry() {
    this.#live.retry(true);
  }

  /** @returns {BufferedRange[]}  frames decoded and in memory, for the top visible field */
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
    const open = this.#session !== null;
    this.#leave();
    // While it still answers: listeners may ask what there is.
    if (open) this.dispatchEvent(new CustomEvent("close", { detail: null }));
    this.#handle = null;
    this.#life.abort();
    handle.destroy();
    this.#workers.stop();
    this.#ready.reject(destroyed());
    this.#ready = deferred();
    this.#ready.reject(destroyed());
    for (const reject of this.#pending) reject(destroyed());
    this.#pending.clear();
  }
}
