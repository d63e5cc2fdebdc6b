/** An error that says, beside its message, which of docs/handle.md's codes it is. */
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
