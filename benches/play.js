/** A minute of playback: does every data frame reach a picture, in time, without blocking the page? */
import { count, digits, median, ms, quantile } from "./measure.js";
import { atMost } from "./section.js";
import { kept, session } from "./sessions.js";
import { Stage } from "./stage.js";

const SECONDS = 60;
/** Of the run on a picture so small that drawing it in software costs next to nothing. */
const SMALL_SECONDS = 20;
const RATE = 500;
const BINS = 2500;
/** Frames of one picture at 60 pictures a second. */
const PICTURE = Math.ceil(RATE / 60);
/** An animation frame that comes this much later than the usual one left out at least one. */
export const LATE = 1.5;

/** @returns {Promise<import("./section.js").Section>} */
export async function measure() {
  const stage = await Stage.start();
  try {
    const computed = session("packed", 500_000, BINS);
    const page = await stage.page(stage.serve(computed.shape.name, kept(computed.source, 16)));
    await page.settled(500);
    const idle = gaps(await page.run("bench.ticks(3000)"));
    const nominal = median(idle);
    await page.run("void (bench.longTasks.length = 0)");
    const small = await onSmallPicture(page, nominal);
    const played = await play(page, 1000, SECONDS);
    await page.close();
    return report({ ...played, small, nominal, idle });
  } finally {
    await stage.stop();
  }
}

/**
 * Plays at 1× from a frame on.
 *
 * @param {import("./stage.js").Page} page
 * @param {number} frame
 * @param {number} seconds
 * @returns {Promise<{ ticks: number[], elapsed: number, before: any, after: any, end: number, longTasks: number[],
 *   stalls: { waiting: boolean, at: number }[], trace: import("./trace.js").Trace, tasks: import("./trace.js").Task[] }>}
 */
export async function play(page, frame, seconds) {
  const { result, trace } = await page.traced(() => page.run(`(async () => {
    await viewer.seek({ frame: ${frame} });
    await bench.frame();
    const before = viewer.stats();
    const start = performance.now();
    performance.mark("bench-begin");
    viewer.play({ speed: 1 });
    const ticks = await bench.ticks(${seconds * 1000});
    const elapsed = performance.now() - start;
    const after = viewer.stats();
    viewer.pause();
    performance.mark("bench-end");
    const end = performance.now();
    return { ticks, elapsed, before, after, end, longTasks: bench.longTasks, stalls: bench.stalls };
  })()`));
  const [span] = trace.spans();
  return { ...result, trace, tasks: trace.within(span ?? [0, 0]) };
}

/**
 * Late animation frames, in percent, where the picture has 64 × 48 pixels: what is late then is not for want of a
 * graphics card.
 *
 * @param {import("./stage.js").Page} page
 * @param {number} nominal  milliseconds between two
 */
async function onSmallPicture(page, nominal) {
  await page.run("void Object.assign(document.getElementById('picture').style, { width: '64px', height: '48px', flex: 'none' })");
  await page.run("viewer.seek({ frame: 200000 })");
  await page.settled(500);
  await page.run("viewer.play({ speed: 1 })");
  const ticks = await page.run(`bench.ticks(${SMALL_SECONDS * 1000})`);
  await page.run("viewer.pause()");
  await page.run("void document.getElementById('picture').removeAttribute('style')");
  const periods = gaps(ticks);
  return { late: 100 * share(periods, (gap) => gap > LATE * nominal), count: periods.length };
}

/** @param {Awaited<ReturnType<typeof play>> & { small: { late: number, count: number }, nominal: number, idle: number[] }} run
 *  @returns {import("./section.js").Section} */
