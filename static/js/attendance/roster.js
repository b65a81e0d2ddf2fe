// The roster: a tap or a key a person. Marks show at once, are stored one by one, and can be undone.

import { clockIn } from "../lib/clock.js";
import { ask, openSocket } from "../lib/socket.js";
import { toast } from "../lib/toast.js";
import { Taps } from "./taps.js";

const roster = document.getElementById("roster");
const list = document.getElementById("people");
const search = document.getElementById("search");
const saving = document.getElementById("saving");
const undoBar = document.getElementById("undo");
const { session, starts, zone } = roster.dataset;
const isLive = roster.dataset.live === "1";
const rows = [...list.querySelectorAll(".roster-line")];
const undone = [];
let serverAhead = 0;

const personOf = (row) => Number(row.dataset.person);
const rowOf = (person) => rows.find((row) => personOf(row) === person);
const buttonOf = (row) => row.querySelector(".roster-button");
const nameOf = (row) => row.querySelector(".roster-name").textContent;
const shown = () => rows.filter((row) => !row.hidden);
const say = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);

function draw(row) {
  const { state, since } = row.dataset;
  for (const part of row.querySelectorAll("[data-stands]")) part.hidden = part.dataset.stands !== state;
  buttonOf(row).setAttribute("aria-pressed", state !== "away");
  // Somebody here from the start needs no time beside the name.
  const isLater = since && Date.parse(since) > Date.parse(starts);
  row.querySelector("[data-part=since]").textContent = isLater ? clockIn(since, zone) : "";
  row.classList.toggle("is-waiting", taps.has(personOf(row)));
}

function set(row, state, since) {
  row.dataset.state = state;
  row.dataset.since = since ?? "";
}

function count() {
  document.getElementById("here-count").textContent = rows.filter((row) => row.dataset.state !== "away").length;
  const away = shown().filter((row) => row.dataset.state === "away").length;
  document.getElementById("away-count").textContent = away;
  document.getElementById("mark-all").disabled = !away || roster.dataset.locked === "1";
}

/** Shows lines as the server has them, except where a tap of ours is still on its way. */
function take(message) {
  serverAhead = Date.parse(message.at) - Date.now();
  for (const line of message.lines) {
    const row = rowOf(line.person);
    if (!row || taps.has(line.person)) continue;
    const isHere = isLive ? line.group === "present" : line.seconds > 0;
    set(row, line.seen ? "seen" : isHere ? "other" : "away", line.since);
    draw(row);
  }
  count();
}

const taps = new Taps({
  session,
  post: roster.dataset.post,
  token: document.querySelector('meta[name="csrf-token"]').content,
  on: {
    answer: take,
    refused(text, refused) {
      toast(text, "bad");
      if (refused.length) fetchAll().catch(() => {});
    },
    state(name, waiting) {
      saving.hidden = false;
      for (const line of saving.querySelectorAll("[data-state]")) line.hidden = line.dataset.state !== name;
      saving.querySelector("[data-part=waiting]").textContent = waiting;
      for (const row of rows) row.classList.toggle("is-waiting", taps?.has(personOf(row)) ?? false);
    },
  },
});

const now = () => new Date(Date.now() + serverAhead).toISOString();
const sinceOf = (act) => (act === "seen" || Date.parse(now()) < Date.parse(starts) ? starts : now());

/** Marks these people; `act` is seen, arrived or unseen. Remembers what stood before, so that one step takes it back. */
function mark(chosen, act, words) {
  if (roster.dataset.locked === "1" || !chosen.length) return;
  undone.push(chosen.map((row) => ({ row, state: row.dataset.state, since: row.dataset.since })));
  for (const row of chosen) {
    set(row, act === "unseen" ? "away" : "seen", act === "unseen" ? "" : sinceOf(act));
    draw(row);
  }
  taps.add(chosen.map((row) => ({ person: personOf(row), act })));
  count();
  undoBar.querySelector("p").textContent = words;
  undoBar.hidden = false;
}

function markOne(row, act) {
  const { state } = row.dataset;
  const name = nameOf(row);
  if (act === "unseen" && state === "other") toast(say(roster.dataset.saidOther, { name }), "info");
  else if (act === "unseen" && state === "seen") mark([row], act, say(roster.dataset.saidUnseen, { name }));
  else if (act !== "unseen" && state !== "seen") mark([row], act, say(roster.dataset.saidSeen, { name }));
}

