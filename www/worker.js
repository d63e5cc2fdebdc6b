/** Decodes chunks beside the page, so that it never waits for one: www/decoders.js starts it and hands it jobs. */
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
    postMessage({ id, error: String(error) }); // whoever asked decodes it again, and tells why it cannot
  }
});
