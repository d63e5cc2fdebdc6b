/**
 * Links: how a view becomes a URL, and how the address bar keeps up with the view.
 *
 * @typedef {import("./replayscope.js").Viewer} Viewer
 */

import { decimal } from "./format.js";

/** Browsers refuse frequent history changes (Safari at 100 in 30 s), and nobody reads the bar while dragging. */
const SETTLE_MS = 400;

/**
 * `page?session=…#state`. A session beside the page is named relative to it, so the link survives the folder being
 * moved to another host; any other is named in full.
 *
 * @param {string} page  the page's URL, whatever its query and fragment
 * @param {string | null} session  absolute, free of credentials
 * @param {string} fragment  without `#`
 * @param {number} [rate]  Hz, that the session was opened with
 */
export function linkOf(page, session, fragment, rate) {
  const url = new URL(page);
  url.username = url.password = "";
  url.search = url.hash = "";
  if (session === null) return url.href;
  const folder = new URL(".", url).href;
  const rest = session.startsWith(folder) ? session.slice(folder.length) : "";
  // "a:b" beside the page would read as a scheme, "" and "?…" as the page itself.
  const name = /^[^:/?#]+([/?#]|$)/.test(rest) ? rest : session;
  const query = encodeURIComponent(name).replaceAll("%2F", "/").replaceAll("%3A", ":");
  return `${url.href}?session=${query}${rate === undefined ? "" : `&rate=${rate}`}${fragment === "" ? "" : `#${fragment}`}`;
}

/**
 * The session a page's URL names, or null.
 *
 * @param {string} page
 */
export function sessionOf(page) {
  return new URL(page).searchParams.get("session") || null;
}

/**
 * The sampling rate a page's URL gives its session, in Hz.
 *
 * @param {string} page
 * @returns {number | undefined}
 */
export function rateOf(page) {
  const rate = decimal(new URL(page).searchParams.get("rate") ?? "");
  return rate > 0 && rate < Infinity ? rate : undefined;
}

/**
 * Keeps the address bar at the view's link: after every change that settles, never during playback.
 *
 * @param {Viewer} viewer
 */
export function addressBar(viewer) {
  let timer = 0;
  let held = false;

  /** @param {boolean} [push]  a new entry in the history: another session, to come back from */
  function write(push = false) {
    clearTimeout(timer);
    held = false;
    if (viewer.session === null) return;
    const link = viewer.link();
    // After a reload the page can say which files it had, and no more.
    const kept = viewer.session.local ? { local: viewer.session.name } : null;
    if (link === location.href && history.state?.local === kept?.local) return;
    if (push) history.pushState(kept, "", link);
    else history.replaceState(kept, "", link);
  }

  function settle() {
    clearTimeout(timer);
    if (!held && !viewer.playing) timer = window.setTimeout(() => write(), SETTLE_MS);
  }

  viewer.on("state", settle);
  viewer.on("frame", settle);
  viewer.on("range", settle);
  return {
    write,
    /** Another session is on its way, which the bar may name already: it stays as it is until the next `write`. */
    hold(on = true) {
      clearTimeout(timer);
      held = on;
    },
  };
}

/**
 * Copies text, with the old way where the page is not secure or may not write to the clipboard.
 *
 * @param {string} text
 * @returns {Promise<boolean>}  whether it is on the clipboard
 */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "offscreen";
    const focused = document.activeElement;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    if (focused instanceof HTMLElement) focused.focus();
    return done;
  }
}
