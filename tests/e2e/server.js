/**
 * A static file server for tests: Range and HEAD as a good host answers them, a log of every request, and faults on
 * demand. It serves folders (the built site) and generated files (a 144 GB session that exists nowhere).
 */
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { Network } from "./network.js";

/**
 * @typedef {object} File  something to serve
 * @property {number} size  bytes
 * @property {(start: number, end: number) => Uint8Array | Promise<Uint8Array>} read  bytes [start, end)
 *
 * @typedef {(path: string) => File | null | Promise<File | null>} Source  a path under the mount, without leading "/"
 *
 * @typedef {object} Fault  what goes wrong for requests whose path matches
 * @property {string | RegExp} path  a substring of the path, or a pattern
 * @property {number} [skip]  so many requests are answered well first
 * @property {number} [times]  only so many requests; all without it
 * @property {boolean} [ranged]  only requests that have a Range header
 * @property {number} [latency]  milliseconds before anything is answered
 * @property {number} [status]  answered without the file
 * @property {Record<string, string>} [headers]  added to the answer; an empty value removes one
 * @property {"ignore-range" | "disconnect" | "short" | "flip" | "stall" | "login"} [body]
 *   ignore-range: 200 and the whole file; disconnect: half of the body, then the connection is cut; short: less than
 *   was asked for, in good order; flip: a bit of the last byte flipped; stall: half of the body, then nothing; login:
 *   an HTML page with status 200
 *
 * @typedef {object} Entry  one request
 * @property {string} method
 * @property {string} path
 * @property {string | null} range  the Range header
 * @property {number} status
 * @property {number} bytes  of the body that were handed to the connection
 * @property {number} start  milliseconds, of performance.now()
 * @property {number | null} end  null while it is answered
 * @property {boolean} aborted  the client went away first
 */

/** @type {Record<string, string>} */
const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".mjs": "text/javascript",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

const LOGIN = "<!doctype html><html><head><title>Sign in</title></head><body><form>Sign in to go on</form></body></html>";

export class TestServer {
  /** Every request, in order of arrival. @type {Entry[]} */
  log = [];
  /** @type {{ prefix: string, source: Source }[]} */
  #mounts = [];
  /** @type {Fault[]} */
  #faults = [];
  #network = new Network();
  /** Answer other origins, too. */
  #cors;
  #http;

