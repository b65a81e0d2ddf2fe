// Changes that the server has not acknowledged, kept on this device so that a reload or an empty battery loses none.

/** The changes of one attempt by item. Every page keeps its own under its own name: two tabs never overwrite. */
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
  }

  /** Forgets a change that was acknowledged, unless a later one has taken its place. */
  settle(change) {
    const now = this.byItem.get(change.item);
    if (now && now.seq === change.seq && now.device === change.device) this.byItem.delete(change.item);
    if (!now || now.device !== change.device || now.seq === change.seq) this.#forget(change);
  }

  /** Returns what earlier pages of this device could not send, the newest of each item. */
  left() {
    const newest = new Map();
    try {
      for (let at = localStorage.length - 1; at >= 0; at -= 1) {
        const key = localStorage.key(at);
        if (!key.startsWith(this.prefix)) continue;
        const change = JSON.parse(localStorage.getItem(key));
        const other = newest.get(change.item);
        if (!other || other.changedAt < change.changedAt) newest.set(change.item, change);
      }
    } catch {
      // Nothing can be read: then nothing was kept.
    }
    return [...newest.values()];
  }

  /** Forgets everything of this attempt once it is submitted and settled. */
  clear() {
    for (const change of [...this.left(), ...this.all()]) this.#forget(change);
    this.byItem.clear();
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
  }
}
