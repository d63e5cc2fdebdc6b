/**
 * Memory: how many bytes the values take, and budgets for them, which are kept for the next visit.
 *
 * @typedef {import("./replayscope.js").Viewer} Viewer
 * @typedef {import("./notices.js").Notices} Notices
 */
import { editable, element } from "./dom.js";
import { count, decimal } from "./format.js";

const MIB = 2 ** 20;
const EVERY_MS = 1000;
const KEPT = "replayscope.budgets";

/**
 * @param {Viewer} viewer
 * @param {Notices} notices
 */
export function memoryPanel(viewer, notices) {
  const panel = element("memory", HTMLDetailsElement);
  const wasm = element("memory-wasm", HTMLElement);
  const rows = /** @type {const} */ (["cache", "gpu"]).map((kind) => {
    const used = element(`memory-${kind}`, HTMLElement);
    const box = editable(element(`budget-${kind}`, HTMLInputElement), (text) => {
      const mebibytes = decimal(text, true);
      if (!(mebibytes > 0)) {
        notices.say(`“${text}” is not an amount of memory. Type a number of MiB, such as 256.`);
        return false;
      }
      viewer.setBudgets({ [kind]: mebibytes * MIB });
      // The other budget still follows the size of each session.
      keep({ ...readKept(), [kind]: viewer.stats()[`${kind}Budget`] });
      show();
      return true;
    });
    return { kind, used, box };
  });
  let timer = 0;

  function show() {
    const stats = viewer.stats();
    for (const { kind, used, box } of rows) {
      used.textContent = count(stats[`${kind}Bytes`] / MIB);
      const budget = stats[`${kind}Budget`];
      box.show(budget > 0 ? String(Math.round(budget / MIB)) : ""); // without a session there is no budget yet
    }
    wasm.textContent = count(stats.wasmBytes / MIB);
  }

  function follow() {
    clearInterval(timer);
    if (!panel.open) return;
    show();
    timer = window.setInterval(show, EVERY_MS);
  }

  panel.addEventListener("toggle", follow);
  viewer.on("open", follow);
  viewer.on("close", () => clearInterval(timer));
  viewer.setBudgets(readKept());
}

/** @param {{ cache?: number, gpu?: number }} budgets */
function keep(budgets) {
  try {
    localStorage.setItem(KEPT, JSON.stringify(budgets));
  } catch {
    // This browser stores nothing: the budgets hold for this visit.
  }
}

/** @returns {{ cache?: number, gpu?: number }} */
function readKept() {
  try {
    const { cache, gpu } = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
    return { ...(cache > 0 && { cache }), ...(gpu > 0 && { gpu }) };
  } catch {
    return {};
  }
}
