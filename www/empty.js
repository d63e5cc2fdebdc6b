/**
 * The opening card: a box for a URL, the demo as a button, and the progress of what is being opened.
 *
 * @typedef {import("./replayscope.js").Viewer} Viewer
 */
import { element } from "./dom.js";

/** Relative to the page: every build has this session beside it. */
const DEMO = "demo.zarr";

/**
 * @param {Viewer} viewer
 * @param {(url: string) => void} open
 */
export function emptyState(viewer, open) {
  const card = element("empty", HTMLElement);
  const form = element("open-form", HTMLFormElement);
  const box = element("url", HTMLInputElement);
  const cancel = element("cancel-open", HTMLButtonElement);
  const progress = element("progress", HTMLElement);
  const bar = element("progress-bar", HTMLProgressElement);
  const text = element("progress-text", HTMLElement);
  const stopOpening = element("stop-opening", HTMLButtonElement);

  function show() {
    cancel.hidden = viewer.session === null;
    progress.hidden = true;
    card.hidden = false;
    box.focus();
    box.select();
  }

  function hide() {
    card.hidden = true;
    progress.hidden = true;
  }

  /**
   * Opening failed: a session that was open before stays on screen, and without one the card is shown again.
   *
   * @param {string} [url]  stays in the box, to be corrected
   * @param {boolean} [stays]  whether an open session is the one from before
   */
  function failed(url, stays = true) {
    if (url !== undefined) box.value = url;
    if (stays && viewer.session !== null) hide();
    else show();
  }

  /** What the button Cancel beside the progress bar calls. @type {(() => void) | null} */
  let stop = null;
  stopOpening.addEventListener("click", () => stop?.());

  /**
   * @param {string} what
   * @param {(() => void) | null} [cancel]  stops the opening; without it there is no button
   */
  function opening(what, cancel = null) {
    stop = cancel;
    stopOpening.hidden = cancel === null;
    card.hidden = true;
    progress.hidden = false;
    progress.classList.toggle("aside", viewer.session !== null);
    bar.removeAttribute("value");
    text.textContent = what;
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const url = box.value.trim();
    if (url === "") box.focus();
    else open(url);
  });
  card.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && viewer.session !== null) hide();
  });
  cancel.addEventListener("click", hide);
  element("demo", HTMLButtonElement).addEventListener("click", () => open(DEMO));
  element("open-other", HTMLButtonElement).addEventListener("click", () => show());
  viewer.on("progress", (detail) => {
    text.textContent = detail.text;
    if (detail.fraction === null) bar.removeAttribute("value");
    else bar.value = detail.fraction;
  });

  return { show, hide, failed, opening };
}
