/** Wires the page: one viewer on the canvas, what opens sessions in it, and around it, later, what is named so. */
import { canvasInput } from "./canvas.js";
import { element, make } from "./dom.js";
import { emptyState } from "./empty.js";
import { count } from "./format.js";
import { addressBar, rateOf, sessionOf } from "./link.js";
import { localFiles } from "./local.js";
import { createNotices } from "./notices.js";
import { createViewer } from "./replayscope.js";

const canvas = element("canvas", HTMLCanvasElement);
const notices = createNotices();
/** When the opening card has been there for so long, what comes next is fetched. */
const IDLE_MS = 300;

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
  const address = addressBar(viewer);
  canvasInput(viewer, canvas);

  /** @type {Promise<ReturnType<typeof import("./around.js").around>> | undefined} */
  let around;
  const loadAround = () => (around ??= Promise.all([import("./around.js"), styled()]).then(([made]) => made.around(viewer, canvas, notices), (reason) => {
    around = undefined; // the next call may try again
    throw new Error("A part of this page did not come: the controls around the picture (www/around.js). " +
      `Check the connection and reload the page.\n${reason instanceof Error ? reason.message : reason}`);
  }));

  /** Asks again for the session that is being opened; null once it is open. @type {(() => void) | null} */
  let reopen = null;
  viewer.on("notice", ({ text }) => notices.say(text));
  viewer.on("error", (failure) => {
    if (failure.code === "no-time") return; // asked for in `open`
    notices.fail(failure, failure.retry ? reopen ?? (() => viewer.retry()) : null);
  });

  /** What the address bar names: a session and its rate. */
  let named = "";
  const naming = () => JSON.stringify([sessionOf(location.href), rateOf(location.href)]);
  let turn = 0;
  /** Of the link that is being opened; somebody may type another one meanwhile. */
  let fragment = "";

  /**
   * What to open: a URL, as typed or as the address bar has it, or files of this computer.
   *
   * @typedef {{ url: string, files?: import("./local.js").LocalFile[], rate?: number }} Place
   */

  /**
   * @param {Place} place  of files, `url` is what to call them
   * @param {string} asked  the fragment
   * @param {boolean} typed  by the reader; the address bar follows when it has opened
   */
  async function open(place, asked, typed) {
    const mine = ++turn;
    const again = () => void open(place, fragment, typed);
    fragment = asked;
    address.hold();
    notices.clear();
    empty.opening(`opening ${place.url}`);
    reopen = again;
    // Before there is a session it waits for it, and the first frame asked for is the link's.
    const waits = viewer.session === null;
    if (waits) viewer.applyFragment(asked);
    try {
      // Beside the session's first reads: whoever listens late is told what was told.
      const made = loadAround();
      made.catch(() => {}); // told below
      await (place.files ? viewer.openFiles(place.files, place) : viewer.open(place.url, place));
      const { time } = await made;
      if (mine !== turn) return;
      if (fragment !== (waits ? asked : "")) viewer.applyFragment(fragment);
      empty.hide();
      if (typed) time.focus();
      address.write(typed);
      named = naming();
    } catch (error) {
      if (mine !== turn) return;
      const rate = error instanceof Error && "code" in error && error.code === "no-time"
        ? await loadAround().then(({ askRate }) => askRate(place.url), () => null)
        : null;
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
    named = naming();
    const session = sessionOf(location.href);
    if (session === null) {
      turn += 1; // whatever is being opened is no longer wanted
      empty.show();
      if (history.state?.local) {
        notices.say(`“${history.state.local}” was opened from this computer. A page cannot open such files again by itself: ` +
          "drop or choose them once more.");
      }
    } else void open({ url: session, rate: rateOf(location.href) }, location.hash, false);
  }
  follow();
  // Should it not come now, it is asked for again with the first session.
  if (sessionOf(location.href) === null) setTimeout(() => void loadAround().catch(() => {}), IDLE_MS);
  // Back and forward between sessions.
  addEventListener("popstate", () => {
    if (naming() !== named) follow();
  });
  // A fragment that somebody typed or pasted; one that comes while a session opens is shown with it.
  addEventListener("hashchange", () => {
    fragment = location.hash;
    if (reopen === null && viewer.session !== null) viewer.applyFragment(fragment);
  });
}

/** Brings the style of what is around an open session. */
function styled() {
  const style = make("link", { rel: "stylesheet", href: new URL("./around.css", import.meta.url).href });
  document.head.append(style);
  return new Promise((resolve, reject) => {
    style.onload = resolve;
    style.onerror = () => reject(style.href);
  });
}

/** @param {string} reason */
function unsupported(reason) {
  element("unsupported-reason", HTMLElement).textContent = reason;
  element("unsupported", HTMLElement).hidden = false;
  document.body.classList.add("unsupported");
}

