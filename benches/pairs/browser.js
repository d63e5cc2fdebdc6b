/** Figures of the site: two pages in one browser, each with the viewer of one checkout, on the same sessions. */
import { existsSync } from "node:fs";
import path from "node:path";

import { folder } from "../../tests/e2e/server.js";
import { random } from "../../tests/e2e/site.js";
import { estimate } from "../colors.js";
import { CHAINS } from "../decode.js";
import { make, serve } from "../disk.js";
import { mean, median, mib, ms } from "../measure.js";
import { memory, own } from "../memory.js";
import { LATE, gaps, play, sum } from "../play.js";
import { run, serve as serveRaw } from "../reads.js";
import { LATENCY, scrub } from "../scrub.js";
import { check } from "../seek.js";
import { LAYOUTS, session, warm } from "../sessions.js";
import { Stage } from "../stage.js";
import { BOTH, quiet, staged } from "./duo.js";
import { CODECS, chains } from "./native.js";

/** @typedef {import("./scenario.js").Which} Which */
/** @typedef {import("./scenario.js").Checkout} Checkout */
/** @typedef {import("./scenario.js").Scenario} Scenario */
/** @typedef {import("./scenario.js").Measurement} Measurement */
/** @typedef {import("../../tests/e2e/session.js").Session} Session */
/** @typedef {import("../stage.js").Page} Page */
/** @typedef {import("./duo.js").Act} Act */
/** @typedef {import("./duo.js").Duo} Duo */

const LONG = 3_600_000;
/** How often a thing is done for one value of a figure, which is their median. */
const OPENS = 2;
const COLD_SEEKS = 4;
const RESIDENT_SEEKS = 10;
const SCRUBS = 3;
const CHUNKS = 4;
const PLAY_SECONDS = 2;
const PLACES = 30;
/** The least there is: some tens of places fill both. */
const BUDGET = 16 * 2 ** 20;

/** @type {Scenario[]} */
export const SCENARIOS = [
  ...LAYOUTS.map((layout) => /** @type {Scenario} */ ({
    name: `open.${layout}`,
    figures: { open: { what: `open → first exact frame, 3.6M × 500, ${layout}`, unit: ms } },
    start: staged((duo) => open(duo, layout)),
  })),
  {
    name: "load",
    figures: { load: { what: "page load → first exact frame, 3.6M × 500, packed", unit: ms } },
    start: staged(load),
  },
  {
    name: "seek.plain",
    figures: { seek: { what: "random seek, cold, plain, loopback", unit: ms } },
    start: staged(coldPlain),
  },
  {
    name: "seek.packed",
    figures: {
      first: { what: "random seek, cold, packed, first touch of a shard, loopback", unit: ms },
      seek: { what: "random seek, cold, packed, loopback", unit: ms },
    },
    start: staged(coldPacked),
  },
  inMemory("seek.500", "random seek, in memory, a presented frame, 500 bins", session("packed", 500_000, 500)),
  inMemory("seek.2500", "random seek, in memory, 2,500 bins", session("packed", 500_000, 2500)),
  inMemory("bins.10000", "a presented frame, 10,000 bins", session("packed", 100_000, 10_000)),
  ...LAYOUTS.map((layout) => /** @type {Scenario} */ ({
    name: `serve.${layout}`,
    figures: {
      open: { what: `open → first exact frame, 100,000 frames, ${layout}, \`replayscope serve\``, unit: ms },
      seek: { what: `random seek, cold, ${layout}, \`replayscope serve\``, unit: ms },
    },
    start: (checkouts) => served(checkouts, layout),
  })),
  {
    name: "scrub",
    figures: {
      preview: { what: `scrub with ${LATENCY} ms latency: seek → preview`, unit: ms },
      exact: { what: `scrub with ${LATENCY} ms latency: seek → exact, without the round trip to a shard's index`, unit: ms },
    },
    start: staged(scrubbing),
  },
  {
    name: "play",
    figures: {
      cpu: { what: "playback 1×, 2,500 bins: CPU of the main thread for a presented picture", unit: ms },
      late: { what: `playback 1×, 2,500 bins: late animation frames in ${PLAY_SECONDS} s, and one`, unit: (value) => value.toFixed(1) },
    },
    start: staged(playing),
  },
  {
    name: "memory",
    figures: {
      held: { what: `memory held after ${PLACES} random places, budgets of ${mib(BUDGET)} each`, unit: mib },
      renderer: { what: "the same: the page's process", unit: mib },
    },
    start: staged(remembering),
  },
  ...CODECS.map((chain) => /** @type {Scenario} */ ({
    name: `decode.${chain}`,
    figures: { decoded: { what: `a chunk of 1 MiB in the browser, ${chain}: last byte → values`, unit: ms } },
    start: staged((duo) => decoding(duo, chain)),
  })),
  {
    name: "reads",
    figures: {
      lazy: { what: "reads, a range a frame, random (no code of the viewer's: how far two equal sides differ)", unit: ms },
      chunked: { what: "reads, chunks, random (the same)", unit: ms },
      whole: { what: "reads, 10,000 frames at once (the same)", unit: ms },
    },
    start: staged(reading),
  },
  {
    name: "colors",
    figures: { range: { what: "a range of 500,000 frames in the browser, while playing", unit: ms } },
    start: staged(coloring),
  },
];

