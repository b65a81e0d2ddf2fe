// Questions beside the meeting: shows what the server says is asked, and tells it each tap until it is acknowledged.
//
// The list is drawn anew only for another question; bars and counts fill what is there, so that neither the keyboard's
// place nor a screen reader is disturbed while a class answers.

import { nonce } from "../lib/device.js";
import { ask, Telling } from "../lib/socket.js";
import { lead } from "./leading.js";

// A lost message is not a lost connection: now and then the page asks whether it has missed one.
const LOOK_AGAIN = 20_000;

const panel = document.getElementById("pulse");
const part = (name, within = panel) => within.querySelector(`[data-part="${name}"]`);
const word = (name) => panel.querySelector(`[data-word="${name}"]`).textContent;
const language = document.documentElement.lang;

/** The words of a text in two languages: the page's, else the other. */
export const said = (text) => text[language] || text.id || text.en;

/** Shows the session's questions over this socket. */
export function showPulses(socket) {
  const session = Number(panel.dataset.session);
  const page = nonce();
  let version = -1;
  let question = null;
  let own = null;
  let stored = null;
  let answers = false;
  let taps = 0;
  let leading = null;

  const telling = new Telling(socket, {
    onAnswer(event, answer) {
      if (answer.pulse !== question?.id) return;
      stored = answer.choice;
      // Another tap may wait behind this one: what was tapped last is what the page shows.
      if (telling.waiting.length) return;
      own = stored;
      tell("stored");
      speak(word("stored"));
      fill();
    },
    onRefusal(event, answer) {
      own = stored;
      part("refusal").textContent = answer.text;
      tell("refused");
      fill();
    },
  });

  function speak(text) {
    part("spoken").textContent = text;
  }

  function tell(state) {
    for (const line of panel.querySelectorAll("[data-say]")) line.hidden = line.dataset.say !== state;
  }

  function tap(choice) {
    own = choice;
    const pulse = question.id;
    const sequence = ++taps;
    tell("sending");
    fill();
    telling.tell("pulse:answer", () => ({ session, pulse, choice, page, sequence }));
  }

  function label(choice) {
    if (question.form === "yes_no") return word(choice.key);
    const text = said(choice);
    if (question.form === "scale") return text ? `${choice.key} · ${text}` : choice.key;
    return text;
  }

  function drawChoices() {
    const template = document.getElementById("pulse-choice");
    part("choices").replaceChildren(
      ...question.choices.map((choice) => {
        const line = template.content.firstElementChild.cloneNode(true);
        line.dataset.key = choice.key;
        part("label", line).textContent = part("plain", line).textContent = label(choice);
        line.querySelector("button").addEventListener("click", () => tap(choice.key));
        return line;
      }),
    );
  }

  /** Fills bars, counts and marks into the lines that are there. */
  function fill() {
    const mayTap = answers && question.open;
    // Whoever has not answered is not told what the others think.
    const showsBars = !answers || !question.open || own !== null;
    for (const choice of question.choices) {
      const line = part("choices").querySelector(`[data-key="${CSS.escape(choice.key)}"]`);
      const button = line.querySelector("button");
      button.hidden = !mayTap;
      button.setAttribute("aria-pressed", String(own === choice.key));
      line.querySelector(".pulse-plain").hidden = mayTap;
      part("tags", line).textContent = [choice.right && word("right"), own === choice.key && word("mine")]
        .filter(Boolean)
        .join(", ");
      part("result", line).hidden = !showsBars;
      part("fill", line).setAttribute("width", `${(choice.share * 100).toFixed(2)}%`);
      part("fill", line).classList.toggle("bar-fill--good", choice.right);
      const share = Math.round(choice.share * 100);
      const amount = word("of").replace("{count}", choice.count).replace("{whole}", question.answered);
      part("amount", line).textContent = `${amount} · ${share} %`;
      const names = question.names?.[choice.key] ?? [];
      part("names", line).hidden = !names.length;
      part("names", line).textContent = names.join(", ");
    }
    const count = part("count");
    count.textContent = question.answered === 1 ? count.dataset.one : count.dataset.many.replace("{n}", question.answered);
    for (const line of panel.querySelectorAll("[data-when]")) line.hidden = line.dataset.when !== (question.open ? "open" : "closed");
  }

  function raise(isUp) {
    panel.toggleAttribute("data-raised", isUp);
  }

  /** Takes over what the server says, unless something newer is shown already. */
  function take(message) {
    if (message.session !== session || message.version < version) return;
    version = message.version;
    const before = question;
    question = message.question;
    panel.hidden = !question && !leading;
    part("question").hidden = !question;
    if (!question) {
      for (const line of panel.querySelectorAll("[data-when]")) line.hidden = line.dataset.when !== "nothing";
      leading?.show(null);
      return;
    }
    const isNew = before?.id !== question.id;
    if (isNew) {
      stored = own = null;
      tell(null);
      part("text").textContent = said(question.text);
      for (const note of panel.querySelectorAll("[data-note]")) {
        note.hidden = !(note.dataset.note === "unnamed" ? !question.named : question[note.dataset.note]);
      }
      drawChoices();
    }
    if (question.open && (isNew || !before.open)) {
      raise(true);
      speak(`${word("new")} ${said(question.text)}`);
    } else if (!question.open && before?.open && !isNew) {
      speak(word("closed"));
    }
    fill();
    leading?.show(question);
  }

  async function watch() {
    try {
      const seen = await ask(socket, "pulse:watch", { session });
      if (!seen.ok) return;
      answers = seen.answers;
      if (seen.leads && part("leading")) leading ??= lead(panel, { socket, session, said });
      leading?.wait(seen.waiting);
      take(seen);
      // What is still on its way is newer than what the server has.
      if (question && question.id === seen.question?.id && !telling.waiting.length) {
        own = stored = seen.own;
        fill();
      }
    } catch {
      // No acknowledgement: the connection is down, and its return asks again.
    }
  }

  async function look() {
    if (!socket.connected || document.hidden) return;
    const answer = await ask(socket, "pulse:version", { session }).catch(() => null);
    if (answer?.ok && answer.version !== version) watch();
  }

  panel.querySelector('[data-act="away"]').addEventListener("click", () => raise(false));
  socket.on("pulse:now", take);
  socket.on("connect", watch);
  document.addEventListener("visibilitychange", look);
  setInterval(look, LOOK_AGAIN);
  if (socket.connected) watch();
}
