/** What wasm-bindgen makes of formats/src/web.rs. */
export default function init(options: { module_or_path: string | URL }): Promise<unknown>;

export class Reading {
  constructor(kind: string, size: number);
  supply(start: number, bytes: Uint8Array): void;
  step(): string;
}
