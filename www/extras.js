/**
 * Fetches the module of the extras (src/extras.rs) when the viewer first needs one of them. The module works in the memory of the
 * page's; xtask/site/src/cut.rs makes both.
 */
import { initSync } from "../replayscope.js";

/** @type {Promise<unknown> | undefined} */
let loading;
let address = new URL("../replayscope_extras.wasm", import.meta.url);

/** @param {string | URL} wasm  the address of the page's module, if an embedder put it elsewhere; the extras' lies beside it */
export function extrasBeside(wasm) {
  address = new URL("replayscope_extras.wasm", new URL(wasm, document.baseURI));
}

async function load() {
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
 * Called by the viewer. `callback(data, loaded)` is a function in the module's table.
 *
 * @param {number} callback
 * @param {number} data
 */
export async function __wasm_split_load_extras(callback, data) {
  loading ??= load();
  let loaded = true;
  try {
    await loading;
  } catch (error) {
    console.warn(error); // the viewer reports that the module is missing, and this says why
    loading = undefined; // the next call may try again
    loaded = false;
  }
  const wasm = initSync();
  wasm.__indirect_function_table.get(callback)(data, loaded);
}
