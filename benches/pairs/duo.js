/** Two pages in one browser, each with the viewer of one checkout, and the server of both. */
import { folder } from "../../tests/e2e/server.js";
import { kept } from "../sessions.js";
import { Stage } from "../stage.js";

/** @typedef {import("./scenario.js").Which} Which */
/** @typedef {import("./scenario.js").Checkout} Checkout */
/** @typedef {import("./scenario.js").Scenario} Scenario */
/** @typedef {import("./scenario.js").Measurement} Measurement */
/** @typedef {import("../../tests/e2e/session.js").Session} Session */
/** @typedef {import("../stage.js").Page} Page */
/** What a scenario hands over; the stage is ended for it. @typedef {Omit<Measurement, "stop">} Act */

/** @type {readonly Which[]} */
export const BOTH = ["before", "after"];

/** A server with both sites, and a browser. */
export class Duo {
  /**
   * @param {Stage} stage
   * @param {Record<Which, Checkout>} checkouts
   */
  constructor(stage, checkouts) {
    this.stage = stage;
    this.checkouts = checkouts;
    // Each from a folder of its own, so that the two addresses are alike.
    for (const which of BOTH) stage.server.mount(`${which}/`, folder(checkouts[which].dist));
  }

  /** @param {Which} which  whose site's address */
  site(which) {
    return `${this.stage.server.url}${which}/`;
  }

  /**
   * Serves a computed session.
   *
   * @param {Session} computed
   * @param {number} [most]  answers that are kept
   */
  serve(computed, most) {
    const source = kept(computed.source, most);
    return { source, url: this.stage.serve(computed.shape.name, source) };
  }

  /** @param {Which} which  @param {string} url  of a session */
  page(which, url) {
    return this.stage.page(url, { site: this.site(which) });
  }

  /**
   * A page of each side, at a session's first exact frame and quiet.
   *
   * @param {string} url
   */
  async pages(url) {
    const pages = { before: await this.page("before", url), after: await this.page("after", url) };
    await quiet(pages);
    return pages;
  }
}

/** Waits until neither page reads anything. @param {Record<Which, Page>} pages */
export async function quiet(pages) {
  await Promise.all(BOTH.map((which) => pages[which].settled(500)));
}

/**
 * A scenario's beginning, with a server and a browser that live as long as it is measured.
 *
 * @param {(duo: Duo) => Promise<Act>} set
 * @returns {Scenario["start"]}
 */
export function staged(set) {
  return async (checkouts) => {
    const stage = await Stage.start(checkouts.after.dist);
    try {
      return { ...(await set(new Duo(stage, checkouts))), stop: () => stage.stop() };
    } catch (error) {
      await stage.stop();
      throw error;
    }
  };
}
