/** An error with one of the codes of docs/handle.md. */
export class ViewerError extends Error {
  /**
   * @param {import("../replayscope.js").ErrorCode} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.name = "ViewerError";
    this.code = code;
  }
}