/**
 * @param {Duo} duo
 * @param {import("../sessions.js").Layout} layout
 * @returns {Promise<Act>}
 */
async function open(duo, layout) {
  const { url } = duo.serve(session(layout, LONG, 500), 128);
  const pages = await duo.pages(duo.serve(session("packed", 100_000, 500)).url);
  return {
    sample: async (which) => {
      const times = [];
      for (let turn = 0; turn < OPENS; turn += 1) {
        times.push(await pages[which].open(url));
        await pages[which].settled(100);
      }
      return { open: median(times) };
    },
  };
}

/** @param {Duo} duo  @returns {Promise<Act>} */
async function load(duo) {
  const { url } = duo.serve(session("packed", LONG, 500), 128);
  return {
    sample: async (which) => {
      const page = await duo.page(which, url);
      const load = await page.run("bench.readyAt");
      await page.close();
      return { load };
    },
  };
}

/** @param {Duo} duo  @returns {Promise<Act>} */
async function coldPlain(duo) {
  const computed = session("plain", LONG, 500);
  const { url, source } = duo.serve(computed);
  const pages = await duo.pages(url);
  const next = unread(pages, random(5), LONG);
  /** @type {number[]} */
  let frames = [];
  return {
    prepare: async () => {
      frames = await next(COLD_SEEKS);
      for (const frame of frames) await warm(computed, source, frame);
    },
    sample: async (which) => {
      const times = [];
      for (const frame of frames) {
        const seek = await pages[which].seek(frame);
        check(computed, frame, (await pages[which].asked(seek)).own);
        times.push(seek.took);
      }
      return { seek: median(times) };
    },
  };
}

/**
 * Random frames that neither page has in memory.
 *
 * @param {Record<Which, Page>} pages
 * @param {(limit: number) => number} below
 * @param {number} frames
 */
function unread(pages, below, frames) {
  return async (/** @type {number} */ most) => {
    /** @type {number[]} */
    const found = [];
    while (found.length < most) {
      const frame = below(frames);
      if (!(await pages.before.holds(frame)) && !(await pages.after.holds(frame))) found.push(frame);
    }
    return found;
  };
}

/** @param {Duo} duo  @returns {Promise<Act>} */
async function coldPacked(duo) {
  // Longer than what the benchmark seeks in, so that there are untouched shards for all pairs; nothing else depends on it.
  const computed = session("packed", 4 * LONG, 500);
  const { chunk, shard = 1 } = computed.shape;
  const { url, source } = duo.serve(computed);
  const pages = await duo.pages(url);
  const below = random(6);
  const shards = Math.ceil(computed.frames / (chunk * shard));
  let last = 0;
  /** A shard of which neither page has read anything, not even for the colour range. */
  const untouched = async () => {
    for (last += 1; last < shards - 1; last += 1) {
      const name = JSON.stringify(`${url}${computed.place("posterior", last * chunk * shard).path}`);
      const touched = `bench.fetches.some(({ url }) => url === ${name})`;
      if (!(await pages.before.run(touched)) && !(await pages.after.run(touched))) return last;
    }
    throw new Error("all shards were read before");
  };
  /** @type {number[]} */
  let frames = [];
  return {
    prepare: async () => {
      frames = [];
      for (let turn = 0; turn < COLD_SEEKS / 2; turn += 1) {
        const first = (await untouched()) * chunk * shard;
        // Chunks apart, so that the second is not what was read ahead of the first.
        frames.push(...[7, 40].map((at) => first + at * chunk + below(chunk)));
      }
      for (const frame of frames) await warm(computed, source, frame);
    },
    sample: async (which) => {
      /** @type {Record<number, number[]>} */
      const times = { 1: [], 2: [] };
      for (const frame of frames) {
        const seek = await pages[which].seek(frame);
        const { own } = await pages[which].asked(seek);
        check(computed, frame, own);
        times[own.length]?.push(seek.took);
      }
      return { first: mean(times[2] ?? []), seek: mean(times[1] ?? []) };
    },
  };
}