function report({ ticks, small, elapsed, before, after, end, longTasks, stalls, nominal, idle, trace, tasks }) {
  const covered = after.framesCovered - before.framesCovered;
  const expected = (elapsed / 1000) * RATE;
  const periods = gaps(ticks);
  const late = 100 * share(periods, (gap) => gap > LATE * nominal);
  const wall = tasks.map(({ wall }) => wall);
  const cpu = tasks.map(({ cpu }) => cpu);
  const [longest, longestCpu] = [Math.max(...wall), Math.max(...cpu)];
  const below = 100 * share(wall, (took) => took < 16);
  const waits = stalls.flatMap(({ waiting, at }, index) => (waiting ? [(stalls[index + 1]?.at ?? end) - at] : []));
  const worst = [...tasks].sort((a, b) => b.wall - a.wall).slice(0, 8);
  return {
    title: "Playback",
    how: [
      `1× at ${RATE} Hz × ${count(BINS)} bins, ${SECONDS} s, a packed session of 500,000 frames over loopback. Late animation ` +
      "frames are counted by a callback of the page's own: a gap of more than one and a half usual ones, which are the median " +
      `of three idle seconds before (${ms(nominal)}; of those, ${digits(100 * share(idle, (gap) => gap > LATE * nominal))} % were late, with nothing to do). ` +
      "The browser draws in software here, on the cores that everything else runs on, too. Tasks are those of the main thread " +
      "in Chromium's trace: wall time, waiting for a core included, and processor time.",
    ],
    bars: [
      {
        figure: `playback 1×, ${SECONDS} s: framesCovered`, bar: `${count(RATE * SECONDS)} ± ${PICTURE} (one picture)`,
        measured: `${count(covered)} in ${digits(elapsed / 1000)} s, in which ${count(expected)} frames went by; it waited for data ` +
          `${waits.length} times, ${ms(sum(waits))} in all`,
        met: Math.abs(covered - expected) <= PICTURE,
      },
      atMost("playback: late animation frames", late, 1, { bar: "≤ 1 %", measured: `${digits(late)} % of ${count(periods.length)}` }),
      atMost(`the same on a picture of 64 × 48 pixels, ${SMALL_SECONDS} s: late animation frames`, small.late, 1, {
        bar: "≤ 1 %", measured: `${digits(small.late)} % of ${count(small.count)}`,
      }),
      atMost("playback: longest main-thread task", longest, 50, {
        bar: "≤ 50 ms", measured: `${ms(longest)} of wall time, ${ms(longestCpu)} of CPU; PerformanceObserver saw ${longTasks.length} long tasks`,
      }),
      {
        figure: "playback: main-thread tasks below 16 ms", bar: "≥ 99 %", met: below >= 99,
        measured: `${digits(below)} % of ${count(tasks.length)}; by CPU ${digits(100 * share(cpu, (took) => took < 16))} %`,
      },
    ],
    tables: [{
      caption: "Main-thread tasks",
      head: ["", "wall time", "CPU"],
      rows: /** @type {[string, number][]} */ ([["median", 0.5], ["95 %", 0.95], ["99 %", 0.99], ["99.9 %", 0.999]])
        .map(([name, at]) => [name, ms(quantile(wall, at)), ms(quantile(cpu, at))])
        .concat([["longest", ms(longest), ms(longestCpu)], ["busy, of the time", percent(sum(wall) / elapsed), percent(sum(cpu) / elapsed)]]),
    }, {
      caption: "The longest tasks, and what of Chromium's own events ran longest in them",
      head: ["wall time", "CPU", "inside"],
      rows: worst.map((task) => [ms(task.wall), ms(task.cpu), trace.inside(task).join(", ") || "nothing that has a name"]),
    }, {
      caption: "Pictures",
      head: ["animation frames", "gap between them: median", "99 %", "longest", "pictures presented", "lateFrames by stats()"],
      rows: [[
        count(periods.length), ms(median(periods)), ms(quantile(periods, 0.99)), ms(Math.max(...periods)),
        count(after.framesPresented - before.framesPresented), count(after.lateFrames - before.lateFrames),
      ]],
    }],
    notes: [],
  };
}

/** Milliseconds between them. @param {number[]} times */
export function gaps(times) {
  return times.slice(1).map((time, at) => time - (times[at] ?? 0));
}

/** @param {number[]} values @param {(value: number) => boolean} holds */
function share(values, holds) {
  return values.filter(holds).length / values.length;
}

/** @param {number[]} values */
export function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

/** @param {number} share */
function percent(share) {
  return `${digits(100 * share)} %`;
}
