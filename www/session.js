/**
 * Name and description of the open session, at the top and the bottom of the panel.
 *
 * @typedef {import("./replayscope.js").Viewer} Viewer
 * @typedef {import("../replayscope.js").Session} Session
 */
import { element, make } from "./dom.js";
import { count, number } from "./format.js";

/** @param {Viewer} viewer */
export function sessionInfo(viewer) {
  const name = element("session-name", HTMLElement);
  const info = element("session-info", HTMLElement);
  const canvas = element("canvas", HTMLCanvasElement);

  const narrowed = element("narrowed", HTMLElement);
  const nothing = info.firstElementChild ?? "";

  viewer.on("close", () => {
    document.title = name.textContent = "replayscope";
    name.removeAttribute("title");
    canvas.setAttribute("aria-label", "No session is open");
    info.replaceChildren(nothing);
    narrowed.replaceChildren();
  });
  viewer.on("narrowed", ({ notes }) => narrowed.replaceChildren(...notes.map(note)));
  viewer.on("open", (session) => {
    document.title = `${session.name} · replayscope`;
    name.textContent = session.name;
    name.title = session.url;
    canvas.setAttribute("aria-label", `${session.name}: ${session.fields.map((field) => field.name).join(", ")}`);
    info.replaceChildren(
      ...(session.description ? [make("p", {}, session.description)] : []),
      make("dl", {}, ...facts(viewer, session).flatMap(([term, fact]) => [make("dt", {}, term), make("dd", {}, fact)])),
      ...session.notes.map(note),
    );
  });
}

/** @param {string} text */
function note(text) {
  return make("p", { class: "note" }, text);
}

/**
 * @param {Viewer} viewer
 * @param {Session} session
 * @returns {[string, string][]}
 */
function facts(viewer, session) {
  return [
    ...(session.local ? [/** @type {[string, string]} */ (["place", "on this computer; nothing is sent anywhere"])] : []),
    ["frames", count(session.frames)],
    ["bins", `${count(session.bins)}, ${session.layout}`],
    ["time", `${viewer.timeText(0)} – ${viewer.timeText(session.frames - 1)} s`],
    ...(session.gaps.length > 0 ? [/** @type {[string, string]} */ (["gaps", count(session.gaps.length)])] : []),
    ["rate", session.rate ? `${number(session.rate, 6)} Hz` : "irregular"],
    ...session.fields.map((field) => /** @type {[string, string]} */ ([
      field.name,
      `${field.dtype}${field.units ? `, ${field.units}` : ""}; ${count(field.chunks)} × ${count(field.chunkFrames)} frames`,
    ])),
    ...session.overlays.map((overlay) => /** @type {[string, string]} */ ([overlay.name, `${overlay.type} overlay`])),
  ];
}
