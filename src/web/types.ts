// What crosses between the viewer and JavaScript: the shapes of states, events and results. Times are in seconds, and frames count
// from 0. wasm-bindgen puts this text before the declarations of the exported classes.

/** A frame's index, and its time in seconds. */
export interface FrameTime {
  frame: number;
  time: number;
}

/** Frames, half-open. */
export type BufferedRange = [start: number, stop: number];

export type LoopMode = "off" | "all" | "bounce" | "selection";

/** What a bin shows of its values in several frames. */
export type Projection = "max" | "mean" | "last" | "min";

/** `"uniform"`: perceptually uniform. */
export type ColormapKind = "uniform" | "sequential" | "diverging" | "cyclic" | "rainbow" | "isoluminant";

export interface Colormap {
  name: string;
  kind: ColormapKind;
  /** 256 RGB entries, 768 bytes; null: not fetched yet. */
  lut: Uint8Array<ArrayBuffer> | null;
}

export interface Field {
  name: string;
  units: string | null;
  /** The data type as stored. */
  dtype: string;
  /** Frames in one chunk. */
  chunkFrames: number;
  chunks: number;
}

export interface Region {
  name: string;
  type: "point" | "polygon";
  /** `#rrggbb`. */
  color: string;
}

export interface Overlay {
  name: string;
  type: string;
}

export interface Session {
  /** The absolute address; of files of this computer, their name. */
  url: string;
  /** Whether the session is made of files of this computer, so that no link can carry it. */
  local: boolean;
  name: string;
  description: string | null;
  frames: number;
  bins: number;
  /** Time of the first frame. */
  start: number;
  /** Time of the last frame. */
  stop: number;
  /** Hz; null when irregular. */
  rate: number | null;
  /** Stretches without frames, in seconds. */
  gaps: [start: number, stop: number][];
  /** Units of the environment's coordinates. */
  units: string | null;
  /** Extent of the bins in space. */
  bounds: { x: [number, number]; y: [number, number] };
  /** What the bins are: "grid", "hexagons", "triangles", "track", … */
  layout: string;
  /** Whether the bins can be shown side by side. */
  linearised: boolean;
  regions: Region[];
  fields: Field[];
  overlays: Overlay[];
  /** Sentences for the reader. */
  notes: string[];
}

/** `null`: estimated; a `null` side: that side is estimated; `"frame"`: the lowest and highest value of the frame on screen. */
export type Limits = [low: number | null, high: number | null] | "frame" | null;

/** One layer. A field has all properties; regions and overlays have the first four only. */
export interface Layer {
  name: string;
  /** `"field"`, `"region"`, or the type of an overlay (`"position"`). */
  kind: string;
  visible: boolean;
  /** 0…1 */
  opacity: number;
  colormap?: string;
  limits?: Limits;
  /** 0.2…2 */
  gamma?: number;
  reversed?: boolean;
  log?: boolean;
  /** The least value of the logarithmic scale; null: 1e-4 of the upper limit. */
  floor?: number | null;
  /** The limits are symmetric about this value. */
  center?: number | null;
  /** 2…256 discrete colours. */
  steps?: number | null;
  /** Opacity from value: transparent at the lower limit. */
  fade?: boolean;
  /** `#rrggbb`, as the next two. */
  noData?: string;
  /** null: the colour of the lower limit. */
  under?: string | null;
  /** null: the colour of the upper limit. */
  over?: string | null;
}

export interface Camera {
  /** Centre of the view, in units of the environment. */
  x: number;
  y: number;
  /** 1 shows the whole environment. */
  zoom: number;
  /** Degrees counter-clockwise. */
  rotation: 0 | 90 | 180 | 270;
}

export interface Scene {
  /** `#rrggbb` */
  background: string;
  borders: boolean;
  axes: boolean;
  scaleBar: boolean;
  /** A track's bins side by side. */
  linearised: boolean;
  /** Each axis fits the picture by itself. */
  fitAxes: boolean;
}

