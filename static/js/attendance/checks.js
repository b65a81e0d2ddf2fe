// One contradiction after the other: 1, 2 or 3 decides, 4 types another mark, the arrows walk. Without this script every
// card is a form.

import { toast } from "../lib/toast.js";

const section = document.getElementById("checks");

function start() {
  const cards = [...section.querySelectorAll("[data-check]")];
  const spoken = document.getElementById("check-spoken");
  let current = 0;

  const isOpen = (card) => !card.classList.contains("is-done");
  const left = () => cards.filter(isOpen).length;

  function show(index, { focus = true } = {}) {
    current = Math.max(0, Math.min(cards.length - 1, index));
    for (const card of cards) card.classList.toggle("is-current", card === cards[current]);
    if (!focus) return;
    cards[current].focus({ preventScroll: true });
    cards[current].scrollIntoView({ block: "start" });
  }

  function speak() {
    section.querySelector("[data-left]").textContent = left();
    const name = cards[current].querySelector("h3").textContent;
    spoken.textContent = left()
      ? spoken.dataset.words.replace("{name}", name).replace("{left}", left())
      : spoken.dataset.none;
  }

  // The next one still open after this, else the first that is; else the neighbour.
  function goOn() {
    const after = cards.findIndex((card, index) => index > current && isOpen(card));
    const first = cards.findIndex(isOpen);
    show(after >= 0 ? after : first >= 0 ? first : current);
    speak();
  }

  function typeAnother(card) {
    card.querySelector(".check-other").open = true;
    card.querySelector(".check-other select").focus();
  }

  async function decide(card, form, button) {
    if (card.dataset.sending) return;
    card.dataset.sending = "yes";
    const body = new FormData(form);
    if (button.name) body.set(button.name, button.value);
    try {
      const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
      const answer = await response.json();
      if (!response.ok || !answer.ok) {
        toast(answer.problems?.map((problem) => problem.text).join(" ") || answer.text, "bad");
        // Somebody else was faster: the page as it is now tells what she decided. What was typed is not thrown away.
        if (response.status === 409 && button.name) setTimeout(() => location.reload(), 2500);
        return;
      }
      const done = card.querySelector("[data-done]");
      done.querySelector("span").textContent = answer.text;
      done.hidden = false;
      card.classList.add("is-done");
      goOn();
    } catch {
      // No line: the form goes the plain way, and the browser tells what is wrong.
      if (button.name) form.requestSubmit(button);
      else form.submit();
    } finally {
      delete card.dataset.sending;
    }
  }

  for (const [index, card] of cards.entries()) {
    const form = card.querySelector("form");
    const other = card.querySelector(".check-other form");
    const next = card.querySelector("[data-next]");
    next.hidden = cards.length < 2;
    next.addEventListener("click", () => show(index + 1 < cards.length ? index + 1 : 0));
    card.addEventListener("focusin", () => show(index, { focus: false }));
    card.querySelector("[data-key-cap]").hidden = false;
    other.addEventListener("submit", (event) => {
      event.preventDefault();
      decide(card, other, event.submitter);
    });
    card.addEventListener("click", (event) => {
      const button = event.target.closest("button[name=witness]");
      if (!button) return;
      event.preventDefault();
      decide(card, form, button);
    });
  }

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest("input, textarea, select, dialog[open]")) return;
    if (event.key === "ArrowRight") show(current + 1);
    else if (event.key === "ArrowLeft") show(current - 1);
    else if (["1", "2", "3"].includes(event.key) && isOpen(cards[current]))
      cards[current].querySelector(`[data-key="${event.key}"]`)?.click();
    else if (event.key === "4" && isOpen(cards[current])) typeAnother(cards[current]);
    else return;
    event.preventDefault();
  });

  document.getElementById("check-keys").removeAttribute("data-waits");
  show(0, { focus: false });
}

if (section) start();
