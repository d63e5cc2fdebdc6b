/** The server the other tests trust: its good answers, and each of its faults. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { TestServer } from "./server.js";

const BYTES = Uint8Array.from({ length: 100 }, (_, index) => index);

/** @type {TestServer} */
let server;

before(async () => {
  server = await TestServer.start();
  server.mount("data/", (name) => (name === "file" ? { size: 100, read: (start, end) => BYTES.slice(start, end) } : null));
});
beforeEach(() => {
  server.heal();
  server.shape();
});
after(() => server.stop());

/**
 * @param {string} [range]
 * @param {string} [method]
 */
const get = (range, method = "GET") =>
  fetch(`${server.url}data/file`, { method, headers: range === undefined ? {} : { Range: `bytes=${range}` } });

/** @param {Response} response */
const bytes = async (response) => [...new Uint8Array(await response.arrayBuffer())];

test("ranges are answered exactly", async () => {
  const whole = await get();
  assert.equal(whole.status, 200);
  assert.equal((await bytes(whole)).length, 100);
  for (const [range, expected, header] of /** @type {const} */ ([
    ["10-12", [10, 11, 12], "bytes 10-12/100"],
    ["98-", [98, 99], "bytes 98-99/100"],
    ["-1", [99], "bytes 99-99/100"],
    ["98-500", [98, 99], "bytes 98-99/100"],
  ])) {
    const part = await get(range);
    assert.equal(part.status, 206);
    assert.equal(part.headers.get("content-range"), header);
    assert.deepEqual(await bytes(part), expected);
  }
  assert.equal((await get("100-")).status, 416);
  const head = await get(undefined, "HEAD");
  assert.equal(head.headers.get("content-length"), "100");
  assert.equal((await fetch(`${server.url}data/other`)).status, 404);
  assert.equal((await fetch(`${server.url}elsewhere`)).status, 404);
});

test("the log names every request, in order, with its bytes", async () => {
  const since = server.log.length;
  await bytes(await get("0-9"));
  await bytes(await fetch(`${server.url}data/other`));
  const [first, second] = server.requests("data/", since);
  assert.deepEqual([first?.path, first?.range, first?.status, first?.bytes], ["data/file", "bytes=0-9", 206, 10]);
  assert.deepEqual([second?.path, second?.range, second?.status], ["data/other", null, 404]);
  assert.equal(server.requests("data/", since).length, 2);
});

test("a fault acts on what it names, as often as it says", async () => {
  server.fault({ path: "file", times: 2, status: 500 });
  assert.deepEqual([(await get()).status, (await get()).status, (await get()).status], [500, 500, 200]);
  const end = server.fault({ path: /^data\/fi/, status: 429, headers: { "Retry-After": "7" } });
  assert.equal((await get()).headers.get("retry-after"), "7");
  end();
  assert.equal((await get()).status, 200);
  const later = server.fault({ path: "file", skip: 1, times: 1, status: 500 });
  assert.deepEqual([(await get()).status, (await get()).status, (await get()).status], [200, 500, 200]);
  later();
  server.fault({ path: "file", ranged: true, status: 403 });
  assert.deepEqual([(await get()).status, (await get("0-1")).status], [200, 403]);
});

test("wrong answers are wrong in the way they say", async () => {
  const broken = (/** @type {Omit<import("./server.js").Fault, "path">} */ fault) => {
    server.heal();
    server.fault({ path: "file", ...fault });
    return get("10-19");
  };
  const ignored = await broken({ body: "ignore-range" });
  assert.deepEqual([ignored.status, (await bytes(ignored)).length, ignored.headers.get("content-range")], [200, 100, null]);
  const wrong = await broken({ headers: { "Content-Range": "bytes 0-9/100" } });
  assert.deepEqual([wrong.status, wrong.headers.get("content-range")], [206, "bytes 0-9/100"]);
  const missing = await broken({ headers: { "Content-Range": "" } });
  assert.deepEqual([missing.status, missing.headers.get("content-range")], [206, null]);
  assert.deepEqual(await bytes(await broken({ body: "short" })), [10, 11, 12, 13, 14]);
  assert.deepEqual(await bytes(await broken({ body: "flip" })), [10, 11, 12, 13, 14, 15, 16, 17, 18, 18]);
  const login = await broken({ body: "login" });
  assert.match(await login.text(), /Sign in/);
  assert.match(login.headers.get("content-type") ?? "", /html/);
});

test("a cut connection fails, a stalled one waits, a slow one arrives", async () => {
  server.fault({ path: "file", times: 1, body: "disconnect" });
  await assert.rejects(get("0-9").then(bytes));
  server.fault({ path: "file", times: 1, body: "stall" });
  const impatient = AbortSignal.timeout(200);
  await assert.rejects(
    fetch(`${server.url}data/file`, { signal: impatient }).then(bytes),
    { name: "TimeoutError" },
  );
  server.heal();
  server.fault({ path: "file", latency: 100 });
  const start = performance.now();
  assert.deepEqual(await bytes(await get("0-0")), [0]);
  assert.ok(performance.now() - start >= 95);
});

test("a shaped server is never faster than its shape, and gives the same bytes", async () => {
  const large = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);
  server.mount("large/", () => ({ size: large.length, read: (start, end) => large.slice(start, end) }));
  const since = server.log.length;
  server.shape({ latency: 60, bitsPerSecond: 8e6 });
  const start = performance.now();
  // One line for both: 200 ms of bits after one round trip, as they are asked for at once.
  const bodies = await Promise.all([1, 2].map(async () => bytes(await fetch(`${server.url}large/file`))));
  assert.ok(performance.now() - start >= 260);
  assert.ok(bodies.every((body) => Buffer.from(large).equals(Buffer.from(body))));
  const entries = server.requests("large/", since);
  assert.deepEqual(entries.map((entry) => [entry.status, entry.bytes, entry.aborted]), Array(2).fill([200, 100_000, false]));

  // Who goes away frees the line.
  server.shape({ bitsPerSecond: 8e3 });
  const impatient = AbortSignal.timeout(100);
  await assert.rejects(fetch(`${server.url}large/file`, { signal: impatient }).then(bytes), { name: "TimeoutError" });
  server.shape();
  assert.deepEqual(await bytes(await get("0-1")), [0, 1]);
  assert.ok((server.requests("large/", since).at(-1)?.bytes ?? 0) < 100_000);
});
