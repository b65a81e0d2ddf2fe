// Beside the video: what the meeting says goes on, what whoever leads it can do, and how much picture this device wants.

import { toast } from "../lib/toast.js";
import { recall, remember } from "./device/memory.js";

// The frame tells our role right after we came in; so long it may take.
const ROLE_WITHIN = 8000;
// A line that was thin in the test is still thin for so long.
const TEST_HOLDS = 12 * 3600 * 1000;
// Losses that close together make a weak line.
const LOSSES = 2;
const LOSSES_WITHIN = 5 * 60_000;

const stage = document.getElementById("stage");
const leading = document.getElementById("leading");
const ending = document.getElementById("end-all");
const part = (name, place = stage) => place.querySelector(`[data-part="${name}"]`);

let can = {};
let moderates = null;
let waitingForRole = 0;
let lost = [];
let suggested = false;

export const pictures = () => recall("pictures") ?? "all";

function fill(list, template, items, draw) {
  list.replaceChildren(
    ...items.map((item) => {
      const line = template.content.cloneNode(true).firstElementChild;
      draw(line, item);
      return line;
    }),
  );
}

function showHands(hands) {
  const isUp = hands.some(({ mine }) => mine);
  const button = part("hand");
  button.setAttribute("aria-pressed", String(isUp));
  for (const words of button.querySelectorAll("[data-when]")) words.hidden = (words.dataset.when === "up") !== isUp;
  part("hands-block").hidden = !hands.length;
  fill(part("hands"), part("hand-template"), hands, (line, hand) => {
    part("name", line).textContent = hand.name;
    part("mine", line).hidden = !hand.mine;
    const lower = part("lower", line);
    if (!lower) return;
    lower.hidden = !can.lowerHand || hand.mine;
    lower.addEventListener("click", () => can.lowerHand(hand.id));
  });
}

function showKnocking(people) {
  if (!leading) return;
  part("lobby", leading).hidden = !people.length;
  fill(part("knocking", leading), part("knock-template", leading), people, (line, person) => {
    part("name", line).textContent = person.name || part("knocking", leading).dataset.nameless;
    part("admit", line).addEventListener("click", () => can.admit(person.id, true));
    part("refuse", line).addEventListener("click", () => can.admit(person.id, false));
  });
}

function showModerating(is) {
  moderates = is;
  clearTimeout(waitingForRole);
  if (leading) part("powerless", leading).hidden = is;
}

function suggest() {
  if (suggested || pictures() === "none" || !can.pictures) return;
  suggested = true;
  part("suggestion").hidden = false;
}

/** One sign that the line gave way; two within five minutes make a weak line. */
export function noteLoss() {
  const now = performance.now();
  lost = [...lost.filter((at) => now - at < LOSSES_WITHIN), now];
  if (lost.length >= LOSSES) suggest();
}

function choose(level) {
  remember("pictures", level);
  can.pictures?.(level);
  part("suggestion").hidden = true;
  for (const input of stage.querySelectorAll('input[name="pictures"]')) input.checked = input.value === level;
}

/** What the page listens for in the meeting, beside coming and going. */
export const heard = {
  hands: showHands,
  knocking: showKnocking,
  moderating: showModerating,
  trouble: noteLoss,
  recording: ({ on }) => (part("recording").hidden = !on),
  muted({ by }) {
    const line = part("muted");
    const words = line.querySelector("span");
    words.dataset.words ??= words.textContent;
    words.textContent = words.dataset.words.replace("{who}", by);
    line.hidden = false;
    setTimeout(() => (line.hidden = true), 20_000);
  },
  breakouts(rooms) {
    part("breakouts-block").hidden = !rooms.length && part("in-breakout").hidden;
    fill(part("breakouts"), part("breakout-template"), rooms, (line, room) => {
      part("name", line).textContent = room.name;
      part("people", line).textContent = room.people;
    });
  },
};

/** The person is in the meeting now; `what` is what its carrier can do. */
export function entered({ breakout } = {}) {
  stage.hidden = false;
  part("in-breakout").hidden = !breakout;
  if (breakout) part("breakouts-block").hidden = false;
  if (!leading) return;
  leading.hidden = false;
  clearTimeout(waitingForRole);
  if (can.admit && moderates === null) waitingForRole = setTimeout(() => showModerating(false), ROLE_WITHIN);
}

export function left() {
  clearTimeout(waitingForRole);
  moderates = null;
  stage.hidden = true;
  if (leading) leading.hidden = true;
}

/** Takes what this meeting can do; what it cannot is not offered. */
export function use(abilities) {
  can = abilities;
  part("hand-block").hidden = !can.raiseHand;
  part("pictures").hidden = !can.pictures;
  if (leading) {
    part("mute", leading).hidden = !can.muteAll;
    part("end", leading).hidden = !can.endForAll;
  }
  const line = recall("line");
  if (line && line.code !== "ok" && Date.now() - line.at < TEST_HOLDS && pictures() === "all") suggest();
  if (["slow-2g", "2g", "3g"].includes(navigator.connection?.effectiveType) || navigator.connection?.saveData) suggest();
}

async function endForAll(form) {
  ending.close();
  if (form) {
    // First the session, so that nobody is put out of a meeting whose time still counts.
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
    }).then((response) => response.json());
    toast(answer.text, answer.ok ? "good" : "bad");
    if (!answer.ok) return;
    document.getElementById("ending")?.remove();
    for (const place of document.querySelectorAll("[data-session-times]")) place.textContent = answer.times;
  }
  await can.endForAll();
}

if (stage) {
  choose(pictures());
  part("hand").addEventListener("click", () => can.raiseHand?.());
  part("pictures").addEventListener("change", (event) => choose(event.target.value));
  part("spare").addEventListener("click", () => choose("none"));
  part("keep").addEventListener("click", () => (part("suggestion").hidden = true));
}
if (leading) {
  part("mute", leading).addEventListener("click", () => can.muteAll());
  part("end-meeting", ending).addEventListener("click", () => endForAll(null));
  ending.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    endForAll(event.target).catch(() => event.target.submit());
  });
}
