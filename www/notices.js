/**
 * What the viewer has to say: notices that go by themselves, errors that stay until they are dealt with.
 * Both land in live regions, so that a screen reader speaks them.
 *
 * @typedef {object} Banner
 * @property {string} text
 * @property {boolean} lasts
 * @property {() => void} close
 * @property {(() => void) | null} retry  what its Retry button does, if there is one
 * @property {(retry: () => void) => void} offer  that button, or another thing for it to do
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
  /** What is said now, by kind: the sentence without what differs, its numbers and what it quotes. @type {Map<string, { texts: Set<string>, fade: () => void }>} */
  const kinds = new Map();
  let stopped = false;

  /** @param {string} text  in place of others of its kind, with their count; the same sentence twice says nothing more */
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
   * One banner a code: a failure that repeats replaces itself.
   *
   * @param {{ code: string, text: string }} failure
   * @param {(() => void) | null} [retry]  what the Retry button does; without it there is none
   * @param {boolean} [lasts]  it is so until `over` says otherwise
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

  /** @param {string} code  of what is no longer so */
  const over = (code) => banners.get(code)?.close();

  /** Retries whatever failed and can be. */
  function retryAll() {
    if (stopped) return;
    for (const { close, lasts, retry } of [...banners.values()]) {
      if (lasts || !retry) continue;
      close();
      retry();
    }
  }

  /**
   * Shows what a call of the handle rejected with. An abort is no error: something newer was asked for.
   *
   * @param {unknown} reason
   * @param {(() => void) | null} [retry]
   */
  function report(reason, retry = null) {
    if (reason instanceof DOMException && reason.name === "AbortError") return;
    if (reason instanceof WebAssembly.RuntimeError) return stop();
    const text = reason instanceof Error ? reason.message : String(reason);
    const code = reason instanceof Error && "code" in reason ? String(reason.code) : "unexpected";
    const said = banners.get(code);
    // The handle has often said it already, by an `error` event.
    if (said?.text !== text) fail({ code, text }, retry);
    else if (retry) said.offer(retry);
  }

  /** The wasm has trapped. Whatever else goes wrong from now on is that, so nothing else is said. */
  function stop() {
    if (stopped) return;
    for (const { close } of [...banners.values()]) close();
    element("progress", HTMLElement).hidden = true;
    fail({ code: "stopped", text: STOPPED }, () => location.reload());
    stopped = true;
  }
  // A trap in the wasm's own tasks reaches nobody who could report it.
  addEventListener("error", ({ error }) => error instanceof WebAssembly.RuntimeError && stop());
  addEventListener("unhandledrejection", ({ reason }) => reason instanceof WebAssembly.RuntimeError && stop());

  function clear() {
    if (stopped) return;
    for (const { close, lasts } of [...banners.values()]) if (!lasts) close();
  }

  return { say, fail, over, report, retryAll, clear };
}

/** @typedef {ReturnType<typeof createNotices>} Notices */
