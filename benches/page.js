/** What runs in the page, before anything of the viewer's: it keeps what was fetched, and measures from the inside. */

/**
 * Put into the page as text, so nothing outside of this function is there.
 */
export function install() {
  /** @type {any} */
  const page = globalThis;
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const plainFetch = globalThis.fetch;
  const bench = {
    /** Every fetch, in order. @type {{ url: string, range: string | null, start: number }[]} */
    fetches: [],
    /** Milliseconds of main-thread tasks above 50 ms, as the browser tells them. @type {number[]} */
    longTasks: [],
    /** @type {{ frame: number, requested: number, exact: boolean, pooled: number, frames: number, at: number, tick: number }[]} */
    frames: [],
    /** Waits of playback for data. @type {{ waiting: boolean, at: number }[]} */
    stalls: [],
    /** Animation frames so far. */
    tick: 0,
    /** When the page's first session was at its first exact frame. */
    readyAt: NaN,

    frame,

    /** Nothing has been fetched for a while. @param {number} [quiet] */
    async settled(quiet = 250) {
      for (let [requests, at] = [-1, 0]; ;) {
        const stats = page.viewer.stats();
        if (stats.inFlight > 0 || stats.requests !== requests) [requests, at] = [stats.requests, performance.now()];
        else if (performance.now() - at > quiet) return;
        await new Promise((done) => setTimeout(done, 25));
      }
    },

    /**
     * From `open()` to the first exact frame.
     *
     * @param {string} url
     */
    async open(url) {
      const since = bench.fetches.length;
      const start = performance.now();
      await page.viewer.open(url);
      await page.viewer.ready;
      const took = performance.now() - start;
      return { took, requests: bench.fetches.length - since };
    },

    /**
     * A seek, and what it fetched until its chunk was there: neighbours, read ahead after that, are not its own.
     *
     * @param {number} target
     */
    async seek(target) {
      performance.clearResourceTimings();
      const since = bench.fetches.length;
      const [start, tick] = [performance.now(), bench.tick];
      performance.mark("bench-begin");
      await page.viewer.seek({ frame: target });
      performance.mark("bench-end");
      const [took, ticks] = [performance.now() - start, bench.tick - tick];
      return { at: start, tick, took, ticks, since };
    },

    /** @param {number[]} targets */
    async seeks(targets) {
      const seeks = [];
      for (const target of targets) {
        // Nothing of the one before is left to draw, and the call comes from a task of its own, as a key's does.
        await frame();
        await frame();
        await new Promise((done) => setTimeout(done, 3));
        seeks.push(await bench.seek(target));
      }
      return seeks;
    },

    /**
     * A seek's own requests: the first that brought a chunk, and the indexes before it; `beside` says how many others
     * were under way before that chunk was there.
     *
     * @param {number} since  what `seek` said; call it when all is quiet
     */
    ownFetches(since) {
      const entries = /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByType("resource"))
        .sort((a, b) => a.startTime - b.startTime);
      // An index is some KB; the first answer above that is the chunk. What is wanted most is asked for first.
      const at = entries.findIndex(({ encodedBodySize }) => encodedBodySize > 16_384);
      const own = bench.fetches.slice(since, since + at + 1);
      const began = bench.fetches.slice(since).filter(({ start }) => start < (entries[at]?.responseEnd ?? 0));
      return { own, beside: began.length - own.length };
    },

    /**
     * `values()` of chunks that are not in memory, from the session's end: what is read at open lies at its beginning.
     * For each the milliseconds from the call to the values, and from the last byte to them.
     *
     * @param {number} most
     */
    async unread(most) {
      const { chunks, chunkFrames } = page.viewer.session.fields[0];
      /** @type {[number, number][]} */
      const there = page.viewer.buffered();
      /** @type {[number, number][]} */
      const spans = [];
      performance.clearResourceTimings();
      for (let chunk = chunks - 1; spans.length < most && chunk > 0; chunk -= 1) {
        const frame = chunk * chunkFrames;
        if (there.some(([start, stop]) => frame >= start && frame < stop)) continue;
        await new Promise((done) => setTimeout(done, 30));
        const start = performance.now();
        performance.mark("bench-begin");
        await page.viewer.values({ frame });
        performance.mark("bench-end");
        spans.push([start, performance.now()]);
      }
      // The browser tells of a fetch in a task of its own, after the page has its bytes.
      await new Promise((done) => setTimeout(done, 50));
      const arrivals = performance.getEntriesByType("resource")
        .map((entry) => /** @type {PerformanceResourceTiming} */ (entry).responseEnd);
      return spans.map(([start, end]) => {
        const last = Math.max(...arrivals.filter((at) => at >= start && at <= end));
        return { took: end - start, decoded: Number.isFinite(last) ? end - last : NaN };
      });
    },

    /**
     * The same bytes again by nothing but `fetch`, one request after the other.
     *
     * @param {{ url: string, range: string | null }[]} requests
     */
    async bare(requests) {
      const start = performance.now();
      let bytes = 0;
      for (const { url, range } of requests) {
        /** @type {RequestInit} */
        const init = { cache: "no-store", headers: range ? { Range: range } : {} };
        bytes += (await (await plainFetch(url, init)).arrayBuffer()).byteLength;
      }
      return { took: performance.now() - start, bytes };
    },

    /** Times of the animation frames of a while. @param {number} milliseconds */
    async ticks(milliseconds) {
      const times = [];
      const end = performance.now() + milliseconds;
      while (performance.now() < end) times.push(await frame());
      return times;
    },
  };
  page.bench = bench;
  globalThis.fetch = function (input, init) {
    const request = input instanceof Request ? input : null;
    const headers = request?.headers ?? new Headers(init?.headers);
    bench.fetches.push({ url: request?.url ?? String(input), range: headers.get("range"), start: performance.now() });
    return plainFetch.call(globalThis, input, init);
  };
  /** @type {any} */
  let viewer;
  // The page sets its handle once.
  Object.defineProperty(page, "viewer", {
    configurable: true,
    get: () => viewer,
    set: (value) => {
      viewer = value;
      value.addEventListener("frame", (/** @type {any} */ { detail }) =>
        bench.frames.push({ ...detail, at: performance.now(), tick: bench.tick }));
      value.addEventListener("stall", (/** @type {any} */ { detail }) =>
        bench.stalls.push({ waiting: detail.waiting, at: performance.now() }));
      value.ready.then(() => (bench.readyAt = performance.now()), () => {});
    },
  });
  // Every frame, so that a seek can say how many it took.
  const count = () => {
    bench.tick += 1;
    requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
  new PerformanceObserver((list) => bench.longTasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: "longtask" });
  performance.setResourceTimingBufferSize(100_000);
}
