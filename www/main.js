/** Starts the page: one viewer on the canvas, and what opens sessions in it. The panels around it are fetched later. */
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
/** From here on a time of day does not say which day. */
const DAY_MS = 24 * 60 * 60 * 1000;
/** Timers hold no more. */
const MOST_MS = 2 ** 31 - 1;

// The network is back. The viewer asks again for what it lacks by itself; what could not be opened is opened from here.
addEventListener("online", () => notices.retryAll());

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

  /** @type {Promise<ReturnType<typeof import("./panels.js").panels>> | undefined} */
  let panels;
  const loadPanels = () => (panels ??= Promise.all([import("./panels.js"), loadStyle()]).then(([module]) => module.panels(viewer, canvas, notices), (reason) => {
    panels = undefined; // the next call may try again
    throw new Error("A part of this page could not be loaded: the panels around the picture (www/panels.js). " +
      `Check the connection and reload the page.\n${reason instanceof Error ? reason.message : reason}`);
  }));

  /** Whether a session is being opened. */
  let opening = false;
  viewer.on("notice", ({ text }) => notices.say(text));
  let waiting = 0;
  viewer.on("wait", ({ code, text, seconds }) => {
    if (text === "") return notices.over(code);
    const wait = seconds ? seconds * 1000 : 0;
    const end = new Date(Date.now() + wait);
    const at = wait < DAY_MS ? end.toLocaleTimeString() : end.toLocaleString();
    const until = wait ? `Waiting until ${at}. ` : "";
    notices.fail({ code, text: until + text }, () => viewer.retry(), true);
    // A shard's index that nobody wants any more is not asked for again, nor its end told.
    clearTimeout(waiting);
    if (wait) waiting = window.setTimeout(() => notices.over(code), Math.min(wait, MOST_MS));
  });
  viewer.on("error", (failure) => {
    if (failure.code === "no-time") return; // asked for in `open`
    notices.fail(failure, failure.retry ? () => viewer.retry() : null);
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
    fragment = asked;
    address.hold();
    notices.clear();
    empty.opening(`opening ${place.url}`, () => viewer.stopOpening());
    opening = true;
    // Before there is a session it waits for it, and the first frame asked for is the link's.
    const waits = viewer.session === null;
    let stands = false;
    if (waits) viewer.applyFragment(asked);
    try {
      // Beside the session's first reads: whoever listens late is told what was told.
      const made = loadPanels();
      made.catch(() => {}); // told below
      await (place.files ? viewer.openFiles(place.files, place) : viewer.open(place.url, place));
      stands = true;
      const { time } = await made;
      if (mine !== turn) return;
      if (fragment !== (waits ? asked : "")) viewer.applyFragment(fragment);
      empty.hide();
      if (typed) time.focus();
      address.write(typed);
    } catch (error) {
      if (mine !== turn) return;
      const rate = error instanceof Error && "code" in error && error.code === "no-time"
        ? await loadPanels().then(({ askRate }) => askRate(place.url), () => null)
        : null;
      if (mine !== turn) return;
      if (rate !== null) return void open({ ...place, rate }, fragment, typed);
      const failed = fragment; // another may be typed for the session that is open
      notices.report(error, () => void open(place, failed, typed));
      empty.failed(place.files ? undefined : place.url, !stands);
      if (!stands) address.write(); // of the session before, if there is one
    }
    opening = false;
    named = naming();
  }

  const empty = emptyState(viewer, (url) => void open({ url }, "", true));
  localFiles(
    (name, files) => void open({ url: name, files }, "", true),
    (name, found) => empty.opening(`looking through ${name}: ${count(found)} files`),
    (reason) => {
      empty.failed();
      notices.report(reason);
    },
  );

  /** Goes where the address bar says. */
  function follow() {
    named = naming();
    const session = sessionOf(location.href);
    if (session === null) {
      turn += 1; // whatever is being opened is no longer wanted
      opening = false;
      viewer.stopOpening();
      address.hold(false);
      empty.show();
      if (history.state?.local) {
        notices.say(`“${history.state.local}” was opened from this computer. A page cannot open such files again by itself: ` +
          "drop or choose them once more.");
      }
    } else void open({ url: session, rate: rateOf(location.href) }, location.hash, false);
  }
  follow();
  // Should it not come now, it is asked for again with the first session.
  if (sessionOf(location.href) === null) setTimeout(() => void loadPanels().catch(() => {}), IDLE_MS);
  // Back and forward between sessions.
  addEventListener("popstate", () => {
    if (naming() !== named) follow();
  });
  // A fragment that somebody typed or pasted; one that comes while a session opens is shown with it.
  addEventListener("hashchange", () => {
    fragment = location.hash;
    if (!opening && viewer.session !== null) viewer.applyFragment(fragment);
  });
}

/** Fetches the style sheet of the panels. */
function loadStyle() {
  const style = make("link", { rel: "stylesheet", href: new URL("./panels.css", import.meta.url).href });
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

