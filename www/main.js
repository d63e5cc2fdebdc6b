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
/** How long the opening card stands before the panels are fetched. */
const IDLE_MS = 300;
/** A longer wait is shown with its date, as a time of day would not say which day. */
const DAY_MS = 24 * 60 * 60 * 1000;
/** The longest delay that a timer takes. */
const MOST_MS = 2 ** 31 - 1;

// When the network is back, the viewer repeats its failed requests by itself; failed openings are repeated here.
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
    // Where nobody needs the request any more it is not repeated, and no event says that the wait is over.
    clearTimeout(waiting);
    if (wait) waiting = window.setTimeout(() => notices.over(code), Math.min(wait, MOST_MS));
  });
  viewer.on("error", (failure) => {
    if (failure.code === "no-time") return; // `open` asks the user for the rate
    notices.fail(failure, failure.retry ? () => viewer.retry() : null);
  });

  /** Session and rate that the address bar named when the page last followed it. */
  let followed = "";
  const sessionAndRate = () => JSON.stringify([sessionOf(location.href), rateOf(location.href)]);
  /** Counts calls of `open`: only the latest one changes the page. */
  let turn = 0;
  /** The fragment of the session that is being opened; the user may type another one meanwhile. */
  let fragment = "";

  /**
   * What to open: a URL, as typed or as the address bar has it, or files of this computer.
   *
   * @typedef {{ url: string, files?: import("./local.js").LocalFile[], rate?: number }} Place
   */

  /**
   * @param {Place} place  `url` is the name that is shown where there are files
   * @param {string} asked  the fragment
   * @param {boolean} typed  whether the user typed or chose it: the address bar follows once the session is open
   */
  async function open(place, asked, typed) {
    const mine = ++turn;
    fragment = asked;
    address.hold();
    notices.clear();
    empty.opening(`opening ${place.url}`, () => viewer.stopOpening());
    opening = true;
    // Without a session the viewer keeps the fragment for the next one, whose first frame is then the link's.
    const first = viewer.session === null;
    let isOpen = false;
    if (first) viewer.applyFragment(asked);
    try {
      // While the session is read: listeners that are added late get the latest events.
      const loading = loadPanels();
      loading.catch(() => {}); // reported below
      await (place.files ? viewer.openFiles(place.files, place) : viewer.open(place.url, place));
      isOpen = true;
      const { time } = await loading;
      if (mine !== turn) return;
      if (fragment !== (first ? asked : "")) viewer.applyFragment(fragment);
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
      const failed = fragment; // the user may type another one for the session that is open
      notices.report(error, () => void open(place, failed, typed));
      empty.failed(place.files ? undefined : place.url, !isOpen);
      if (!isOpen) address.write(); // the session before, if there is one
    }
    opening = false;
    followed = sessionAndRate();
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

  /** Opens what the address bar names. */
  function follow() {
    followed = sessionAndRate();
    const session = sessionOf(location.href);
    if (session === null) {
      turn += 1; // what is being opened is no longer wanted
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
  // If this fails, the first session loads them.
  if (sessionOf(location.href) === null) setTimeout(() => void loadPanels().catch(() => {}), IDLE_MS);
  // Back and forward between sessions.
  addEventListener("popstate", () => {
    if (sessionAndRate() !== followed) follow();
  });
  // The user typed or pasted a fragment; while a session opens, it is applied once that is open.
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

