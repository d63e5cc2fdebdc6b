/** Asks for the sampling rate where no file says when frames are. */
import { element } from "./dom.js";

/**
 * @param {string} name  of what is being opened
 * @returns {Promise<number | null>}  Hz; null: not now
 */
export function askRate(name) {
  const dialog = element("rate-dialog", HTMLDialogElement);
  const form = element("rate-form", HTMLFormElement);
  const box = element("rate", HTMLInputElement);
  const wrong = element("rate-wrong", HTMLElement);
  element("rate-of", HTMLElement).textContent = name;
  wrong.textContent = "";
  return new Promise((resolve) => {
    /** @type {number | null} */
    let rate = null;
    form.onsubmit = (event) => {
      const typed = Number(box.value.trim().replace(",", "."));
      if (box.value.trim() !== "" && Number.isFinite(typed) && typed > 0) {
        rate = typed;
        return; // closes the dialog
      }
      event.preventDefault();
      wrong.textContent = `“${box.value}” is no rate. Type frames per second, such as 500.`;
      box.focus();
    };
    element("rate-cancel", HTMLButtonElement).onclick = () => dialog.close();
    dialog.onclose = () => resolve(rate);
    dialog.showModal();
    box.select();
  });
}
