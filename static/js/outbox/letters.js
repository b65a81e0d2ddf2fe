// Follows letters on their way, until none is: the bar, the count, and each letter's state.
const progress = document.getElementById("progress");
const WAIT = 1500;
const LONGEST_WAIT = 30_000;

let wait = WAIT;

async function look() {
  try {
    const answer = await fetch(progress.dataset.ask, { headers: { Accept: "application/json" } });
    if (answer.ok) {
      show(await answer.json());
      wait = WAIT;
    }
  } catch {
    // The line is gone for a moment: the letters leave all the same.
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }
  if (Number(progress.dataset.open) > 0) setTimeout(look, wait);
}

function show(told) {
  progress.dataset.open = told.open;
  // Once a letter has left, the chance to take the posting back is over.
  if (told.sent > 0 || told.open === 0) document.getElementById("held")?.remove();
  const sent = progress.querySelector("[data-sent]");
  if (sent.textContent !== String(told.sent)) sent.textContent = told.sent;
  progress.querySelector("[data-failed]").hidden = told.failed === 0;
  progress.querySelector(".bar-fill").setAttribute("width", `${(told.sent / told.all) * 100}%`);
  for (const line of document.querySelectorAll("[data-letter]")) {
    const state = told.letters[line.dataset.letter];
    if (!state || state === line.dataset.state) continue;
    line.dataset.state = state;
    for (const word of line.querySelectorAll("[data-when]")) word.hidden = word.dataset.when !== state;
  }
}

setTimeout(look, WAIT);