function undo() {
  const step = undone.pop();
  if (!step) return;
  const back = [];
  for (const { row, state, since } of step) {
    const wasSeen = state === "seen";
    const isLater = wasSeen && Date.parse(since) > Date.parse(starts);
    if (row.dataset.state === "seen" && !wasSeen) back.push({ person: personOf(row), act: "unseen" });
    else if (row.dataset.state !== "seen" && wasSeen)
      back.push({ person: personOf(row), act: isLater ? "arrived" : "seen", ...(isLater && { at: Date.parse(since) - serverAhead }) });
    set(row, state, since);
    draw(row);
  }
  if (back.length) taps.add(back);
  count();
  undoBar.querySelector("p").textContent = roster.dataset.saidUndone;
  undoBar.hidden = !undone.length;
}

const chosenAct = () => document.querySelector("#since input:checked").value;

list.addEventListener("submit", (event) => {
  event.preventDefault();
  const row = event.target.closest(".roster-line");
  markOne(row, row.dataset.state === "away" ? chosenAct() : "unseen");
  focusOn(row);
});

// One stop of the Tab key for the whole list; arrows move within it.
function focusOn(row) {
  for (const other of rows) buttonOf(other).tabIndex = other === row ? 0 : -1;
  buttonOf(row).focus();
}

function step(row, by) {
  const visible = shown();
  const next = visible[visible.indexOf(row) + by];
  if (next) focusOn(next);
}

/** How many people stand side by side: then arrows up and down move by a line. */
function columns() {
  const visible = shown();
  const next = visible.findIndex((row) => row.offsetTop > visible[0].offsetTop);
  return next > 0 ? next : 1;
}

const KEYS = { h: "seen", t: "arrived", n: "arrived", a: "unseen" };

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input[type=search], textarea, select");
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !isTyping) {
    event.preventDefault();
    undo();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const row = event.target.closest?.(".roster-line");
  if (event.target === search && (event.key === "ArrowDown" || event.key === "Enter")) {
    event.preventDefault();
    if (shown().length) focusOn(shown()[0]);
  } else if (event.key === "/" && !isTyping) {
    event.preventDefault();
    search.focus();
    search.select();
  } else if (row) {
    const moves = { ArrowDown: columns(), ArrowUp: -columns(), ArrowRight: 1, ArrowLeft: -1 };
    const act = KEYS[event.key.toLowerCase()];
    if (event.key in moves) {
      event.preventDefault();
      step(row, moves[event.key]);
    } else if (act && !event.repeat) {
      event.preventDefault();
      markOne(row, act);
      step(row, 1);
    }
  }
});

search.addEventListener("input", () => {
  const wanted = search.value.trim().toLowerCase();
  const digits = wanted.replace(/\s/g, "");
  for (const row of rows) {
    const text = row.dataset.search;
    row.hidden = !(text.includes(wanted) || (/^\d+$/.test(digits) && text.includes(digits)));
  }
  document.getElementById("nobody-found").hidden = shown().length > 0;
  if (shown().length) for (const row of rows) buttonOf(row).tabIndex = row === shown()[0] ? 0 : -1;
  count();
});

document.getElementById("mark-all").addEventListener("click", () => {
  const away = shown().filter((row) => row.dataset.state === "away");
  mark(away, chosenAct(), say(roster.dataset.saidAll, { n: away.length }));
});
undoBar.querySelector("button").addEventListener("click", undo);

const socket = openSocket({ signIn: roster.dataset.signIn });

async function fetchAll() {
  const answer = await ask(socket, "register:watch", { session: Number(session) });
  if (answer.ok) take(answer);
}

socket.on("connect", () => {
  fetchAll().catch(() => {});
  taps.retry();
});
socket.on("register:lines", (message) => message.session === Number(session) && take(message));
addEventListener("beforeunload", (event) => {
  if (taps.waiting.length && taps.failures) event.preventDefault();
});

for (const row of rows) {
  draw(row);
  buttonOf(row).tabIndex = row === rows[0] ? 0 : -1;
  buttonOf(row).disabled = roster.dataset.locked === "1";
}
count();
for (const waiting of roster.querySelectorAll("[data-waits]")) waiting.removeAttribute("data-waits");
if (taps.waiting.length) taps.send();
