/** Chromium's own trace of a page's main thread: its tasks, how long each ran, and what the longest were doing. */

/**
 * @typedef {object} TraceEvent
 * @property {string} name
 * @property {string} ph
 * @property {number} pid
 * @property {number} tid
 * @property {number} ts  microseconds
 * @property {number} [dur]
 * @property {number} [tdur]  of processor time
 * @property {any} [args]
 *
 * @typedef {object} Task
 * @property {number} start  milliseconds
 * @property {number} wall  milliseconds from its beginning to its end
 * @property {number} cpu  milliseconds the processor worked on it; equal to `wall` where the trace does not say
 */

const TASKS = new Set(["RunTask", "ThreadControllerImpl::RunTask"]);

export class Trace {
  /**
   * @param {TraceEvent[]} events  of the main thread, whole ones
   * @param {{ name: string, at: number }[]} marks
   */
  constructor(events, marks) {
    this.events = events;
    this.marks = marks;
    /** @type {Task[]} */
    this.tasks = events.filter(({ name }) => TASKS.has(name)).map(({ ts, dur = 0, tdur }) => ({
      start: ts / 1000, wall: dur / 1000, cpu: (tdur ?? dur) / 1000,
    }));
  }

  /** @param {Buffer} text */
  static read(text) {
    /** @type {TraceEvent[]} */
    const all = JSON.parse(text.toString()).traceEvents;
    // The page marks the beginning itself: so its main thread is known among those of all processes.
    const own = all.find(({ name }) => name === "bench-trace");
    if (!own) throw new Error("the trace has no mark of the page");
    const mine = all.filter(({ pid, tid }) => pid === own.pid && tid === own.tid);
    const marks = mine.filter(({ name }) => name === "bench-begin" || name === "bench-end")
      .map(({ name, ts }) => ({ name, at: ts / 1000 }));
    return new Trace(mine.filter(({ ph }) => ph === "X"), marks);
  }

  /** From each `bench-begin` to its `bench-end`. */
  spans() {
    /** @type {[number, number][]} */
    const spans = [];
    let begin = NaN;
    for (const { name, at } of this.marks) {
      if (name === "bench-begin") begin = at;
      else spans.push([begin, at]);
    }
    return spans;
  }

  /**
   * Processor milliseconds of the tasks that touch a span.
   *
   * @param {[number, number]} span
   */
  cpu([begin, end]) {
    return this.within([begin, end]).reduce((sum, { cpu }) => sum + cpu, 0);
  }

  /** @param {[number, number]} span */
  within([begin, end]) {
    return this.tasks.filter(({ start, wall }) => start < end && start + wall > begin);
  }

  /**
   * What ran longest inside of a task: `name 12.1 ms`.
   *
   * @param {Task} task
   */
  inside(task) {
    return this.#own([task]).slice(0, 3).map(([name, took]) => `${name} ${took.toFixed(1)} ms`);
  }

  /** What ran longest in all spans, milliseconds a span. */
  parts() {
    const spans = this.spans();
    const own = this.#own(spans.flatMap((span) => this.within(span)));
    return own.map(([name, took]) => /** @type {[string, number]} */ ([name, took / spans.length]));
  }

  /**
   * Wall milliseconds of each of Chromium's own events, each without those inside of it; longest first.
   *
   * @param {Task[]} tasks
   */
  #own(tasks) {
    /** @type {Map<string, number>} */
    const own = new Map();
    for (const task of tasks) {
      const [begin, end] = [task.start * 1000, (task.start + task.wall) * 1000];
      const within = this.events
        .filter(({ name, ts, dur = 0 }) => !TASKS.has(name) && ts >= begin - 1 && ts + dur <= end + 1 && dur > 0)
        .sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0));
      /** @type {{ name: string, end: number }[]} */
      const open = [];
      for (const { name, ts, dur = 0 } of within) {
        while (open.length > 0 && (open.at(-1)?.end ?? 0) <= ts) open.pop();
        const parent = open.at(-1);
        if (parent) own.set(parent.name, (own.get(parent.name) ?? 0) - dur / 1000);
        own.set(name, (own.get(name) ?? 0) + dur / 1000);
        open.push({ name, end: ts + dur });
      }
    }
    return [...own].sort((a, b) => b[1] - a[1]);
  }
}
