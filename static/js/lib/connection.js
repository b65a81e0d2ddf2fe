// The banner that says whether the line holds; its sentences stand in the page.

let timer = 0;

/** Shows "offline", "reconnecting", "incomplete", "unsent", "back" (leaves by itself) or, with null, nothing. */
export function showConnection(state) {
  const banner = document.getElementById("connection");
  if (!banner) return;
  clearTimeout(timer);
  for (const line of banner.querySelectorAll("[data-state]")) line.hidden = line.dataset.state !== state;
  banner.classList.toggle("tone-good", state === "back");
  banner.classList.toggle("tone-warn", state !== "back");
  const use = banner.querySelector("use");
  const sprite = use.getAttribute("href").split("#")[0];
  use.setAttribute("href", `${sprite}#${state === "back" ? "wifi" : "wifi-off"}`);
  banner.hidden = !state;
  if (state === "back") timer = setTimeout(() => showConnection(null), 4000);
}
