/** The page as built, with the fake handle where the wasm would be: a server for the shell's tests. */
import { createReadStream, existsSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const nouislider = "node_modules/nouislider/dist";

/** @type {Record<string, string>} */
const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
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
  if (path.startsWith("/nouislider.min.")) return join(root, nouislider, path);
  if (path.startsWith("/www/") && !path.includes("..")) return join(root, normalize(path));
  return null;
}

/** @returns {Promise<{ url: string, close: () => void }>} */
export async function serveShell() {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const file = fileOf(pathname);
    if (pathname === "/replayscope_bg.wasm") {
      response.writeHead(200, { "content-type": "application/wasm" }).end();
    } else if (file === null || !existsSync(file)) {
      response.writeHead(404).end();
    } else {
      // As strict as a careful host: nothing inline, nothing from elsewhere.
      response.writeHead(200, {
        "content-type": types[extname(file)] ?? "application/octet-stream",
        "content-security-policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'",
      });
      createReadStream(file).pipe(response);
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", () => done(undefined)));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return { url: `http://127.0.0.1:${address.port}/`, close: () => server.close() };
}
