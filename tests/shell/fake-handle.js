// @ts-nocheck: a stand-in; www/types/replayscope.d.ts, written by the build, is what the shell is checked against.
/**
 * Stands where the wasm's glue does: the same `Handle`, with frames that are numbers and a network that is a timer.
 * The shell's tests load it as `/replayscope.js`. A URL's words choose what goes wrong: "missing", "slow", "broken", "trap", "busy", "offline".
 */

const LATENCY_MS = 40;
const WIDTH = 40;
const BINS = 1600;
const SCENE = { borders: false, axes: false, scaleBar: true, linearised: false, fitAxes: false, background: "#14161a" };
/** What the sample says, and the lowest and highest value of a frame: one that moves tells frames apart. */
const ESTIMATE = [0, 0.043];
const EXTREMES = [0, 0.9];
const ofFrame = (frame) => [0, 0.5 + frame / 1e7];
const FIELD = {
  colormap: "viridis", limits: null, gamma: 1, reversed: false, log: false, floor: null, center: null, steps: null, fade: false,
  noData: "#7f7f7f", under: null, over: null,
};

/** @param {string} code @param {string} text */
const failure = (code, text) => Object.assign(new Error(text), { code });

/** A made-up table, dark to bright. @param {[number, number, number]} to */
function ramp(to) {
  const lut = new Uint8Array(768);
  for (let i = 0; i < 256; i += 1) to.forEach((top, c) => (lut[i * 3 + c] = Math.round(top * (i / 255) ** (1 + c / 2))));
  return lut;
}

/** A module whose start function is `unreachable`: it stops as a panic does in the real one. */
const TRAP = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 8, 1, 0, 10, 5, 1, 3, 0, 0, 11,
]);

export default async function init() {}

/** A worker starts, and is never given a chunk. */
export function initSync() {}
export class Decoder {}

export class Handle {
  static async create(canvas, onEvent) {
    if (location.hash === "#no-adapter") throw failure("no-webgpu", "The browser found no adapter.");
    const handle = new Handle();
    handle.canvas = canvas;
    handle.latest = new Map();
    handle.emit = (type, detail) => {
      if (type === "close") handle.latest.clear();
      handle.latest.set(type, detail);
      if (type === "frame" && detail.exact && handle.awaitsFrame) {
        handle.awaitsFrame = false;
        handle.first.resolve({ frame: detail.frame, time: detail.time });
      }
      onEvent(type, detail);
    };
    handle.opened = null;
    handle.first = Promise.withResolvers();
    handle.calls = [];
    handle.turn = 0;
    handle.budgets = { cacheBudget: 256 * 2 ** 20, gpuBudget: 256 * 2 ** 20 };
    return handle;
  }

  static module() {
    return new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
  }

  static colormaps() {
    return [
      { name: "viridis", kind: "uniform", lut: ramp([250, 230, 60]) },
      { name: "magma", kind: "uniform", lut: ramp([250, 180, 200]) },
      { name: "gray", kind: "sequential", lut: ramp([255, 255, 255]) },
      { name: "RdBu", kind: "diverging", lut: ramp([5, 48, 97]) },
      { name: "cmo.phase", kind: "cyclic", lut: Handle.more ? ramp([170, 120, 20]) : null },
      { name: "twilight", kind: "cyclic", lut: Handle.more ? ramp([220, 210, 225]) : null },
    ];
  }

  static async more_colormaps() {
    await new Promise((done) => setTimeout(done, LATENCY_MS));
    Handle.more = true;
  }

  open_files(files, rate) { return this.instead(this.readFiles(files, rate)); }

  async readFiles(files, rate) {
    this.calls.push(["open_files", files.map(([path, file]) => [path, file.size]), rate ?? null]);
    const names = files.map(([path]) => path).join();
    await this.read(`files/${names}`, rate);
    Object.assign(this.opened, { url: names.split(/[/,]/)[0], name: names.split(/[/,]/)[0], local: true });
    this.emit("open", this.opened);
    return this.opened;
  }

  open(url, rate) {
    return this.instead(this.read(URL.canParse(url, document.baseURI) ? new URL(url, document.baseURI).href : url, rate));
  }

  /** @param {Promise<unknown>} session  being opened in place of any other */
  async instead(session) {
    this.awaitsFrame = false;
    if (this.first.taken) {
      this.first.reject(new DOMException("Another session was opened.", "AbortError"));
      this.first = Promise.withResolvers();
    }
    const { first } = this;
    first.taken = true;
    first.promise.catch(() => {});
    try {
      return await session;
    } catch (reason) {
      first.reject(reason);
      throw reason;
    }
  }

