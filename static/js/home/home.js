// The way in appears when the doors open and goes when they close. The countdown only says when to ask: whether
// the doors are open is the server's word, so a session moved meanwhile or a sleeping laptop shows nothing wrong.

import { whenOver } from "../lib/time.js";

const wayIn = document.getElementById("way-in");
const AGAIN = 3000;
const FAR_TOO_LATE = 20;

async function ask() {
  const answer = await fetch(wayIn.dataset.ask, { headers: { Accept: "application/json" }, cache: "no-store" });
  if (answer.status === 401) location.reload();
  return answer.ok ? answer.json() : null;
}

function show(state) {
  const parts = [...wayIn.querySelectorAll("[data-when]")];
  const isNew = parts.some((part) => part.dataset.when === state && part.hidden);
  for (const part of parts) part.hidden = part.dataset.when !== state;
  const said = wayIn.querySelector("[data-words]");
  if (isNew && state === "open") said.textContent = said.dataset.words;
}

function isSame(next) {
  return String(next.session) === wayIn.dataset.session && String(next.sequence) === wayIn.dataset.sequence;
}

let closing;

// Tells whether the page is now what the server says; otherwise it loads itself anew.
async function follow() {
  let next = null;
  try {
    next = await ask();
  } catch {
    return false;
  }
  if (!next) return false;
  const wasOpen = !wayIn.querySelector('[data-when="open"]').hidden;
  if (!isSame(next) || (wasOpen && !next.open)) {
    location.reload();
    return true;
  }
  if (!next.open) return false;
  show("open");
  clearTimeout(closing);
  closing = setTimeout(follow, next.closes_in * 1000 + 500);
  return true;
}

// At zero the server's clock may still be a moment short, or the line be gone: ask again for a minute.
async function untilTrue(tries = 0) {
  if (!(await follow()) && tries < FAR_TOO_LATE) setTimeout(() => untilTrue(tries + 1), AGAIN);
}

if (wayIn) whenOver(wayIn, () => untilTrue());

let hiddenAt = 0;
document.addEventListener("visibilitychange", () => {
  if (document.hidden) hiddenAt = Date.now();
  else if (wayIn && Date.now() - hiddenAt > 60_000) follow();
});
