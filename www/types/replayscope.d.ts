// The module that wasm-bindgen writes beside index.html: what src/web/ exports.
import type {
  BufferedRange, Colormap, FrameTime, LoopMode, Probe, Projection, Range, RangeRequest, Session, State, StatePatch, Stats,
} from "../replayscope.js";

export default function init(
  options?: { module_or_path?: string | URL | Request },
): Promise<unknown>;

/** What the wasm exports, of which `www/extras.js` hands some on. */
export interface Wasm {
  memory: WebAssembly.Memory;
  __indirect_function_table: WebAssembly.Table;
  __wasm_split_shared0: WebAssembly.Global;
}

/** For a worker that has this module in a compiled wasm of its own, and for what is sure that it is there. */
export function initSync(options?: { module: WebAssembly.Module }): Wasm;

/** A chunk as it is stored, with all that decoding it takes. */
export interface DecodeJob {
  reads: Uint8Array<ArrayBuffer>[];
}

/** What a chunk unpacks to: its values as they are kept, and how many of them only float64 can hold and are 0 or infinite now. */
export interface Unpacked {
  elements: Uint8Array<ArrayBuffer>;
  zeros: number;
  infinities: number;
}

export class Decoder {
  constructor();
  decode(job: DecodeJob): Unpacked;
  free(): void;
}

export class Handle {
  private constructor();
  /** Rejects with an Error that has a `code`. */
  static create(
    canvas: HTMLCanvasElement,
    onEvent: (type: string, detail: unknown) => void,
    decode: (job: DecodeJob) => Promise<Unpacked>,
  ): Promise<Handle>;
  static module(): WebAssembly.Module;
  static colormaps(): Colormap[];
  static more_colormaps(): Promise<void>;
  open(url: string, rate?: number): Promise<Session>;
  open_files(files: [path: string, file: File][], rate?: number): Promise<Session>;
  stop_opening(): void;
  session(): Session | null;
  seek(target: { frame?: number; time?: number }): Promise<FrameTime>;
  play(options: { speed?: number; direction?: 1 | -1; loop?: LoopMode; projection?: Projection; pace?: State["pace"] }): void;
  pause(): void;
  playing(): boolean;
  direction(): 1 | -1;
  state(): State;
  set_state(patch: StatePatch): void;
  fragment(): string;
  apply_fragment(fragment: string): void;
  shareable(url: string): Promise<string>;
  values(target: { frame: number; field: string }): Promise<Float32Array>;
  pixels(size: { width?: number; height?: number }): Promise<ImageData>;
  stats(): Stats;
  set_budgets(bytes: { cache?: number; gpu?: number }): void;
  time_of(frame: number): number;
  written_time(frame: number): number;
  time_decimals(): number;
  bin_size(): number;
  frame_at(time: number): number;
  probe(point: { x: number; y: number }): Probe | null;
  bin_at(place: { x: number; y: number }): number | null | undefined;
  polygon(bin: number): [x: number, y: number][];
  bin(bin: number): { bin: number; center: [x: number, y: number]; value?: number | null } | null | undefined;
  project(place: { x: number; y: number; width?: number; height?: number }): { x: number; y: number };
  zoom(step: { factor: number; x: number; y: number }): void;
  pan(step: { dx: number; dy: number }): void;
  reset_view(): void;
  resize(size: { width: number; height: number; dpr: number }): void;
  range(of: { field?: string }): Range | null;
  estimate_range(request: RangeRequest): Promise<Range>;
  histogram(of: { field?: string }, edges: Float64Array): { sample: number[]; frame: number[] } | null;
  colors(of: { field?: string }, values: Float32Array): Uint8Array;
  retry(waits: boolean): void;
  set_hidden(hidden: boolean): void;
  buffered(): BufferedRange[];
  destroy(): void;
  free(): void;
}
