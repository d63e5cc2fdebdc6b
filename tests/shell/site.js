/** The page as built, with the fake handle where the wasm would be: a server for the shell's tests. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** How www/ names the libraries that the build would bundle. */
const LIBRARY = /(?<=(?:from|@import) ")(?=(?:d3-array|nouislider)[/"])/g;

/** @type {Record<string, string>} */
const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/**
 * Where the build would have taken a path of the page from; null: it is not part of the page.
 *
 * @param {string} path
 */
function fileOf(path) {
  if (path === "/") return join(root, "index.html");
  if (path === "/replayscope.js") return join(root, "tests/shell/fake-handle.js");
  if (path.startsWith("/www/") && !path.includes("..")) return join(root, normalize(path));
  return null;
}

/** Libraries, each bundled once. @type {Map<string, Promise<string>>} */
const bundles = new Map();

/**
 * A library as one module, or its style sheet.
 *
 * @param {string} name  as www/ imports it
 */
function library(name) {
  const style = extname(name) === ".css";
  const contents = style ? `@import "${name}";` : `export * from "${name}";`;
  const made = bundles.get(name) ?? build({
    stdin: { contents, resolveDir: root, loader: style ? "css" : "js" }, bundle: true, write: false, format: "esm",
  }).then(({ outputFiles }) => outputFiles[0]?.text ?? "");
  bundles.set(name, made);
  return made;
}

/**
 * What a path of the page holds; null: it is not part of the page.
 *
 * @param {string} path
 * @returns {Promise<{ type: string, body: string | Buffer } | null>}
 */
async function contentOf(path) {
  if (path === "/replayscope_bg.wasm") return { type: ".wasm", body: "" };
  if (path.startsWith("/npm/")) {
    const name = path.slice("/npm/".length);
    return { type: extname(name) || ".js", body: await library(name) };
  }
  const file = fileOf(path);
  if (file === null || !existsSync(file)) return null;
  const body = await readFile(file);
  return { type: extname(file), body: path.startsWith("/www/") ? body.toString().replace(LIBRARY, "/npm/") : body };
}

/** @returns {Promise<{ url: string, close: () => void }>} */
export async function serveShell() {
  const server = createServer(async (request, response) => {
    const content = await contentOf(new URL(request.url ?? "/", "http://localhost").pathname);
    if (content === null) {
      response.writeHead(404).end();
      return;
    }
    // As strict as a careful host: nothing inline, nothing from elsewhere.
    response.writeHead(200, {
      "content-type": types[content.type] ?? "application/octet-stream",
      "content-security-policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'",
    });
    response.end(content.body);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", () => done(undefined)));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return { url: `http://127.0.0.1:${address.port}/`, close: () => server.close() };
}
