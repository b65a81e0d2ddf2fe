// Short messages in the corner; the words come from the page or the server, never from here.

const ICONS = { info: "info-circle", good: "check-circle", warn: "exclamation-triangle", bad: "exclamation-circle" };
const STAYS = 6000;

/** Shows a message; tone info, good, warn or bad. Bad ones stay until closed. Returns its element. */
export function toast(text, tone = "info") {
  const place = document.getElementById("toasts");
  const template = document.getElementById("toast-template");
  const element = template.content.firstElementChild.cloneNode(true);
  const use = element.querySelector("use");
  use.setAttribute("href", `${use.getAttribute("href").split("#")[0]}#${ICONS[tone]}`);
  element.classList.add(`tone-${tone}`);
  element.querySelector(".notice-body").textContent = text;
  place.append(element);
  if (tone !== "bad") leaveAfter(element, STAYS);
  return element;
}

function leaveAfter(element, wait) {
  let timer = setTimeout(() => element.remove(), wait);
  // Whoever still reads keeps it.
  element.addEventListener("pointerenter", () => clearTimeout(timer));
  element.addEventListener("pointerleave", () => {
    timer = setTimeout(() => element.remove(), wait);
  });
}

/** Lets notices and toasts be closed by their button. */
export function dismissNotices() {
  for (const button of document.querySelectorAll("[data-dismiss]")) button.hidden = false;
  document.addEventListener("click", (event) => {
    event.target.closest?.("[data-dismiss]")?.closest(".notice")?.remove();
  });
}
