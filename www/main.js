/** Wires the page: one viewer on the canvas, and around it the modules named for what they are. */
import { canvasInput } from "./canvas.js";
import { colorbar } from "./colorbar.js";
import { element } from "./dom.js";
import { emptyState } from "./empty.js";
import { count } from "./format.js";
import { keys } from "./keys.js";
import { layerPanel } from "./layers.js";
import { addressBar, rateOf, sessionOf } from "./link.js";
import { localFiles } from "./local.js";
import { memoryPanel } from "./memory.js";
import { createNotices } from "./notices.js";
import { estimatedRanges } from "./ranges.js";
import { askRate } from "./rate.js";
import { createViewer } from "./replayscope.js";
import { scene } from "./scene.js";
import { sessionInfo } from "./session.js";
import { statusBar } from "./statusbar.js";
import { timebar } from "./timebar.js";

const canvas = element("canvas", HTMLCanvasElement);
const notices = createNotices();

try {
  start(await createViewer(canvas));
} catch (error) {
  element("progress", HTMLElement).hidden = true;
  if (error instanceof Error && "code" in error && error.code === "no-webgpu") unsupported(error.message);
  else notices.report(error, () => location.reload());
}

/** @param {import("./replayscope.js").Viewer} viewer */
function start(viewer) {
  Object.assign(globalThis, { viewer });
  const ranges = estimatedRanges(viewer); // first: the others read it when a `range` event comes
  const address = addressBar(viewer);
  const time = timebar(viewer, notices);
  layerPanel(viewer, ranges, notices);
  colorbar(viewer, ranges);
  sessionInfo(viewer);
  statusBar(viewer, canvas, notices);
  scene(viewer, canvas);
  canvasInput(viewer, canvas);
  memoryPanel(viewer, notices);
  keys(viewer, time, canvas);

  const reset = element("reset-view", HTMLButtonElement);
  reset.addEventListener("click", () => viewer.resetView());
  viewer.on("open", () => (reset.disabled = false));
  viewer.on("close", () => (reset.disabled = true));

  /** Asks again for the session that is being opened; null once it is open. @type {(() => void) | null} */
  let reopen = null;
  viewer.on("notice", ({ text }) => notices.say(text));
  viewer.on("error", (failure) => {
    if (failure.code === "no-time") return; // asked for in `open`
    notices.fail(failure, failure.retry ? reopen ?? (() => viewer.retry()) : null);
  });

  /** The session that the address bar names. @type {string | null} */
  let named = null;
  let turn = 0;

  /**
   * What to open: a URL, as typed or as the address bar has it, or files of this computer.
   *
   * @typedef {{ url: string, files?: import("./local.js").LocalFile[], rate?: number }} Place
   */

  /**
   * @param {Place} place  of files, `url` is what to call them
   * @param {string} fragment
   * @param {boolean} typed  by the reader; the address bar follows when it has opened
   */
  async function open(place, fragment, typed) {
    const mine = ++turn;
    const again = () => void open(place, fragment, typed);
    address.hold();
    notices.clear();
    empty.opening(`opening ${place.url}`);
    reopen = again;
    // Before there is a session it waits for it, and the first frame asked for is the link's.
    const waits = viewer.session === null;
    if (waits) viewer.applyFragment(fragment);
    try {
      await (place.files ? viewer.openFiles(place.files, place) : viewer.open(place.url, place));
      if (mine !== turn) return;
      if (!waits && fragment !== "") viewer.applyFragment(fragment);
      empty.hide();
      if (typed) time.focus();
      address.write(typed);
      named = sessionOf(location.href);
    } catch (error) {
      if (mine !== turn) return;
      const rate = error instanceof Error && "code" in error && error.code === "no-time" ? await askRate(place.url) : null;
      if (mine !== turn) return;
      if (rate !== null) return void open({ ...place, rate }, fragment, typed);
      notices.report(error, again);
      empty.show(place.files ? undefined : place.url);
    }
    reopen = null;
  }

  const empty = emptyState(viewer, (url) => void open({ url }, "", true));
  localFiles(
    (name, files) => void open({ url: name, files }, "", true),
    (name, found) => empty.opening(`looking through ${name}: ${count(found)} files`),
    (reason) => notices.report(reason),
  );

  /** Goes where the address bar says. */
  function follow() {
    named = sessionOf(location.href);
    if (named === null) {
      turn += 1; // whatever is being opened is no longer wanted
      empty.show();
      if (history.state?.local) {
        notices.say(`“${history.state.local}” was opened from this computer. A page cannot open such files again by itself: ` +
          "drop or choose them once more.");
      }
    } else void open({ url: named, rate: rateOf(location.href) }, location.hash, false);
  }
  follow();
  // Back and forward between sessions.
  addEventListener("popstate", () => {
    if (sessionOf(location.href) !== named) follow();
  });
  // A fragment that somebody typed or pasted. (One that came with another session waits for it in `open`.)
  addEventListener("hashchange", () => {
    if (reopen === null && viewer.session !== null) viewer.applyFragment(location.hash);
  });
}

/** @param {string} reason */
function unsupported(reason) {
  element("unsupported-reason", HTMLElement).textContent = reason;
  element("unsupported", HTMLElement).hidden = false;
  document.body.classList.add("unsupported");
}