  ready() { return this.first.promise; }

  async read(url, rate) {
    const turn = this.turn += 1;
    this.emit("progress", { text: `reading ${url}`, fraction: 0.3 });
    if (url.includes("busy")) {
      this.emit("wait", { code: "server-wait", text: "The server asked to wait 4000 s.\nhttps://host/busy", seconds: 4000 });
      await new Promise((done) => (this.cut = done));
      this.emit("wait", { code: "server-wait", text: "", seconds: null });
    }
    await new Promise((done) => setTimeout(done, LATENCY_MS));
    if (turn !== this.turn) throw new DOMException("superseded", "AbortError");
    if (url.includes("offline") && !Handle.back) {
      this.emit("error", { code: "unreachable", text: "No answer came.\nhttps://host/offline", retry: false });
      throw failure("unreachable", "No answer came.\nhttps://host/offline");
    }
    if (url.includes("missing")) {
      throw failure("not-found", `There is no session here: the server answered 404.\nCheck the path. ${url}`);
    }
    if (url.includes("untimed") && rate === undefined) {
      this.emit("error", { code: "no-time", text: "The session says nowhere when its frames are.", retry: false });
      throw failure("no-time", "The session says nowhere when its frames are.");
    }
    const frames = 3_600_000;
    clearInterval(this.ticker);
    clearTimeout(this.timer);
    if (this.opened) this.emit("close", null);
    [this.rate, this.awaitsFrame] = [rate, true];
    this.opened = {
      url, local: false, gaps: url.includes("epochs") ? [[1100, 1300], [2600, 2601]] : [],
      name: url.includes("other") ? "other" : "open field", description: "A rat in a box.", frames, bins: BINS,
      start: 100, stop: 100 + (frames - 1) / 500, rate: 500, units: "cm",
      bounds: { x: [0, 100], y: [0, url.includes("thin") ? 0.04 : 100] },
      fields: [{ name: "posterior", units: null, dtype: "float32", chunkFrames: 163, chunks: 22086 }],
      overlays: [{ name: "position", type: "position" }], notes: [],
      layout: "grid", linearised: url.includes("track"), regions: [{ name: "goal", type: "point", color: "#e69f00" }],
    };
    this.requested = this.displayed = 0;
    this.sampled = false;
    this.isPlaying = false;
    this.broken = url.includes("broken");
    this.view = {
      time: 100, camera: { x: 50, y: 50, zoom: 1, rotation: 0 }, speed: 1, loop: "off", projection: "max", pace: "time", gaps: "wait",
      selection: null, scene: { ...SCENE }, pinned: [],
      layers: [
        { name: "posterior", kind: "field", visible: true, opacity: 1, ...FIELD },
        { name: "goal", kind: "region", visible: true, opacity: 0.3 },
        { name: "position", kind: "position", visible: true, opacity: 1 },
      ],
    };
    this.emit("open", this.opened);
    setTimeout(() => {
      this.sampled = true;
      this.emit("range", {
        layer: "posterior", limits: ESTIMATE, extremes: EXTREMES, method: "peaks", frames: 4096, chunks: 64, bytes: 1 << 24, seed: 0,
        final: !url.includes("refining"),
      });
      this.present(this.requested);
    }, LATENCY_MS);
    if (this.kept) this.apply_fragment(this.kept);
    this.kept = null;
    return this.opened;
  }

  session() { return this.latest.get("open") ?? null; }
  latest_events() { return ["open", "range", "state", "frame", "loading", "buffered"].flatMap((type) => (this.latest.has(type) ? [[type, this.latest.get(type)]] : [])); }

  /** Draws something that moves, and says so; `pooled` frames around it stand in for one that is on its way. */
  present(frame, pooled = 0) {
    this.displayed = frame;
    const context = this.canvas.getContext("2d");
    const { width, height } = this.canvas;
    context.fillStyle = "#0d0f12";
    context.fillRect(0, 0, width, height);
    const side = Math.min(width, height) / WIDTH;
    const at = frame / 900;
    for (let i = 0; i < BINS && this.view.layers[0].visible; i += 1) {
      const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
      const near = Math.exp(-((x - 20 - 12 * Math.cos(at)) ** 2 + (y - 20 - 12 * Math.sin(at)) ** 2) / 18);
      context.fillStyle = `rgb(${68 + 180 * near} ${1 + 220 * near} ${84 - 40 * near})`;
      context.fillRect((width - side * WIDTH) / 2 + x * side, y * side, side + 0.5, side + 0.5);
    }
    this.emit("frame", {
      frame, time: 100 + frame / 500, requested: this.requested, exact: frame === this.requested && pooled === 0,
      stored: frame < 3_000_000, frames: pooled || 1, pooled, projection: "max", framesPresented: 1,
    });
    this.emit("buffered", null);
  }

