/**
 * The server's clock on the page: asked for once, corrected by the way there and back, carried on by the browser's own
 * counter, and asked for again when this PC's clock jumps (set by hand, or after sleep).
 *
 * @module clock
 */

import { get } from "./server.js";

const PATIENCE_MS = 15_000;
const AGAIN_MS = 3_000;
const REFRESH_MS = 10 * 60_000;
const JUMP_MS = 1_000;

/** Tells `running` after each answer, `missing` when there was none so far, and `tick` every second once it runs. */
export class ServerClock extends EventTarget {
  /** Server's time minus performance.now(); null before the first answer. @type {number | null} */
  #offset = null;
  #uncertain = 0;
  #known = pcOffset();
  #asking = false;
  #next = 0;

  get running() {
    return this.#offset !== null;
  }

  /** The server's time, milliseconds; before the first answer this PC's. */
  now() {
    return (this.#offset ?? pcOffset()) + performance.now();
  }

  /**
   * How far this PC's clock is ahead of the server's, milliseconds; what the way to the server leaves uncertain is
   * taken off.
   */
  ahead() {
    const ahead = Date.now() - this.now();
    return Math.sign(ahead) * Math.max(0, Math.abs(ahead) - this.#uncertain);
  }

  async ask() {
    if (this.#asking) return;
    this.#asking = true;
    clearTimeout(this.#next);
    try {
      await this.#measure();
    } catch {
      if (!this.running) this.#tell("missing"); // else it goes on by itself
    }
    this.#asking = false;
    this.#next = setTimeout(() => this.ask(), this.running ? REFRESH_MS : AGAIN_MS);
  }

  async #measure() {
    const asked = performance.now();
    const { now } = await get("/api/clock", AbortSignal.timeout(PATIENCE_MS));
    const answered = performance.now();
    const first = !this.running;
    this.#uncertain = (answered - asked) / 2;
    this.#offset = Date.parse(now) + this.#uncertain - answered;
    this.#known = pcOffset();
    this.#tell("running");
    if (first) this.#tick();
  }

  #tick() {
    this.#tell("tick");
    if (Math.abs(pcOffset() - this.#known) > JUMP_MS) {
      this.#known = pcOffset();
      this.ask();
    }
    setTimeout(() => this.#tick(), 1_000 - (this.now() % 1_000));
  }

  /** @param {string} event */
  #tell(event) {
    this.dispatchEvent(new Event(event));
  }
}

function pcOffset() {
  return Date.now() - performance.now();
}
