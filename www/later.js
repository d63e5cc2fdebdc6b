/**
 * Fetches the wasm that opens anything but a Zarr v3 session when the viewer first needs it (src/later.rs). It works in
 * the memory of the page's; xtask/site/src/cut.rs makes both.
 */
import { initSync } from "../replayscope.js";

/** @type {Promise<unknown> | undefined} */
let coming;
let address = new URL("../replayscope_later.wasm", import.meta.url);

/** @param {string | URL} wasm  where the page's wasm lies, if an embedder put it elsewhere: this one lies beside it */
export function laterBeside(wasm) {
  address = new URL("replayscope_later.wasm", new URL(wasm, document.baseURI));
}

async function fetched() {
  const wasm = initSync();
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}`);
  const shared = {
    memory: wasm.memory,
    __indirect_function_table: wasm.__indirect_function_table,
    __wasm_split_shared0: wasm.__wasm_split_shared0,
  };
  return WebAssembly.instantiate(await response.arrayBuffer(), { __wasm_split: shared });
}

/**
 * What the viewer calls; `callback(data, whether it came)` is a function in its table.
 *
 * @param {number} callback
 * @param {number} data
 */
export async function __wasm_split_load_later(callback, data) {
  coming ??= fetched();
  let came = true;
  try {
    await coming;
  } catch (error) {
    console.warn(error); // the viewer tells that it did not come, and this says why
    coming = undefined; // the next call may try again
    came = false;
  }
  const wasm = initSync();
  wasm.__indirect_function_table.get(callback)(data, came);
}
