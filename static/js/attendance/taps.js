// Taps on the roster on their way to the server: each stored at once, kept on this device until acknowledged, sent
// again under the same key, in their order.

import { nonce } from "../lib/device.js";

const PATIENCE = 8000;
const RETRIES = [1000, 2000, 4000, 8000, 15000];
const AT_ONCE = 300;

/**
 * `on.answer(body)` takes the lines as they are now; `on.refused(text, taps)` a refusal; `on.state(name, waiting)` one
 * of saved, saving, offline, signed_out.
 */
export class Taps {
  constructor({ session, post, token, on }) {
    Object.assign(this, { post, token, on, waiting: [], failures: 0, isSending: false, isSignedOut: false, timer: 0 });
    // Every page keeps its own under its own name, so that two tabs never overwrite each other.
    this.prefix = `jembatan.roster.${session}.`;
    this.name = this.prefix + nonce();
    this.takeOver();
    addEventListener("online", () => this.retry());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.retry());
  }

  has(person) {
    return this.waiting.some((tap) => tap.person === person);
  }

  /** Adds taps ({person, act, at?: when it happened by this device's clock}) and sends what waits. */
  add(taps) {
    for (const tap of taps) this.waiting.push({ at: Date.now(), ...tap, key: nonce() });
    this.keep();
    this.tell();
    this.send();
  }

  retry() {
    if (!this.waiting.length) return;
    this.failures = 0;
    this.send();
  }

  async send() {
    clearTimeout(this.timer);
    if (this.isSending || this.isSignedOut || !this.waiting.length) return;
    this.isSending = true;
    const sent = this.waiting.slice(0, AT_ONCE);
    try {
      this.settle(sent, await this.talk(sent));
      this.failures = 0;
    } catch {
      this.failures += 1;
    }
    this.isSending = false;
    this.tell();
    if (this.failures) this.timer = setTimeout(() => this.send(), RETRIES[Math.min(this.failures, RETRIES.length) - 1]);
    else this.send();
  }

  async talk(taps) {
    const control = new AbortController();
    const timer = setTimeout(() => control.abort(), PATIENCE);
    try {
      const response = await fetch(this.post, {
        method: "POST",
        headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": this.token },
        body: JSON.stringify({
          changes: taps.map(({ person, act, key, at }) => ({ person, act, key, age: Math.max(0, (Date.now() - at) / 1000) })),
        }),
        signal: control.signal,
      });
      // A fault or a full server may pass; a refusal will not change by asking again.
      if (response.status >= 500 || response.status === 429 || response.status === 408) throw new Error("later");
      return { status: response.status, body: await response.json() };
    } finally {
      clearTimeout(timer);
    }
  }

  settle(sent, { status, body }) {
    if (status === 401) {
      this.isSignedOut = true;
      return;
    }
    this.waiting = this.waiting.filter((tap) => !sent.includes(tap));
    this.keep();
    if (!body.ok) {
      this.on.refused(body.text, sent);
      return;
    }
    for (const [key, text] of Object.entries(body.refused)) this.on.refused(text, sent.filter((tap) => tap.key === key));
    this.on.answer(body);
  }

  tell() {
    let state = "saved";
    if (this.isSignedOut) state = "signed_out";
    else if (this.failures) state = "offline";
    else if (this.waiting.length) state = "saving";
    this.on.state(state, this.waiting.length);
  }

  keep() {
    try {
      if (this.waiting.length) localStorage.setItem(this.name, JSON.stringify(this.waiting));
      else localStorage.removeItem(this.name);
    } catch {
      // Storage is full or forbidden: the taps still live in this page until they are sent.
    }
  }

  /** Takes over what earlier pages of this device could not send; sent twice by two tabs it is stored once. */
  takeOver() {
    try {
      for (const name of Object.keys(localStorage).filter((key) => key.startsWith(this.prefix))) {
        this.waiting.push(...JSON.parse(localStorage.getItem(name)));
        localStorage.removeItem(name);
      }
      this.waiting.sort((one, other) => one.at - other.at);
      this.keep();
    } catch {
      // Nothing can be read: then nothing was kept.
    }
  }
}
