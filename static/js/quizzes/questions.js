// The questions in the page: reading what is chosen, showing what the server holds, and the numbers beside them.
import { kindOf } from "./kinds.js";

/** Returns a control as it came in the page, which is what the server holds, whatever it shows by now. */
const asItCame = (input) => ({
  name: input.name,
  checked: input.defaultChecked,
  value: input.options
    ? ([...input.options].find((option) => option.defaultSelected) ?? input.options[0])?.value
    : input.defaultValue,
});

/** One question: its controls, the sequence number of its answer, and its link in the navigator. */
class Question {
  constructor(element, jump, words) {
    this.element = element;
    this.item = Number(element.dataset.item);
    this.number = Number(element.dataset.number);
    this.kind = kindOf(element.dataset.kind);
    this.seq = Number(element.dataset.seq);
    const name = `q-${this.item}`;
    this.inputs = [...element.querySelectorAll(`[name="${name}"]:not([type=hidden]), [name^="${name}-"]`)];
    this.flag = element.querySelector("[data-flag]");
    this.refusal = element.querySelector("[data-refused]");
    this.jump = jump;
    this.words = words;
    // On a slow line somebody answers before this script is there: that answer is a change, and not yet known elsewhere.
    const response = this.kind.read({ element, inputs: this.inputs.map(asItCame) });
    this.known = JSON.stringify([response, this.flag.defaultChecked]);
  }

  /** Remembers what is chosen and marked now as what is known elsewhere. */
  remember() {
    this.known = this.now;
  }

  get isChanged() {
    return this.known !== this.now;
  }

  get now() {
    return JSON.stringify([this.response, this.flag.checked]);
  }

  /** Returns the response as the server takes it; null is unanswered. */
  get response() {
    return this.kind.read(this);
  }

  get isAnswered() {
    return this.response !== null;
  }

  /** Shows what another device or the server says. */
  show(response, flagged) {
    this.kind.write(this, response);
    this.flag.checked = Boolean(flagged);
    this.remember();
    this.draw();
  }

  /** Marks the number in the navigator; `unsent` is whether a change waits on this device. */
  draw(unsent = false) {
    const answered = this.isAnswered;
    this.jump.toggleAttribute("data-is-answered", answered);
    this.jump.toggleAttribute("data-is-flagged", this.flag.checked);
    this.jump.toggleAttribute("data-is-unsent", unsent);
    const sentence = (answered ? this.words.answered : this.words.open).replace("{number}", this.number);
    const text = this.flag.checked ? `${sentence}, ${this.words.flagged}` : sentence;
    const place = this.jump.querySelector("[data-words]");
    if (place.textContent !== text) place.textContent = text;
  }

  /** Says that the server could not take the answer, or with "" that all is well. */
  refuse(text) {
    this.refusal.textContent = text;
    this.refusal.hidden = !text;
  }

  disable() {
    for (const input of [...this.inputs, this.flag]) input.disabled = true;
  }
}

/** Returns the questions of the form by item. */
export function findQuestions(form) {
  const found = new Map();
  for (const element of form.querySelectorAll("[data-item]")) {
    const jump = form.querySelector(`[data-jump="${element.dataset.item}"]`);
    const question = new Question(element, jump, form.dataset);
    found.set(question.item, question);
  }
  return found;
}
