/** Asks for the sampling rate where no file says when frames are. */
import { make } from "./dom.js";
import { decimal } from "./format.js";

/**
 * @param {string} name  name of the session that is being opened
 * @returns {Promise<number | null>}  Hz; null where the user cancelled
 */
export function askRate(name) {
  const box = make("input", {
    id: "rate", type: "text", inputmode: "decimal", autocomplete: "off", value: "500",
    "aria-labelledby": "rate-title", "aria-describedby": "rate-wrong",
  });
  const wrong = make("p", { id: "rate-wrong", class: "warn", role: "alert" });
  const cancel = make("button", { id: "rate-cancel", type: "button" }, "Cancel");
  const form = make("form", { method: "dialog" },
    make("h2", { id: "rate-title" }, "Sampling rate"),
    make("p", {}, "Nothing in ", make("strong", { id: "rate-of" }, name), " says at what times its frames are. How many frames are there per second?"),
    make("div", { class: "row" }, box, make("span", {}, "Hz")),
    wrong,
    make("div", { class: "row" }, make("button", { class: "primary" }, "Open"), cancel));
  const dialog = make("dialog", { id: "rate-dialog", "aria-labelledby": "rate-title" }, form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    /** @type {number | null} */
    let rate = null;
    form.addEventListener("submit", (event) => {
      const typed = decimal(box.value);
      if (typed > 0 && typed < Infinity) {
        rate = typed;
        return; // closes the dialog
      }
      event.preventDefault();
      wrong.textContent = `“${box.value}” is not a rate. Type frames per second, such as 500.`;
      box.focus();
    });
    cancel.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(rate);
    });
    dialog.showModal();
    box.select();
  });
}
