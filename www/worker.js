/** A worker that decodes chunks, so that the page need not: www/decoders.js starts it and sends it jobs. */
import { Decoder, initSync } from "../replayscope.js";

/** @type {Decoder} */
let decoder;

addEventListener("message", ({ data: { module, id, job } }) => {
  if (module) {
    initSync({ module });
    decoder = new Decoder();
    postMessage({});
    return;
  }
  try {
    const unpacked = decoder.decode(job);
    postMessage({ id, unpacked }, { transfer: [unpacked.elements.buffer] });
  } catch (error) {
    postMessage({ id, error: String(error) }); // the page decodes the chunk again, and reports why that fails
  }
});
