// What whoever leads a session does with its questions: asks prepared, typed and drawn ones, closes, shows what is right.

import { nonce } from "../lib/device.js";
import { ask, Telling } from "../lib/socket.js";
import { toast } from "../lib/toast.js";

const SEARCH_PAUSE = 300;

/** Shows the means to ask; `show` takes the question asked now, `wait` those prepared. */
export function lead(panel, { socket, session, said }) {
  const part = (name, within = panel) => within.querySelector(`[data-part="${name}"]`);
  const form = part("ask");
  let question = null;
  let key = nonce();

  part("leading").hidden = false;

  const telling = new Telling(socket, {
    onAnswer(event, answer) {
      wait(answer.waiting);
      if (event !== "pulse:ask") return;
      key = nonce();
      form.reset();
      chooseForm();
      form.closest("details").open = false;
    },
    onRefusal(event, answer) {
      // Refused, it was not stored: the next try is a new question, should the old one arrive after all.
      key = nonce();
      toast(answer.text, "bad");
    },
  });

  const act = (name, payload) => telling.tell(`pulse:${name}`, () => ({ session, ...payload }));

  function line(text, press) {
    const item = document.getElementById("pulse-waiting").content.firstElementChild.cloneNode(true);
    part("title", item).textContent = text;
    item.querySelector("button").addEventListener("click", press);
    return item;
  }

  function wait(prepared) {
    part("waiting").hidden = !prepared?.length;
    part("waiting-list").replaceChildren(
      ...(prepared ?? []).map((one) => line(said(one.text), () => act("open", { pulse: one.id }))),
    );
  }

  function chooseForm() {
    const chosen = form.elements.form.value;
    for (const place of form.querySelectorAll("[data-form]")) place.hidden = place.dataset.form !== chosen;
  }

  form.addEventListener("change", chooseForm);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    // A second tap while the first is on its way would ask the same under the same key; it is not sent at all.
    if (telling.waiting.some((message) => message.event === "pulse:ask")) return;
    const given = Object.fromEntries(new FormData(form));
    act("ask", { ...given, is_named: "is_named" in given, is_sign: "is_sign" in given, key });
  });

  for (const name of ["close", "open", "reveal"]) {
    panel.querySelector(`[data-act="${name}"]`).addEventListener("click", () => act(name, { pulse: question.id }));
  }

  const bank = part("bank");
  if (bank) {
    const search = part("search");
    let timer = null;
    const look = async () => {
      const words = search.elements.words.value;
      const answer = await ask(socket, "pulse:bank", { session, words }).catch(() => null);
      if (!answer?.ok || words !== search.elements.words.value) return;
      part("found").replaceChildren(
        ...answer.questions.map((one) => {
          const own = nonce();
          return line(said(one.text), () => act("draw", { question: one.id, key: own }));
        }),
      );
      part("nothing-found").hidden = answer.questions.length > 0;
      part("nothing-found").textContent = panel.querySelector('[data-word="none_found"]').textContent;
    };
    bank.addEventListener("toggle", () => bank.open && look());
    search.addEventListener("submit", (event) => (event.preventDefault(), look()));
    search.addEventListener("input", () => (clearTimeout(timer), (timer = setTimeout(look, SEARCH_PAUSE))));
  }

  return {
    wait,
    show(asked) {
      question = asked;
      panel.querySelector('[data-act="close"]').hidden = !asked?.open;
      panel.querySelector('[data-act="open"]').hidden = !asked || asked.open;
      panel.querySelector('[data-act="reveal"]').hidden = !asked || asked.open || asked.revealed || !asked.known;
    },
  };
}
