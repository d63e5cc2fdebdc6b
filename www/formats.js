/** Reads the structure of HDF5 and zip files: a wasm module of its own, fetched when the first such file is met. */
import init, { Reading } from "../replayscope_formats.js";

/** @type {Promise<unknown> | undefined} */
let wasm;

/**
 * @param {string} kind  "hdf5" or "zip"
 * @param {number} size  bytes of the file
 */
export async function structure(kind, size) {
  wasm ??= init({ module_or_path: new URL("../replayscope_formats_bg.wasm", import.meta.url) });
  try {
    await wasm;
  } catch (error) {
    wasm = undefined; // the next file may try again
    throw error;
  }
  return new Reading(kind, size);
}
