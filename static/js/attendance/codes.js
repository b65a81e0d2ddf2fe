// A code that changes: asked for anew at each change, drawn, counted down, and hidden when it no longer holds.

const GRACE = 5000;
const RETRY = 2000;
const PATIENCE = 8000;

/** Draws a QR code into the svg.qr: the server sends its modules as one path. */
export function drawQr(svg, { size, path }) {
  svg.setAttribute("viewBox", `-4 -4 ${size + 8} ${size + 8}`);
  svg.querySelector("path").setAttribute("d", path);
}

/**
 * Keeps a code current. `on.code(body)` draws an answer that has a code, and may say after how long to ask again though
 * the code still holds; `on.other(body)` takes any other answer;
 * `on.left(milliseconds, period)` counts down; `on.stale(isStale)` hides what scanners would refuse.
 */
export class RotatingCode {
  constructor(url, on) {
    Object.assign(this, { url, on, until: 0, period: 15000, timer: 0, ticking: 0, isRunning: false });
  }

  /** Starts; `left` and `period` are those of the code the page was drawn with, if it has one. */
  start(left = 0, period = 15000) {
    this.isRunning = true;
    this.period = period;
    this.until = performance.now() + left;
    this.timer = setTimeout(() => this.ask(), left > 0 ? left + 50 : 0);
    this.ticking = setInterval(() => this.tick(), 200);
  }

  stop() {
    this.isRunning = false;
    clearTimeout(this.timer);
    clearInterval(this.ticking);
  }

  tick() {
    const left = this.until - performance.now();
    this.on.left?.(Math.max(0, left), this.period);
    this.on.stale?.(left < -GRACE);
  }

  async ask() {
    clearTimeout(this.timer);
    let wait = RETRY;
    try {
      const response = await fetch(this.url, {
        headers: { Accept: "application/json" },
        cache: "no-store",
        signal: AbortSignal.timeout ? AbortSignal.timeout(PATIENCE) : undefined,
      });
      const body = await response.json();
      if (!this.isRunning) return;
      if (body.code && body.path) {
        this.period = body.period_ms;
        this.until = performance.now() + body.left_ms;
        const soon = this.on.code(body) ?? Infinity;
        this.tick();
        wait = Math.min(body.left_ms + 50, soon);
      } else {
        wait = this.on.other?.(body, response.status) ?? this.period;
      }
    } catch {
      // No answer: what is shown goes stale by itself, and the next try comes soon.
    }
    if (this.isRunning) this.timer = setTimeout(() => this.ask(), wait);
  }
}
