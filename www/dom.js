/** Finds and makes elements, with their types. */

/**
 * Finds the element of index.html that has an id.
 *
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function element(id, type) {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`index.html has no ${type.name} with id "${id}".`);
}

/**
 * Makes an element. Text is set as text, never as HTML: the names in a session come from anybody.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string>} [attributes]
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/**
 * Makes a text box show a value and take another one; it never overwrites what the user is typing.
 *
 * @param {HTMLInputElement} input
 * @param {(text: string) => boolean} commit  returns false where the text makes no sense: the box shows the old value again
 */
export function editable(input, commit) {
  let shown = input.value;
  let dirty = false;
  const restore = () => {
    dirty = false;
    input.value = shown;
  };
  input.addEventListener("focus", () => input.select());
  input.addEventListener("input", () => (dirty = true));
  input.addEventListener("change", () => {
    const text = input.value.trim();
    dirty = false;
    if (!commit(text)) restore();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      restore();
      input.blur();
    } else if (event.key === "Enter" && !input.form) {
      // Enter commits an unchanged value, too: it goes to a frame again after the view has moved on.
      if (!dirty && !commit(input.value.trim())) restore();
    }
  });
  return {
    /** @param {string} text */
    show(text) {
      shown = text;
      if (!dirty && input.value !== text) input.value = text;
    },
  };
}