/** The state of the view: exactly what a link carries. */
export interface State {
  /** Time of the requested frame. */
  time: number;
  camera: Camera;
  scene: Scene;
  /** Bins with an outline. */
  pinned: number[];
  /** 1 is real time. */
  speed: number;
  loop: LoopMode;
  /** What one picture shows of the data frames that it covers during playback. */
  projection: Projection;
  /** `"frames"`: each data frame alone, however long it takes. */
  pace: "time" | "frames";
  /** What playback does with stretches without frames. */
  gaps: "wait" | "skip";
  /** The range of time that loop `"selection"` plays. */
  selection: [start: number, stop: number] | null;
  /** Bottom to top. */
  layers: Layer[];
}

/** Any part of a state. Layers are matched by name. */
export type StatePatch = Partial<Omit<State, "camera" | "scene" | "layers">> & {
  camera?: Partial<Camera>;
  scene?: Partial<Scene>;
  layers?: (Partial<Layer> & { name: string })[];
};

/** What is left out is as in the state. */
export interface PlayOptions {
  /** 1 is one second a second. */
  speed?: number;
  /** -1 plays backwards. */
  direction?: 1 | -1;
  loop?: LoopMode;
  projection?: Projection;
  pace?: State["pace"];
}

/** What a link says beside the page's address. */
export interface LinkParts {
  /** The session's address without credentials; null where a link carries none. */
  session: string | null;
  /** Hz, that the session was opened with. */
  rate: number | null;
  /** The state, without `#`. */
  fragment: string;
}

/**
 * Where limits come from. `"empty"`: there is no finite value; `"given"`: the user set both; `"link"`: they were estimated where the
 * link was made; `"frame"`: they are those of the frame on screen.
 */
export type RangeMethod = "exact" | "strided" | "subset" | "peaks" | "empty" | "constant" | "given" | "link" | "frame";

/** The limits in force of a field, and where they come from. */
export interface Range {
  field: string;
  low: number;
  high: number;
  method: RangeMethod;
  /** Frames that were looked at. */
  frames: number;
  /** Chunks that were looked at; 0 where the session stores the limits of all its frames. */
  chunks: number;
  /** Bytes of those chunks, as stored. */
  bytes: number;
  /** Seed of the choice of frames. */
  seed: number;
  /** Where a logarithmic scale begins; null: the scale is linear. */
  from: number | null;
}

export interface RangeRequest {
  /** The top visible field where it is left out. */
  field?: string;
  method?: "auto" | "exact" | "strided" | "subset" | "peaks";
  samples?: number;
  percentile?: [low: number, high: number];
  stride?: number;
  lower?: number;
  upper?: number;
  seed?: number;
  vmin?: number;
  vmax?: number;
}

/** How many values lie between neighbouring edges. */
export interface Histogram {
  /** In the sampled frames. */
  sample: number[];
  /** In the frame on screen. */
  frame: number[];
}

/** What lies under a point of the canvas, on the frame on screen. */
export interface Probe {
  /** Units of the environment, as is `y`. */
  x: number;
  y: number;
  bin: number | null;
  /** Centre of the bin. */
  center: [x: number, y: number] | null;
  /** Value of the top visible field. */
  value: number | null;
  /** Visible regions at that place, the top one first. */
  regions: string[];
}

/** A bin on the frame on screen. */
export interface Bin {
  bin: number;
  center: [x: number, y: number];
  /** Value in the top visible field. */
  value: number | null;
}

/** Counters since the viewer was made, and bytes now. */
export interface Counters {
  requests: number;
  bytesFetched: number;
  /** Seeks that found all their chunks in memory. */
  chunkHits: number;
  /** Seeks that did not. */
  chunkMisses: number;
  cacheBytes: number;
  cacheBudget: number;
  gpuBytes: number;
  gpuBudget: number;
  wasmBytes: number;
  framesPresented: number;
  /** Data frames that reached a picture. */
  framesCovered: number;
  /** Animation frames that came too late during playback. */
  lateFrames: number;
  /** Requests on their way. */
  inFlight: number;
}