  /** @param {{ cors?: boolean }} [options]  cors: let pages of other origins read */
  constructor({ cors = false } = {}) {
    this.#cors = cors;
    this.#http = createServer((request, response) => {
      this.#answer(request, response).catch((error) => response.destroy(error));
    });
  }

  /**
   * Starts on a free port of 127.0.0.1.
   *
   * @param {{ cors?: boolean }} [options]
   */
  static async start(options) {
    const server = new TestServer(options);
    await new Promise((done) => server.#http.listen(0, "127.0.0.1", () => done(undefined)));
    return server;
  }

  get url() {
    const address = this.#http.address();
    if (address === null || typeof address === "string") throw new Error("the server is not running");
    return `http://127.0.0.1:${address.port}/`;
  }

  async stop() {
    this.#http.closeAllConnections();
    await new Promise((done) => this.#http.close(done));
  }

  /**
   * Serves a source under a prefix, as in `mount("data/big/", …)`. The longest prefix that fits wins.
   *
   * @param {string} prefix  ends with "/", or is empty
   * @param {Source} source
   */
  mount(prefix, source) {
    this.#mounts.push({ prefix, source });
    this.#mounts.sort((a, b) => b.prefix.length - a.prefix.length);
  }

  /**
   * Makes requests go wrong. Of several faults that match, the one added last acts.
   *
   * @param {Fault} fault
   * @returns {() => void}  ends it
   */
  fault(fault) {
    const own = { ...fault };
    this.#faults.unshift(own);
    return () => {
      this.#faults = this.#faults.filter((other) => other !== own);
    };
  }

  /**
   * Answers as over such a network from now on; as fast as it can without a shape.
   *
   * @param {import("./network.js").Shape} [shape]
   */
  shape(shape) {
    this.#network = new Network(shape);
  }

  /** Ends all faults. */
  heal() {
    this.#faults = [];
  }

  /**
   * Requests whose path contains `part`, from the log's `since` on.
   *
   * @param {string} part
   * @param {number} [since]  an index in the log
   */
  requests(part, since = 0) {
    return this.log.slice(since).filter((entry) => entry.path.includes(part));
  }

  /**
   * @param {import("node:http").IncomingMessage} request
   * @param {import("node:http").ServerResponse} response
   */
  async #answer(request, response) {
    const pathname = decodeURIComponent(new URL(request.url ?? "/", "http://host").pathname).slice(1);
    const range = request.headers.range ?? null;
    /** @type {Entry} */
    const entry = {
      method: request.method ?? "", path: pathname, range, status: 0, bytes: 0, start: performance.now(), end: null,
      aborted: false,
    };
    this.log.push(entry);
    response.on("close", () => {
      entry.end = performance.now();
      entry.aborted = !response.writableFinished;
    });
    response.setHeader("Accept-Ranges", "bytes");
    if (this.#cors) {
      response.setHeader("Access-Control-Allow-Origin", "*");
      response.setHeader("Access-Control-Expose-Headers", "Content-Range, Content-Length, ETag");
    }

    await this.#network.roundTrip();
    const fault = this.#takeFault(pathname, range);
    // Unreferenced: nobody waits at the end for an answer that nobody waits for.
    if (fault?.latency) await sleep(fault.latency, undefined, { ref: false });
    if (fault?.status !== undefined) {
      setHeaders(response, fault.headers);
      return this.#send(entry, response, fault.status, Buffer.from(`status ${fault.status}, for a test\n`), "text/plain");
    }
    if (fault?.body === "login") return this.#send(entry, response, 200, Buffer.from(LOGIN), TYPES[".html"]);

    const file = await this.#find(pathname);
    if (!file) return this.#send(entry, response, 404, Buffer.from("no such file\n"), "text/plain");
    const isFolder = pathname === "" || pathname.endsWith("/");
    const type = TYPES[isFolder ? ".html" : path.extname(pathname)] ?? "application/octet-stream";
    const part = fault?.body === "ignore-range" ? null : parseRange(range, file.size);
    if (part === "unsatisfiable") {
      response.setHeader("Content-Range", `bytes */${file.size}`);
      return this.#send(entry, response, 416, Buffer.alloc(0), type);
    }
    const [start, end] = part ?? [0, file.size];
    if (part) response.setHeader("Content-Range", `bytes ${start}-${end - 1}/${file.size}`);
    setHeaders(response, fault?.headers);
    if (request.method === "HEAD") {
      response.setHeader("Content-Length", end - start);
      return this.#send(entry, response, 200, null, type);
    }
    let body = Buffer.from(await file.read(start, end));
    if (fault?.body === "short") body = body.subarray(0, body.length >> 1);
    if (fault?.body === "flip") {
      body = Buffer.from(body);
      body[body.length - 1] ^= 1;
    }
    if (fault?.body === "disconnect" || fault?.body === "stall") {
      response.writeHead(part ? 206 : 200, { "Content-Type": type, "Content-Length": body.length });
      const half = body.subarray(0, body.length >> 1);
      entry.status = response.statusCode;
      entry.bytes = half.length;
      await new Promise((done) => response.write(half, done));
      if (fault.body === "disconnect") response.destroy();
      return undefined;
    }
    return this.#send(entry, response, part ? 206 : 200, body, type);
  }

  /**
   * @param {Entry} entry
   * @param {import("node:http").ServerResponse} response
   * @param {number} status
   * @param {Buffer | null} body  null: HEAD, whose Content-Length is set already
   * @param {string} type
   */
  async #send(entry, response, status, body, type) {
    entry.status = status;
    response.writeHead(status, { "Content-Type": type, ...(body && { "Content-Length": body.length }) });
    for await (const part of this.#network.carry(body ?? Buffer.alloc(0))) {
      if (response.destroyed) return;
      entry.bytes += part.length;
      response.write(part);
    }
    response.end();
  }

  /**
   * @param {string} pathname
   * @param {string | null} range
   */
  #takeFault(pathname, range) {
    const fault = this.#faults.find(({ path: pattern, ranged, times }) =>
      (typeof pattern === "string" ? pathname.includes(pattern) : pattern.test(pathname)) &&
      (!ranged || range !== null) && (times === undefined || times > 0));
    if (fault?.skip) {
      fault.skip -= 1;
      return undefined;
    }
    if (fault?.times !== undefined) fault.times -= 1;
    return fault;
  }

  /** @param {string} pathname */
  async #find(pathname) {
    for (const { prefix, source } of this.#mounts) {
      if (!pathname.startsWith(prefix)) continue;
      const file = await source(pathname.slice(prefix.length));
      if (file) return file;
    }
    return null;
  }
}

/**
 * A folder as a source; "" and "…/" are its index.html.
 *
 * @param {string} folder
 * @returns {Source}
 */
export function folder(folder) {
  return async (name) => {
    const file = path.join(folder, name === "" || name.endsWith("/") ? `${name}index.html` : name);
    if (path.relative(folder, file).startsWith("..")) return null;
    const found = await stat(file).catch(() => null);
    if (!found?.isFile()) return null;
    return { size: found.size, read: (start, end) => readPart(file, found.size, start, end) };
  };
}

/**
 * @param {string} file
 * @param {number} size
 * @param {number} start
 * @param {number} end
 */
async function readPart(file, size, start, end) {
  if (start === 0 && end === size) return readFile(file);
  const parts = [];
  for await (const part of createReadStream(file, { start, end: end - 1 })) parts.push(part);
  return Buffer.concat(parts);
}

/**
 * @param {string | null} header
 * @param {number} size
 * @returns {[number, number] | "unsatisfiable" | null}  bytes [start, end); null: the whole file
 */
function parseRange(header, size) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (!match || (match[1] === "" && match[2] === "")) return null;
  const [first, last] = [match[1], match[2]];
  const start = first === "" ? Math.max(size - Number(last), 0) : Number(first);
  const end = first === "" || last === "" ? size : Math.min(Number(last) + 1, size);
  return start < end ? [start, end] : "unsatisfiable";
}

/**
 * @param {import("node:http").ServerResponse} response
 * @param {Record<string, string> | undefined} headers
 */
function setHeaders(response, headers) {
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (value === "") response.removeHeader(name);
    else response.setHeader(name, value);
  }
}
