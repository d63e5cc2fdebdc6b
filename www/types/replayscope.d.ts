// Written by `cargo xtask build` from src/web/, which is what to change.
/* tslint:disable */
/* eslint-disable */
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



/**
 * Decodes chunks in a worker.
 */
export class Decoder {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Unpacks the chunk of a job: its elements, and how many values became 0 or infinite in float32.
     */
    decode(job: DecodeJob): Unpacked;
    /**
     * Makes a decoder without arrays.
     */
    constructor();
}

/**
 * A viewer on a canvas.
 */
export class Handle {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Applies the fragment of a link; where no session is open, to the next one.
     */
    apply_fragment(fragment: string): void;
    /**
     * A bin's centre and value, or null.
     */
    bin(bin: number): Bin | null;
    /**
     * The bin at a place in environment units, or null.
     */
    bin_at(place: { x: number; y: number }): number | null;
    /**
     * Mean width of a bin in units of the view on screen; NaN without a session.
     */
    bin_size(): number;
    /**
     * Frames in memory, as half-open intervals.
     */
    buffered(): BufferedRange[];
    /**
     * All colormaps; a `lut` that is not fetched yet is null.
     */
    static colormaps(): Colormap[];
    /**
     * Colours of values of `{field}`: RGBA, four bytes for each value.
     */
    colors(of: { field?: string }, values: Float32Array): Uint8Array;
    /**
     * Makes a viewer that draws on `canvas`, calls `on_event(type, detail)` for each event, and has chunks decoded by `decode(job)`,
     * which promises what `Decoder::decode` returns. Rejects where there is no WebGPU.
     */
    static create(canvas: HTMLCanvasElement, on_event: (type: keyof Events, detail: unknown) => void, decode: (job: DecodeJob) => Promise<Unpacked>): Promise<Handle>;
    /**
     * Stops everything and frees it. The handle is not used after this.
     */
    destroy(): void;
    /**
     * 1 where playback runs forward, or ran forward last; else −1.
     */
    direction(): 1 | -1;
    /**
     * Estimates the range of a field's values.
     */
    estimate_range(request: RangeRequest): Promise<Range>;
    /**
     * The frame that is shown at a time in seconds; 0 without a session.
     */
    frame_at(time: number): number;
    /**
     * Counts values of `{field}` between `edges`, which ascend, in the sample and on screen; null without a session.
     */
    histogram(of: { field?: string }, edges: Float64Array): Histogram | null;
    /**
     * The latest events of the session on screen, `[[type, detail], …]`, in the order in which a listener that is added now gets
     * them.
     */
    latest_events(): LatestEvent[];
    /**
     * The parts of a link to this view.
     */
    link(): LinkParts;
    /**
     * The compiled wasm, for the workers.
     */
    static module(): WebAssembly.Module;
    /**
     * Fetches the colormaps that are missing.
     */
    static more_colormaps(): Promise<void>;
    /**
     * Opens a session; resolves to its description. `rate` in Hz is used where the session has no times of frames.
     */
    open(url: string, rate?: number | null): Promise<Session>;
    /**
     * Opens files of this computer, `[[path, File], …]`, as one session.
     */
    open_files(files: [path: string, file: File][], rate?: number | null): Promise<Session>;
    /**
     * Moves the picture by CSS pixels, y down.
     */
    pan(pan: { dx: number; dy: number }): void;
    /**
     * Stops playback.
     */
    pause(): void;
    /**
     * The current view, drawn offscreen at another size.
     */
    pixels(size: { width?: number; height?: number }): Promise<ImageData>;
    /**
     * Starts playback; options that are left out are as in the state.
     */
    play(options: PlayOptions): void;
    /**
     * Whether playback runs, or waits for data.
     */
    playing(): boolean;
    /**
     * Corners of a bin in environment units.
     */
    polygon(bin: number): [x: number, y: number][];
    /**
     * What lies under a point in CSS pixels; null without a session.
     */
    probe(point: { x: number; y: number }): Probe | null;
    /**
     * The pixel of a place in environment units, in what `pixels()` draws.
     */
    project(place: { x: number; y: number; width?: number; height?: number }): { x: number; y: number };
    /**
     * The limits in force of `{field}` and where they come from; null without a session.
     */
    range(of: { field?: string }): Range | null;
    /**
     * Promises `{frame, time}` of the first exact frame of the session that was opened last.
     */
    ready(): Promise<FrameTime>;
    /**
     * Shows the whole environment.
     */
    reset_view(): void;
    /**
     * Sets the size of the canvas: CSS pixels, and device pixels in one of them.
     */
    resize(size: { width: number; height: number; dpr?: number }): void;
    /**
     * Repeats failed requests and, if `waits`, at once those that wait to be repeated.
     */
    retry(waits: boolean): void;
    /**
     * Seeks to `{frame}` or `{time}`; resolves to `{frame, time}` once the device has accepted that exact frame.
     */
    seek(target: { frame: number } | { time: number }): Promise<FrameTime>;
    /**
     * The session on screen, or null.
     */
    session(): Session | null;
    /**
     * Sets how many bytes of decoded values are kept in memory and on the GPU, 16 MiB to 3 GiB each; other values are clamped.
     */
    set_budgets(budgets: { cache?: number; gpu?: number }): void;
    /**
     * Sets whether the page is hidden.
     */
    set_hidden(hidden: boolean): void;
    /**
     * Changes parts of the state.
     */
    set_state(patch: StatePatch): void;
    /**
     * The state of the view.
     */
    state(): State;
    /**
     * Counters since the viewer was made, and bytes now.
     */
    stats(): Counters;
    /**
     * Stops opening a session, where one is being opened.
     */
    stop_opening(): void;
    /**
     * Decimals of such times.
     */
    time_decimals(): number;
    /**
     * Time of a frame in seconds; NaN without a session.
     */
    time_of(frame: number): number;
    /**
     * Reads the stored values of one frame, as float32, one for each bin.
     */
    values(target: { frame: number; field: string }): Promise<Float32Array<ArrayBuffer>>;
    /**
     * That time rounded to few digits, such that `frame_at` gives the frame; see `TimeAxis::written`.
     */
    written_time(frame: number): number;
    /**
     * Zooms by `factor`; the point `(x, y)` in CSS pixels stays where it is.
     */
    zoom(zoom: { factor: number; x: number; y: number }): void;
}

export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOutput {
    readonly __indirect_function_table: WebAssembly.Table;
    readonly memory: WebAssembly.Memory;
    readonly __wbindgen_externrefs: WebAssembly.Table;
}

export type SyncInitInput = BufferSource | WebAssembly.Module;

/**
 * Instantiates the given `module`, which can either be bytes or
 * a precompiled `WebAssembly.Module`.
 *
 * @param {{ module: SyncInitInput }} module - Passing `SyncInitInput` directly is deprecated.
 *
 * @returns {InitOutput}
 */
export function initSync(module: { module: SyncInitInput } | SyncInitInput): InitOutput;

/**
 * If `module_or_path` is {RequestInfo} or {URL}, makes a request and
 * for everything else, calls `WebAssembly.instantiate` directly.
 *
 * @param {{ module_or_path: InitInput | Promise<InitInput> }} module_or_path - Passing `InitInput` directly is deprecated.
 *
 * @returns {Promise<InitOutput>}
 */
export default function __wbg_init (module_or_path: { module_or_path: InitInput | Promise<InitInput> } | InitInput | Promise<InitInput>): Promise<InitOutput>;
