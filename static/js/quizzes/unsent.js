// Changes that the server has not acknowledged, kept on this device so that a reload or an empty battery loses none.
import { forget, keep, keptUnder } from "./device-store.js";

/**
 * The changes of one attempt by item. Every page keeps its own under its own name: two tabs never overwrite.
 * Kept twice: in localStorage, which is written before the next line runs, so that a tab killed at once loses nothing;
 * and in IndexedDB, which is on the disk for certain, so that a dead battery loses nothing.
 */
export class Unsent {
  constructor(attempt, device) {
    this.prefix = `jembatan.quiz.${attempt}.`;
    this.device = device;
    this.byItem = new Map();
  }

  get size() {
    return this.byItem.size;
  }

  has(item) {
    return this.byItem.has(item);
  }

  get(item) {
    return this.byItem.get(item);
  }

  all() {
    return [...this.byItem.values()];
  }

  /** Keeps a change; a later one of the same item takes its place. */
  put(change) {
    const before = this.byItem.get(change.item);
    if (before && before.device !== change.device) this.#forget(before);
    this.byItem.set(change.item, change);
    try {
      localStorage.setItem(this.#key(change), JSON.stringify(change));
    } catch {
      // Storage is full or forbidden: the change still lives in this page until it is sent.
    }
    keep("changes", this.#key(change), change);
  }

  /** Forgets a change that was acknowledged, unless a later one has taken its place. */
  settle(change) {
    const now = this.byItem.get(change.item);
    if (now && now.seq === change.seq && now.device === change.device) this.byItem.delete(change.item);
    if (!now || now.device !== change.device || now.seq === change.seq) this.#forget(change);
  }

  /** Resolves with what earlier pages of this device could not send, the newest of each item. */
  async left() {
    const newest = new Map();
    for (const change of [...this.#inStorage(), ...(await keptUnder("changes", this.prefix))]) {
      const other = newest.get(change.item);
      if (!other || other.changedAt < change.changedAt) newest.set(change.item, change);
    }
    return [...newest.values()];
  }

  /** Forgets everything of this attempt once it is submitted and settled. */
  async clear() {
    this.byItem.clear();
    const kept = await keptUnder("changes", this.prefix);
    await Promise.all([...this.#inStorage(), ...kept].map((change) => this.#forget(change)));
  }

  #inStorage() {
    const found = [];
    try {
      for (let at = localStorage.length - 1; at >= 0; at -= 1) {
        const key = localStorage.key(at);
        if (key.startsWith(this.prefix)) found.push(JSON.parse(localStorage.getItem(key)));
      }
    } catch {
      // Nothing can be read: then nothing was kept.
    }
    return found;
  }

  #key(change) {
    return `${this.prefix}${change.device}.${change.item}`;
  }

  #forget(change) {
    try {
      localStorage.removeItem(this.#key(change));
    } catch {
      // As above.
    }
    return forget("changes", this.#key(change));
  }
}
