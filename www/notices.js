/**
 * Messages: notices, which disappear by themselves, and errors, which stay until the user dismisses or retries them.
 * Both are in live regions, so that a screen reader speaks them.
 *
 * @typedef {object} Banner
 * @property {string} text
 * @property {boolean} lasts  whether it stays until `over` is called
 * @property {() => void} close
 * @property {(() => void) | null} retry  what the Retry button calls; null: there is no button
 * @property {(retry: () => void) => void} offer  adds the Retry button, or changes what it calls
 */
import { element, make } from "./dom.js";

const NOTICE_MS = 7000;
const STOPPED = "The viewer has stopped: an internal error ended its program.\n" +
  "Reload the page; the link in the address bar keeps the session and the place.";

export function createNotices() {
  const notices = element("notices", HTMLElement);
  const errors = element("errors", HTMLElement);
  /** @type {Map<string, Banner>} */
  const banners = new Map();
  /** Notices on screen, by kind: a kind is the sentence without its numbers and quotations. @type {Map<string, { texts: Set<string>, fade: () => void }>} */
  const kinds = new Map();
  let stopped = false;

  /** @param {string} text  replaces notices of its kind, and counts them; a repeated sentence counts once */
  function say(text) {
    const kind = text.replace(/“[^”]*”|\S*\d\S*/g, "…");
    const { texts, fade } = kinds.get(kind) ?? { texts: new Set(), fade() {} };
    fade();
    texts.add(text);
    const notice = make("p", { class: "notice" }, texts.size > 1 ? `${text} (${texts.size} of this kind)` : text);
    notices.append(notice);
    const timer = setTimeout(() => {
      notice.remove();
      kinds.delete(kind);
    }, NOTICE_MS);
    kinds.set(kind, { texts, fade: () => (clearTimeout(timer), notice.remove()) });
  }

  /**
   * Shows a failure. There is one banner for each code: a failure that repeats replaces the one before.
   *
   * @param {{ code: string, text: string }} failure
   * @param {(() => void) | null} [retry]  what the Retry button calls; without it there is no button
   * @param {boolean} [lasts]  whether the banner stays until `over` is called
   */
  function fail({ code, text }, retry = null, lasts = false) {
    if (stopped) return;
    const element = make("div", { class: "banner", "data-code": code });
    const close = () => {
      element.remove();
      if (banners.get(code) === banner) banners.delete(code);
    };
    const dismiss = make("button", { type: "button" }, "Dismiss");
    dismiss.addEventListener("click", close);
    const buttons = make("div", { class: "buttons" }, dismiss);
    /** @type {Banner} */
    const banner = {
      text,
      lasts,
      close,
      retry: null,
      offer(retry) {
        if (banner.retry === null) {
          const again = make("button", { type: "button", class: "primary" }, "Retry");
          again.addEventListener("click", () => {
            if (!lasts) close();
            banner.retry?.();
          });
          buttons.prepend(again);
        }
        banner.retry = retry;
      },
    };
    if (retry) banner.offer(retry);
    element.append(make("p", {}, text), buttons);
    banners.get(code)?.close();
    banners.set(code, banner);
    errors.append(element);
  }

  /** Removes a banner. @param {string} code */
  const over = (code) => banners.get(code)?.close();

  /** Calls every Retry button. */
  function retryAll() {
    if (stopped) return;
    for (const { close, lasts, retry } of [...banners.values()]) {
      if (lasts || !retry) continue;
      close();
      retry();
    }
  }

  /**
   * Shows why a call of the handle was rejected. An AbortError is not shown: a later call took the place of that one.
   *
   * @param {unknown} reason
   * @param {(() => void) | null} [retry]
   */
  function report(reason, retry = null) {
    if (reason instanceof DOMException && reason.name === "AbortError") return;
    if (reason instanceof WebAssembly.RuntimeError) return stop();
    const text = reason instanceof Error ? reason.message : String(reason);
    const code = reason instanceof Error && "code" in reason ? String(reason.code) : "unexpected";
    const shown = banners.get(code);
    // Often the `error` event has come first.
    if (shown?.text !== text) fail({ code, text }, retry);
    else if (retry) shown.offer(retry);
  }

  /** The wasm has trapped. Every later failure follows from that, so nothing else is shown. */
  function stop() {
    if (stopped) return;
    for (const { close } of [...banners.values()]) close();
    element("progress", HTMLElement).hidden = true;
    fail({ code: "stopped", text: STOPPED }, () => location.reload());
    stopped = true;
  }
  // No caller gets the error of a trap in a task of the wasm.
  addEventListener("error", ({ error }) => error instanceof WebAssembly.RuntimeError && stop());
  addEventListener("unhandledrejection", ({ reason }) => reason instanceof WebAssembly.RuntimeError && stop());

  function clear() {
    if (stopped) return;
    for (const { close, lasts } of [...banners.values()]) if (!lasts) close();
  }

  return { say, fail, over, report, retryAll, clear };
}

/** @typedef {ReturnType<typeof createNotices>} Notices */