/**
 * @param {string} name
 * @param {string} what
 * @param {Session} computed
 * @returns {Scenario}
 */
function inMemory(name, what, computed) {
  return {
    name,
    figures: { took: { what: `${what}: time`, unit: ms }, cpu: { what: `${what}: CPU of the main thread`, unit: ms } },
    start: staged(async (duo) => {
      const pages = await duo.pages(duo.serve(computed).url);
      const below = random(7);
      /** @type {number[]} */
      let frames = [];
      return {
        prepare: async () => {
          frames = Array.from({ length: RESIDENT_SEEKS }, () => below(computed.shape.chunk));
        },
        sample: async (which) => {
          const { seeks, cpu } = await pages[which].costs(frames);
          return { took: median(seeks.map(({ took }) => took)), cpu: median(cpu) };
        },
      };
    }),
  };
}

/**
 * The command line of each side serves the same files, and the viewer that it carries.
 *
 * @param {Record<Which, Checkout>} checkouts
 * @param {import("../sessions.js").Layout} layout
 * @returns {Promise<Measurement>}
 */
async function served(checkouts, layout) {
  const frames = 100_000;
  await make(checkouts.after.program);
  /** @type {(() => Promise<void>)[]} */
  const ends = [];
  const stop = async () => {
    for (const end of ends.reverse()) await end();
  };
  try {
    const stage = await Stage.start(checkouts.after.dist);
    ends.push(() => stage.stop());
    const set = async (/** @type {Which} */ which) => {
      const disk = await serve(checkouts[which].program);
      ends.push(disk.stop);
      const url = disk.session(`${layout}-${frames}`);
      return { url, page: await stage.page(url, { site: disk.site }) };
    };
    const sides = { before: await set("before"), after: await set("after") };
    const pages = { before: sides.before.page, after: sides.after.page };
    await quiet(pages);
    // Each time it is opened, the same frames are read at first.
    /** @type {[number, number][]} */
    const there = [...(await pages.before.run("viewer.buffered()")), ...(await pages.after.run("viewer.buffered()"))];
    const below = random(11);
    /** @type {number[]} */
    let targets = [];
    return {
      prepare: async () => {
        targets = [];
        while (targets.length < COLD_SEEKS) {
          const frame = below(frames);
          if (!there.some(([start, stop]) => frame >= start && frame < stop)) targets.push(frame);
        }
      },
      sample: async (which) => {
        const page = pages[which];
        // Opened anew, it has nothing in memory but what opening reads.
        const open = await page.open(sides[which].url);
        await page.settled(100);
        const times = [];
        for (const frame of targets) {
          // Beside the one before it, it may have been read ahead.
          if (await page.holds(frame)) continue;
          times.push((await page.seek(frame)).took);
          await page.settled(150);
        }
        return { open, seek: median(times) };
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @param {Duo} duo  @returns {Promise<Act>} */
async function scrubbing(duo) {
  const computed = session("packed", LONG, 500, { pyramid: true });
  const { url, source } = duo.serve(computed, 200);
  const pages = await duo.pages(url);
  const next = unread(pages, random(9), LONG);
  /** @type {number[]} */
  let frames = [];
  return {
    prepare: async () => {
      frames = await next(SCRUBS);
      for (const frame of frames) await warm(computed, source, frame);
    },
    sample: async (which) => {
      duo.stage.server.shape({ latency: LATENCY });
      const scrubs = [];
      for (const frame of frames) scrubs.push(await scrub(pages[which], frame, computed.place("posterior", frame).path));
      duo.stage.server.shape();
      const previews = scrubs.map(({ preview }) => preview).filter((took) => !Number.isNaN(took));
      return { preview: median(previews), exact: median(scrubs.map(({ exact, requests }) => exact - (requests - 1) * LATENCY)) };
    },
  };
}

/** @param {Duo} duo  @returns {Promise<Act>} */
async function playing(duo) {
  const computed = session("packed", 500_000, 2500);
  const { url, source } = duo.serve(computed, 128);
  const pages = await duo.pages(url);
  // Of a page with nothing to do, after all that it does at first.
  const nominal = median(gaps(await pages.after.run("bench.ticks(2000)")));
  const { chunk } = computed.shape;
  const step = PLAY_SECONDS * computed.shape.rate;
  let from = 0;
  return {
    prepare: async (pair) => {
      // Each pair plays what was not played before; a second more of it is read ahead.
      from = 1000 + (pair + 1) * 2 * step;
      if (from + 2 * step > computed.frames) throw new Error("the session is too short for so many pairs");
      for (let frame = from; frame < from + 2 * step; frame += chunk) await warm(computed, source, frame);
    },
    sample: async (which) => {
      const { ticks, before, after, tasks } = await play(pages[which], from, PLAY_SECONDS);
      const pictures = after.framesPresented - before.framesPresented;
      await pages[which].settled(100);
      // One more, as there may be none, and nothing has no ratio.
      const late = 1 + gaps(ticks).filter((gap) => gap > LATE * nominal).length;
      return { cpu: sum(tasks.map(({ cpu }) => cpu)) / pictures, late };
    },
  };
}

/** @param {Duo} duo  @returns {Promise<Act>} */
async function remembering(duo) {
  const computed = session("packed", LONG, 500);
  const { url } = duo.serve(computed, 128);
  const little = duo.serve(session("packed", 1000, 500)).url;
  return {
    sample: async (which) => {
      // A page of its own: the wasm's memory never shrinks. The budgets hold before the session that they are for is opened.
      const page = await duo.page(which, little);
      await page.run(`viewer.setBudgets({ cache: ${BUDGET}, gpu: ${BUDGET} })`);
      await page.open(url);
      await page.settled(100);
      const below = random(8);
      for (let place = 0; place < PLACES; place += 1) await page.run(`viewer.seek({ frame: ${below(computed.frames)} })`);
      await page.settled(100);
      await page.collectGarbage();
      const taken = await memory(page);
      await page.close();
      return { held: own(taken), renderer: taken.renderer };
    },
  };
}

/**
 * @param {Duo} duo
 * @param {string} chain
 * @returns {Promise<Act>}
 */
async function decoding(duo, chain) {
  await chains(duo.checkouts.after);
  const where = path.join(CHAINS, chain);
  if (!existsSync(where)) throw new Error(`the native bench \`decode\` wrote no session of ${chain}`);
  const pages = await duo.pages(duo.stage.serve(`chain-${chain}`, folder(where)));
  // So little that chunks are soon forgotten, and can be asked for again.
  for (const which of BOTH) await pages[which].run(`viewer.setBudgets({ cache: ${BUDGET} })`);
  return {
    sample: async (which) => {
      /** @type {{ decoded: number }[]} */
      const found = await pages[which].run(`bench.unread(${CHUNKS})`);
      if (found.length < CHUNKS) throw new Error("all chunks are in memory");
      return { decoded: median(found.map(({ decoded }) => decoded)) };
    },
  };
}

/** @param {Duo} duo  @returns {Promise<Act>} */
async function reading(duo) {
  serveRaw(duo.stage, [10_000, 100_000]);
  const near = { shape: {}, random: 40, sequential: 0 };
  return {
    sample: async (which) => {
      const site = duo.site(which);
      const lazy = await run(duo.stage, near, 100_000, "lazy", site);
      const chunked = await run(duo.stage, { ...near, random: 15 }, 100_000, "chunked", site);
      const whole = await run(duo.stage, { ...near, random: 0 }, 10_000, "whole", site);
      return { lazy: mean(lazy.random), chunked: mean(chunked.random), whole: whole.create };
    },
  };
}

/** @param {Duo} duo  @returns {Promise<Act>} */
async function coloring(duo) {
  const { url } = duo.serve(session("packed", 500_000, 500), 512);
  const pages = await duo.pages(url);
  return {
    sample: async (which) => {
      // Opened anew, it has nothing in memory but what opening and its own samples read.
      await pages[which].open(url);
      await pages[which].settled(250);
      const { took } = await estimate(pages[which], 11);
      await pages[which].run("viewer.pause()");
      await pages[which].settled(100);
      return { range: took };
    },
  };
}