  seek({ frame, time }) {
    if (this.opened.url.includes("trap")) return WebAssembly.instantiate(TRAP);
    const wanted = frame ?? Math.round((time - 100) * 500);
    this.requested = Math.min(Math.max(wanted, 0), this.opened.frames - 1);
    this.view.time = 100 + this.requested / 500;
    this.refuse?.(new DOMException("superseded", "AbortError"));
    clearTimeout(this.timer);
    this.emit("loading", { inFlight: 1, text: `loading frame ${this.requested}` });
    this.emit("state", this.state());
    if (this.opened.url.includes("pyramid")) this.present(this.requested, 256);
    return new Promise((resolve, reject) => {
      this.refuse = reject;
      this.timer = setTimeout(() => {
        if (this.broken && this.requested > 1000) {
          this.emit("error", { code: "unreachable", text: "The connection was lost.\nhttps://host/c/1", retry: true });
          reject(failure("unreachable", "The connection was lost.\nhttps://host/c/1"));
          return;
        }
        this.emit("loading", { inFlight: 0, text: "" });
        this.present(this.requested);
        resolve({ frame: this.requested, time: 100 + this.requested / 500 });
      }, this.opened.url.includes("slow") ? 1500 : LATENCY_MS);
    });
  }

  play({ direction = 1 } = {}) {
    this.isPlaying = true;
    this.way = direction;
    clearInterval(this.ticker);
    this.ticker = setInterval(() => {
      if (this.opened.url.includes("waiting")) return; // in a gap, say
      this.requested = Math.min(Math.max(this.requested + 8 * direction, 0), this.opened.frames - 1);
      this.present(this.requested);
    }, 16);
    this.emit("state", this.state());
  }

  pause() {
    this.isPlaying = false;
    clearInterval(this.ticker);
    this.emit("state", this.state());
  }

  playing() { return this.isPlaying ?? false; }
  direction() { return this.way ?? 1; }
  state() { return structuredClone(this.view ?? { speed: 1, loop: "off", projection: "max", pace: "time", gaps: "wait", selection: null, scene: SCENE, pinned: [], layers: [] }); }

  set_state({ layers = [], camera, scene, ...rest }) {
    Object.assign(this.view, rest);
    Object.assign(this.view.camera, camera);
    Object.assign(this.view.scene, scene);
    for (const patch of layers) Object.assign(this.view.layers.find(({ name }) => name === patch.name) ?? {}, patch);
    this.emit("state", this.state());
  }

  link() {
    const { opened } = this;
    const session = opened === null || opened.local ? null : opened.url.replace(/\/\/[^/]*@/, "//");
    return { session, rate: this.rate ?? null, fragment: this.view ? `t=${this.view.time}&v=1` : "" };
  }

  apply_fragment(fragment) {
    if (this.opened === null) {
      this.kept = fragment;
      return;
    }
    const time = Number(new URLSearchParams(fragment).get("t"));
    if (Number.isNaN(time)) this.emit("notice", { text: "The link's time makes no sense: ignored." });
    else this.seek({ time }).catch(() => {});
  }

  /** One unit is ten CSS pixels, and the canvas's top left corner is (0, 0); regions are at the left. */
  probe({ x, y }) {
    const [across, up] = this.view.camera.rotation % 180 === 0 ? [x / 10, -y / 10] : [-y / 10, -x / 10];
    return { x: across, y: up, bin: 820, center: [20.5, 20.5], value: this.bin(820).value, regions: x < 100 ? ["goal"] : [] };
  }
  /** One unit wide, and high; of "thin" ones two pixels wide and the hundredth of one high, at one scale for both. */
  polygon(bin) {
    const [width, height] = this.opened.url.includes("thin") ? [0.2, this.view.scene.fitAxes ? 1 : 0.001] : [1, 1];
    return [[bin, 0], [bin + width, 0], [bin + width, height], [bin, height]];
  }

