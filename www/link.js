/**
 * Links: makes the URL of a view, and keeps the address bar at it.
 *
 * @typedef {import("./replayscope.js").Viewer} Viewer
 */

import { decimal } from "./format.js";

/** The address bar changes once the view has not changed for so long: browsers refuse frequent changes (Safari, 100 in 30 s). */
const SETTLE_MS = 400;

/**
 * Makes `page?session=…#state`. The address of a session below the page's folder is relative, so that the link survives moving both
 * to another host; any other is absolute.
 *
 * @param {string} page  the page's URL, whatever its query and fragment
 * @param {string | null} session  absolute and without credentials; null: a link to the page alone
 * @param {string} fragment  without `#`
 * @param {number} [rate]  Hz, where the session was opened with one
 */
export function linkOf(page, session, fragment, rate) {
  const url = new URL(page);
  url.username = url.password = "";
  url.search = url.hash = "";
  if (session === null) return url.href;
  const folder = new URL(".", url).href;
  const rest = session.startsWith(folder) ? session.slice(folder.length) : "";
  // A relative "a:b" would be read as a scheme, and "" or "?…" as the page itself.
  const name = /^[^:/?#]+([/?#]|$)/.test(rest) ? rest : session;
  const query = encodeURIComponent(name).replaceAll("%2F", "/").replaceAll("%3A", ":");
  return `${url.href}?session=${query}${rate === undefined ? "" : `&rate=${rate}`}${fragment === "" ? "" : `#${fragment}`}`;
}

/**
 * Reads the session from a page's URL; null where it names none.
 *
 * @param {string} page
 */
export function sessionOf(page) {
  return new URL(page).searchParams.get("session") || null;
}

/**
 * Reads the sampling rate in Hz from a page's URL.
 *
 * @param {string} page
 * @returns {number | undefined}
 */
export function rateOf(page) {
  const rate = decimal(new URL(page).searchParams.get("rate") ?? "");
  return rate > 0 && rate < Infinity ? rate : undefined;
}

/**
 * Keeps the address bar at the link of the view. It changes when the view has settled, and never during playback.
 *
 * @param {Viewer} viewer
 */
export function addressBar(viewer) {
  let timer = 0;
  let held = false;

  /** Writes the link now. @param {boolean} [push]  whether it is a new entry in the history, to go back from */
  function write(push = false) {
    clearTimeout(timer);
    held = false;
    if (viewer.session === null) return;
    const link = viewer.link();
    // After a reload, the page cannot open such files again; it says which they were.
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
    /** Leaves the address bar as it is until the next `write`: another session is being opened, which it may name already. */
    hold(on = true) {
      clearTimeout(timer);
      held = on;
    },
  };
}

/**
 * Copies text to the clipboard; by `execCommand` where the page is not secure or may not write to the clipboard.
 *
 * @param {string} text
 * @returns {Promise<boolean>}  whether that worked
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
