/**
 * The status bar: where the pointer is and what lies there, what is loading, and the link to copy.
 *
 * @typedef {import("./replayscope.js").Viewer} Viewer
 * @typedef {import("./notices.js").Notices} Notices
 */
import { element } from "./dom.js";
import { count, fine, number, place as placed } from "./format.js";
import { copy } from "./link.js";

/** Loads that are faster are not shown. */
const LOADING_AFTER_MS = 120;
const COPIED_MS = 2000;

/**
 * @param {Viewer} viewer
 * @param {HTMLCanvasElement} canvas
 * @param {Notices} notices
 */
export function statusBar(viewer, canvas, notices) {
  probeReadout(viewer, canvas);
  activity(viewer);
  copyLink(viewer, notices);
}

/**
 * Shows x, y, bin and value under the pointer, or at the centre of the picture while the canvas has the keyboard focus.
 *
 * @param {Viewer} viewer
 * @param {HTMLCanvasElement} canvas
 */
function probeReadout(viewer, canvas) {
  const place = element("probe", HTMLElement);
  const time = element("shown-time", HTMLElement);
  const cross = element("cross", HTMLElement);
  const label = element("region-label", HTMLElement);
  /** @type {{ x: number, y: number } | null} */
  let pointer = null;

  function show() {
    const middle = canvas.matches(":focus-visible");
    cross.hidden = pointer !== null || !middle;
    const point = pointer ?? (middle ? { x: canvas.clientWidth / 2, y: canvas.clientHeight / 2 } : null);
    const found = point && viewer.session && viewer.probe(point);
    label.hidden = !found || found.regions.length === 0;
    if (!found) {
      place.textContent = "";
      return;
    }
    const units = viewer.session?.units ? ` ${viewer.session.units}` : "";
    const beside = viewer.probe({ x: point.x + 1, y: point.y });
    const finest = Math.min(viewer.binSize / 100, beside ? Math.hypot(beside.x - found.x, beside.y - found.y) : Infinity);
    const bin = found.bin ?? null;
    const value = found.value ?? null;
    place.textContent = [
      `x ${fine(found.x, finest)}${units}`,
      `y ${fine(found.y, finest)}${units}`,
      bin === null ? "no bin" : `bin ${count(bin)}${found.center ? ` at ${placed(found.center, viewer.binSize)}` : ""}`,
      value === null ? "" : `value ${Number.isNaN(value) ? "NaN (no data)" : number(value)}`,
    ].filter(Boolean).join("   ");
    label.textContent = found.regions.join(", ");
    label.style.left = `${point.x + 14}px`;
    label.style.top = `${point.y + 10}px`;
  }

  canvas.addEventListener("pointermove", (event) => {
    pointer = { x: event.offsetX, y: event.offsetY };
    show();
  });
  canvas.addEventListener("pointerleave", () => {
    pointer = null;
    show();
  });
  canvas.addEventListener("focus", show);
  canvas.addEventListener("blur", show);
  viewer.on("close", () => (time.textContent = place.textContent = ""));
  viewer.on("state", show);
  viewer.on("frame", (frame) => {
    time.textContent = `${viewer.timeText(frame.frame)} s`;
    show();
  });
}

/**
 * Shows what is loading, whether playback waits, and whether the frame on screen is not stored.
 *
 * @param {Viewer} viewer
 */
function activity(viewer) {
  const loading = element("loading", HTMLElement);
  const absent = element("absent", HTMLElement);
  const stalled = element("stalled", HTMLElement);
  let timer = 0;

  viewer.on("loading", ({ inFlight, text }) => {
    clearTimeout(timer);
    if (inFlight === 0) {
      loading.textContent = "";
      return;
    }
    const say = () => (loading.textContent = text || `loading (${inFlight})`);
    if (loading.textContent) say();
    else timer = window.setTimeout(say, LOADING_AFTER_MS);
  });
  viewer.on("frame", ({ stored }) => (absent.hidden = stored));
  viewer.on("stall", ({ waiting, frame }) => {
    stalled.textContent = waiting ? `waiting for frame ${count(frame)}` : "";
  });
  viewer.on("close", () => {
    clearTimeout(timer);
    absent.hidden = true;
    loading.textContent = stalled.textContent = "";
  });
}

/**
 * @param {Viewer} viewer
 * @param {Notices} notices
 */
function copyLink(viewer, notices) {
  const button = element("copy-link", HTMLButtonElement);
  const label = element("copy-link-label", HTMLElement);
  const plain = label.textContent ?? "";
  let timer = 0;
  viewer.on("open", () => (button.disabled = false));
  viewer.on("close", () => (button.disabled = true));
  button.addEventListener("click", async () => {
    if (viewer.session?.local) {
      notices.say(`“${viewer.session.name}” is on this computer only, so a link cannot carry it. To share it, put it on a web ` +
        "server and open it from there: as it is, or packed, which reads faster (replayscope pack FILES -o session.zarr). " +
        "In your own network, replayscope serve DIR is such a server.");
      return;
    }
    const link = viewer.link();
    if (!await copy(link)) {
      notices.say(`The browser does not let this page write to the clipboard. The link: ${link}`);
      return;
    }
    notices.say("Link copied: session, time, colours and camera.");
    label.textContent = "Copied ✓";
    clearTimeout(timer);
    timer = window.setTimeout(() => (label.textContent = plain), COPIED_MS);
  });
}