  bin(bin) { return { bin, center: [20.5, 20.5], value: this.displayed === 0 ? NaN : 0.0123456789 }; }
  zoom(step) { this.calls.push(["zoom", step]); }
  pan(step) { this.calls.push(["pan", step]); }
  reset_view() { this.calls.push(["reset_view"]); }

  resize({ width, height, dpr }) {
    this.canvas.width = Math.round(width * dpr);
    this.canvas.height = Math.round(height * dpr);
    this.calls.push(["resize", { width, height, dpr }]);
    if (this.opened) this.present(this.displayed);
  }

  field({ field }) { return this.opened && this.view.layers.find(({ name, kind }) => name === (field ?? "posterior") && kind === "field"); }

  range(of) {
    const layer = this.field(of);
    if (!layer) return null;
    const { limits, center } = layer;
    let [low, high] = limits === "frame" ? ofFrame(this.displayed) : ESTIMATE.map((end, at) => limits?.[at] ?? end);
    if (center !== null) {
      const reach = Math.max(center - low, high - center);
      [low, high] = [center - reach, center + reach];
    }
    const from = layer.log && high > 0 ? Math.max(layer.floor ?? high * 1e-4, low) : null;
    const none = { field: layer.name, low, high, from, method: "empty", frames: 0, chunks: 0, bytes: 0, seed: 0 };
    if (limits === "frame") return { ...none, method: "frame", frames: 1 };
    if (limits?.every((end) => end !== null)) return { ...none, method: "given" };
    return this.sampled ? { ...none, method: "peaks", frames: 4096, chunks: 64, bytes: 1 << 24 } : none;
  }

  /** A gray ramp, with each of the other colours where it belongs. */
  colors(of, values) {
    const { low, high, from } = this.range(of);
    const { gamma, fade, noData, under, over } = this.field(of);
    const rgba = (hex) => [...[1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)), 255];
    const gray = (t) => [...Array(3).fill(Math.round(255 * t)), fade ? Math.round(255 * t) : 255];
    return Uint8Array.from([...values].flatMap((value) => {
      if (Number.isNaN(value)) return rgba(noData);
      if (value < low) return under ? rgba(under) : gray(0);
      if (value > high) return over ? rgba(over) : gray(1);
      return gray((from === null ? (value - low) / (high - low) : value <= from ? 0 : Math.log(value / from) / Math.log(high / from)) ** gamma);
    }));
  }

  /** Fewer of larger values, and one in the frame on screen. */
  histogram(of, edges) {
    this.calls.push(["histogram", of.field, [...edges], this.displayed]);
    const bars = edges.length - 1;
    return {
      sample: Array.from({ length: bars }, (_, at) => Math.round(1e6 * 0.8 ** at)),
      frame: Array.from({ length: bars }, (_, at) => (at === this.displayed % bars ? BINS : 0)),
    };
  }

  async estimate_range(request) {
    if (request.method === "best") throw new RangeError("“best” is no method.");
    return { ...this.range(request), method: request.method ?? "peaks" };
  }

  retry(waits) {
    this.calls.push(["retry", waits]);
    if (waits) this.cut?.();
    if (!this.opened) return;
    this.broken = false;
    this.present(this.requested);
  }

  set_hidden(hidden) {
    this.hidden = [...(this.hidden ?? []), hidden];
  }

  stop_opening() {
    this.turn += 1;
    this.cut?.();
  }

  buffered() { return [[0, 90_000], [1_200_000, 1_290_000], [2_000_000, 2_000_163]]; }
  stats() { return { calls: this.calls, hidden: this.hidden, cacheBytes: 120 * 2 ** 20, gpuBytes: 64 * 2 ** 20, wasmBytes: 150 * 2 ** 20, ...this.budgets }; }

  set_budgets({ cache, gpu }) {
    this.budgets = { cacheBudget: cache ?? this.budgets.cacheBudget, gpuBudget: gpu ?? this.budgets.gpuBudget };
  }

  time_of(frame) { return 100 + frame / 500; }
  written_time(frame) { return Math.round(this.time_of(frame) * 1000) / 1000; }
  time_decimals() { return 3; }
  bin_size() { return 2; }
  frame_at(time) { return Math.floor((time - 100) * 500 + 1e-6); }
  async values() { return new Float32Array(BINS); }
  async pixels({ width, height }) { return new ImageData(width, height); }
  destroy() {
    this.calls.push(["destroy"]);
    this.latest.clear();
  }
  free() {}
}
