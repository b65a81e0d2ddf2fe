// How long the line was away, measured by this device: from the first request that failed to the first that got through.
import { nonce } from "../lib/device.js";
import { PATIENCE, talk } from "./talk.js";

/**
 * Keeps the time of the loss on the device, so that a reload or a browser that was killed meanwhile loses nothing, and
 * tells the server once the line is back. All tabs of a device share one loss: they share the line.
 */
export class LostLine {
  constructor(attempt, url, token, device) {
    Object.assign(this, { url, token, device, key: `jembatan.line.${attempt}`, telling: Promise.resolve() });
    this.memory = { lost: null, untold: [] };
  }

  /** Notes that a request begun at `since` did not get through; the first of several counts. */
  lost(since = Date.now()) {
    const kept = this.#kept();
    if (!kept.lost) this.#keep({ ...kept, lost: { key: nonce(), at: since } });
  }

  /** Notes that a request begun at `since` got through, and tells of what lies behind. */
  back(since) {
    const kept = this.#kept();
    if (kept.lost) {
      const { key, at } = kept.lost;
      kept.untold.push({ key, lostAt: at, backAt: Math.max(since, at) });
      this.#keep({ lost: null, untold: kept.untold });
    }
    if (kept.untold.length) this.telling = this.telling.then(() => this.#tell());
  }

  /** Resolves when nothing is under way any more: whoever leaves the page waits for it. */
  told() {
    return Promise.race([this.telling, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
  }

  async #tell() {
    for (const one of this.#kept().untold) {
      const ago = (instant) => Math.max(0, (Date.now() - instant) / 1000);
      try {
        const { device } = this;
        await talk(this.url, this.token(), { key: one.key, device, lost_ago: ago(one.lostAt), back_ago: ago(one.backAt) });
      } catch {
        return; // The line is away again, or nobody is signed in: the next time that something gets through.
      }
      const kept = this.#kept();
      this.#keep({ ...kept, untold: kept.untold.filter((other) => other.key !== one.key) });
    }
  }

  #kept() {
    try {
      return JSON.parse(localStorage.getItem(this.key)) ?? { lost: null, untold: [] };
    } catch {
      return this.memory;
    }
  }

  #keep(kept) {
    this.memory = kept;
    try {
      if (kept.lost || kept.untold.length) localStorage.setItem(this.key, JSON.stringify(kept));
      else localStorage.removeItem(this.key);
    } catch {
      // Storage is full or forbidden: this page remembers it.
    }
  }
}