/** Names of errors. */
export type ErrorCode =
  | "no-webgpu"
  | "device-lost"
  | "not-found"
  | "forbidden"
  | "status"
  | "range-ignored"
  | "wrong-range"
  | "short"
  | "too-large"
  | "unreachable"
  | "changed"
  | "timeout"
  | "bad-reference"
  | "file"
  | "array"
  | "session"
  | "no-time"
  | "environment"
  | "gpu"
  | "destroyed";

/** The types of events, and what each carries in `detail`. */
export interface Events {
  /** A session is being opened; `fraction` is 0…1. */
  progress: { text: string; fraction: number };
  /** The session that was open is gone: another one takes its place, or the viewer is destroyed. */
  close: null;
  /** A session is open; sent again when its times turn out to be others. */
  open: Session;
  /** A picture was presented. */
  frame: {
    /** The frame on screen: the last one of the `frames` that the picture covers. */
    frame: number;
    time: number;
    /** The frame that was asked for. */
    requested: number;
    /** Whether the picture shows what was asked for. */
    exact: boolean;
    /** Whether all chunks of it are in the store; else they are their fill value. */
    stored: boolean;
    frames: number;
    /** Above 0: the picture is a preview, the maximum over so many frames. */
    pooled: number;
    projection: Projection;
    framesPresented: number;
  };
  /** The estimated limits of a layer have changed. */
  range: {
    layer: string;
    limits: [low: number, high: number];
    /** The lowest and highest value that was seen. */
    extremes: [lowest: number, highest: number];
    method: RangeMethod;
    frames: number;
    chunks: number;
    bytes: number;
    seed: number;
    /** Whether the estimate will not change again. */
    final: boolean;
  };
  /** Sentences on values, of those read so far, that float32 cannot hold. */
  narrowed: { notes: string[] };
  /** Playback waits for data, or goes on. */
  stall: { waiting: boolean; frame: number };
  /** Requests are on their way. */
  loading: { inFlight: number; text: string };
  /** Frames in memory have changed. */
  buffered: BufferedRange[];
  /** The state has changed, or playback began or ended; not sent for every frame of playback. */
  state: State;
  /** Something was clamped or ignored. */
  notice: { text: string };
  /**
   * Something is asked for again by itself, or at once by `retry()`. `"server-wait"`: a server asked to wait, for so many seconds;
   * `"device-lost"`: there is no graphics device. An empty text once that is over.
   */
  wait: { code: "server-wait" | "device-lost"; text: string; retry: true; seconds: number | null };
  /** Something failed. `retry`: whether asking again can help; `seconds`: how long the server asked to wait. */
  error: { code: ErrorCode; text: string; retry: boolean; seconds: number | null };
}

/** One of the latest events of the open session. */
export type LatestEvent = { [T in keyof Events]: [type: T, detail: Events[T]] }[keyof Events];

/** A chunk as it is stored, with all that decoding it takes. */
export interface DecodeJob {
  /** Identity of the array, and the key under which a worker keeps it. */
  location: string;
  /** The array's metadata, `zarr.json` parsed. */
  node: unknown;
  /** Index of the chunk. */
  chunk: number;
  reads: Uint8Array<ArrayBuffer>[];
  /** Three numbers for each inner chunk. */
  places: Float64Array<ArrayBuffer>;
}

/** A decoded chunk. */
export interface Unpacked {
  /** Its values as they are kept in memory. */
  elements: Uint8Array<ArrayBuffer>;
  /** How many values float32 holds as 0 and as infinity only. */
  zeros: number;
  infinities: number;
}

/** With `keep_lld_exports`, which the second module needs, and what the cut in two adds. */
export interface InitOutput {
  readonly __wasm_split_shared0: WebAssembly.Global;
}

/** What `init()` has instantiated already. */
export function initSync(): InitOutput;
