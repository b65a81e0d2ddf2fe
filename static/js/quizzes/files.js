// Files as answers: sent as soon as they are chosen, and again until they have arrived, even by a page opened later.
import { forget, keep, keptUnder } from "./device-store.js";

const PAUSES = [1000, 3000, 8000, 20000];

/** Sends the files of a form's questions. `onSaved(question, reply)` is called when one has arrived. */
export class Files {
  constructor(form, device, onSaved) {
    Object.assign(this, { form, device, onSaved });
    this.prefix = `${form.dataset.attempt}.`;
    this.waiting = new Map();
  }

  get size() {
    return this.waiting.size;
  }

  /** Sends what an earlier page of this device could not. */
  async resume(questions) {
    for (const { item, file, name } of await keptUnder("files", this.prefix)) {
      const question = questions.get(item);
      if (question && !this.waiting.has(item)) this.take(question, new File([file], name), { isKept: true });
    }
  }

  /** Takes the file chosen for this question; an earlier one still under way is forgotten. */
  async take(question, file, { isKept = false } = {}) {
    const place = question.element.querySelector("[data-hand-in]");
    const turn = Symbol("turn");
    const key = `${this.prefix}${question.item}`;
    this.waiting.set(question.item, turn);
    question.refuse("");
    this.#say(place, place.dataset.sending);
    if (!isKept) await keep("files", key, { item: question.item, file, name: file.name });
    for (let failures = 0; this.waiting.get(question.item) === turn; failures += 1) {
      const reply = await this.#send(place.dataset.handIn, question.seq + 1, file);
      if (this.waiting.get(question.item) !== turn) return;
      if (reply) {
        this.waiting.delete(question.item);
        await forget("files", key);
        this.#settle(question, place, reply);
        return;
      }
      this.#say(place, place.dataset.failed);
      await new Promise((resolve) => setTimeout(resolve, PAUSES[Math.min(failures, PAUSES.length - 1)]));
    }
  }

  #settle(question, place, reply) {
    if (reply.status === "refused") {
      this.#say(place, "");
      question.refuse(reply.text);
      return;
    }
    this.#say(place, place.dataset.sent.replace("{name}", reply.name));
    this.onSaved(question, reply);
  }

  #say(place, text) {
    place.querySelector("[data-file-now]").textContent = text;
  }

  /** Returns the server's reply, or null where there was none: then it is worth trying again. */
  async #send(url, seq, file) {
    const body = new FormData();
    body.append("file", file, file.name);
    body.append("seq", seq);
    body.append("device", this.device);
    try {
      const headers = { Accept: "application/json", "X-CSRFToken": this.form.elements.csrf_token.value };
      const response = await fetch(url, { method: "POST", headers, body });
      return response.ok ? await response.json() : null;
    } catch {
      return null;
    }
  }
}
