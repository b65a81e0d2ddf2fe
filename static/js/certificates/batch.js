// A batch's certificates: choosing several, and how far a run is while it is worked off.
import { chooseSeveral } from "../lib/choose.js";

const EVERY = 1000;
const EVERY_WHILE_WAITING = 4000;

/** Fills the bar until the run is over, then shows the page as it is by then. A run that waits has no bar; once it has
 * begun, the page is shown anew. A lost line only means asking again. */
async function follow(card) {
  const bar = card.querySelector("progress");
  const number = card.querySelector("[data-done]");
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, bar ? EVERY : EVERY_WHILE_WAITING));
    const told = await fetch(card.dataset.progress, { headers: { Accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json() : null))
      .catch(() => null);
    if (!told || (told.waits && !bar)) continue;
    if (!bar) {
      location.assign(location.pathname);
      return;
    }
    bar.value = told.done;
    number.textContent = told.done;
    if (told.over) {
      location.assign(location.pathname);
      return;
    }
  }
}

chooseSeveral();
const card = document.querySelector("[data-progress]");
if (card) follow(card);
