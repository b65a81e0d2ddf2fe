// The time left by the server's clock: the page is told seconds, and counts them on a clock nobody can set.

import { pageAge } from "../lib/time.js";

const SHORT = 5 * 60;
const LAST = 60;

function words(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${two(minutes)}:${two(seconds % 60)}`;
}

/** Counts down in `element`; `onOver` is called once at zero, unless more time is given before. */
export class TimeLeft {
  constructor(element, announce, onOver) {
    Object.assign(this, { element, announce, onOver });
    this.shown = element.querySelector("[data-clock]");
    this.until = null;
    this.said = new Set();
    if (element.dataset.seconds !== undefined) this.set(Number(element.dataset.seconds) - pageAge() / 1000);
    setInterval(() => this.tick(), 500);
    this.tick();
  }

  /** Sets the seconds left; null is no limit. */
  set(seconds) {
    this.until = seconds === null ? null : performance.now() + seconds * 1000;
    this.element.hidden = this.until === null;
    this.tick();
  }

  get seconds() {
    return this.until === null ? Infinity : Math.max(0, Math.ceil((this.until - performance.now()) / 1000));
  }

  tick() {
    const left = this.seconds;
    if (left === Infinity) return;
    const text = words(left);
    if (this.shown.textContent !== text) this.shown.textContent = text;
    this.element.classList.toggle("is-short", left <= SHORT && left > LAST);
    this.element.classList.toggle("is-last", left <= LAST);
    if (left <= LAST) this.say("minutes1");
    else if (left <= SHORT) this.say("minutes5");
    if (left === 0 && !this.isOver) {
      this.isOver = true;
      this.onOver();
    } else if (left > 0) this.isOver = false;
  }

  /** Says a sentence of the page once to those who listen. */
  say(name) {
    if (this.said.has(name) || this.seconds === 0) return;
    this.said.add(name);
    this.announce.textContent = this.announce.dataset[name];
  }
}
