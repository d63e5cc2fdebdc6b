/**
 * Files of the user's computer, dropped on the page or chosen. They are read where they are; nothing is sent anywhere.
 *
 * @typedef {{ path: string, file: File }} LocalFile  `path` is relative, with `/`
 */
import { element } from "./dom.js";

/** Progress is reported each time that so many more files are found. */
const REPORT_EVERY = 500;

/**
 * @param {(name: string, files: LocalFile[]) => void} open
 * @param {(name: string, found: number) => void} looking  reports how many files of a folder are found so far
 * @param {(reason: unknown) => void} failed
 */
export function localFiles(open, looking, failed) {
  const overlay = element("drop", HTMLElement);

  for (const what of ["files", "folder"]) {
    const input = element(`choose-${what}`, HTMLInputElement);
    element(`${what}-button`, HTMLButtonElement).addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      const files = [...input.files ?? []].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
      input.value = ""; // so that choosing the same file again is a change, too
      if (files.length > 0) open(nameOf(files), files);
    });
  }

  /** @param {DragEvent} event */
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files") ?? false;
  for (const type of /** @type {const} */ (["dragenter", "dragover"])) {
    addEventListener(type, (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      overlay.hidden = false;
    });
  }
  addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) overlay.hidden = true;
  });
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    overlay.hidden = true;
    // The entries exist only until this listener returns. A drop by a script has files and no entries.
    const entries = [...event.dataTransfer?.items ?? []]
      .flatMap((item) => item.kind === "file" ? item.webkitGetAsEntry() ?? item.getAsFile() ?? [] : []);
    const name = entries.length === 1 ? entries[0].name : `${entries.length} files`;
    walk(entries, (found) => looking(name, found)).then((files) => open(nameOf(files), files), failed);
  });
}

/** @param {LocalFile[]} files */
function nameOf(files) {
  const tops = new Set(files.map(({ path }) => path.split("/")[0]));
  return tops.size === 1 ? [...tops][0] : `${files.length} files`;
}

/**
 * Lists all files in some entries and in the folders among them.
 *
 * @param {(FileSystemEntry | File)[]} entries
 * @param {(found: number) => void} report  gets the count of files so far
 * @returns {Promise<LocalFile[]>}
 */
export async function walk(entries, report) {
  /** @type {LocalFile[]} */
  const files = [];
  const left = entries.toReversed();
  for (let entry = left.pop(); entry; entry = left.pop()) {
    if (entry instanceof File) {
      files.push({ path: entry.name, file: entry });
      continue;
    }
    const path = entry.fullPath.replace(/^\//, "");
    if (entry.isDirectory) {
      const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
      // A folder is read in batches; the last one is empty.
      for (let batch = await read(reader); batch.length > 0; batch = await read(reader)) left.push(...batch);
    } else {
      const file = await new Promise((/** @type {(file: File) => void} */ resolve, reject) =>
        /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject));
      files.push({ path, file });
      if (files.length % REPORT_EVERY === 0) report(files.length);
    }
  }
  return files;
}

/**
 * @param {FileSystemDirectoryReader} reader
 * @returns {Promise<FileSystemEntry[]>}
 */
function read(reader) {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}
