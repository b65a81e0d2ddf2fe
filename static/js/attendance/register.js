// The register's page: fills lines as they change, and draws itself anew where its face or its people change.
//
// A snapshot with a version on every (re)connect, changes as they come, and a look at the version every ten
// seconds, since a message lost in the broker is not a reconnect.

import { isFilledIn } from "../lib/forms.js";
import { ask, openSocket } from "../lib/socket.js";
import { pageAge } from "../lib/time.js";
import { toast } from "../lib/toast.js";
import { offerActs } from "./acts.js";
import { Board } from "./board.js";
import { walkLines } from "./keys.js";

const VERSION_EVERY = 10_000;
const TICK_EVERY = 15_000;
const QUIET_FOR = 3_000;
const SPOKEN_EVERY = 15_000;
const TYPING_FOR = 350;
// A page drawn so lately needs only what changed since; an older one, kept by the browser, needs everything.
const FRESH_FOR = 15_000;

const spoken = document.getElementById("spoken");
const look = document.getElementById("look");
let root = document.getElementById("register");
let board = newBoard();
let version = root.dataset.version;
let drawnAt = performance.now() - pageAge();
let turning = 0;

function newBoard() {
  return new Board(root, {
    stale: () => redraw(location.href),
    async fetchRows(ids) {
      const address = `${root.dataset.lines}?${ids.map((id) => `person=${id}`).join("&")}`;
      const page = await fetchPage(address);
      return page ? [...page.querySelectorAll("tr[data-person]")].map((row) => document.adoptNode(row)) : [];
    },
  });
}

async function fetchPage(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (answer.redirected && !answer.url.includes("/register")) location.assign(answer.url);
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  } catch {
    // Not connected: the banner says so, and the next snapshot brings what was missed.
    return null;
  }
}

let drawing = 0;
/** Puts the board as the server draws it in the place of this one; the line that had the focus keeps it. */
async function redraw(address) {
  const own = ++drawing;
  const page = await fetchPage(address);
  const fresh = page?.getElementById("register");
  // Of several at once the last one asked for counts.
  if (!fresh || own !== drawing) return false;
  if (fresh.dataset.face !== root.dataset.face) {
    location.reload();
    return true;
  }
  const focused = document.activeElement?.closest?.("tr[data-person]")?.dataset.person;
  root.replaceWith(document.adoptNode(fresh));
  root = fresh;
  version = root.dataset.version;
  drawnAt = performance.now();
  board = newBoard();
  if (focused) root.querySelector(`tr[data-person="${focused}"]`)?.focus({ preventScroll: true });
  waitForTurn();
  return true;
}

/** When the session starts, and when it can be judged, the page takes its next face. */
function waitForTurn() {
  clearTimeout(turning);
  const { turns, drawnAt: at } = root.dataset;
  if (!turns) return;
  const left = Date.parse(turns) - Date.parse(at) - (performance.now() - drawnAt) + 500 + Math.random() * 4_000;
  // Longer waits than timers can hold end at the next drawing.
  if (left < 86_400_000) turning = setTimeout(() => redraw(location.href), left);
}

/** Which times of the session a version is of: its third part. Its last tells whether the register is signed. */
const timesOf = (of) => of.split(".").at(2);

function take(message) {
  // The session was put off or ended: the axis of the bars and the page's next turn are others.
  if (timesOf(message.version) !== timesOf(version)) return redraw(location.href);
  if (root.dataset.face === "report") return refreshReport(message);
  version = message.version;
  board.take(message);
  speak();
}

let refreshing = 0;
function refreshReport(message) {
  const isSigned = (of) => of.split(".").at(-1);
  if (message.version === version || !message.lines.length) return;
  if (isSigned(message.version) !== isSigned(version)) return location.reload();
  clearTimeout(refreshing);
  refreshing = setTimeout(() => redraw(location.href), 800);
}

let speaking = 0;
let lastSpoken = 0;
/** Says the counts once things are quiet, and not over and over while a class arrives. */
function speak() {
  clearTimeout(speaking);
  const wait = Math.max(QUIET_FOR, lastSpoken + SPOKEN_EVERY - performance.now());
  speaking = setTimeout(() => {
    const words = spoken.dataset.words.replace(/\{(\w+)\}/g, (_, name) => board.found[name]);
    if (words === spoken.textContent) return;
    spoken.textContent = words;
    lastSpoken = performance.now();
  }, wait);
}

function watch() {
  const session = Number(root.dataset.session);
  const socket = openSocket({ signIn: root.dataset.signIn });
  let isFirst = true;

  async function fetchAll() {
    const since = isFirst && performance.now() - drawnAt < FRESH_FOR ? version : "";
    isFirst = false;
    const answer = await ask(socket, "register:watch", { session, since });
    if (answer.ok) take(answer);
  }

  socket.on("connect", () => fetchAll().catch(() => {}));
  socket.on("register:lines", (message) => message.session === session && take(message));
  setInterval(async () => {
    if (!socket.connected || document.hidden) return;
    try {
      const answer = await ask(socket, "register:version", { session });
      if (answer.ok && answer.version !== version) await fetchAll();
    } catch {
      // No answer in time: the socket's own ping decides whether the line is dead.
    }
  }, VERSION_EVERY);
  setInterval(() => document.hidden || board.tick(), TICK_EVERY);
}

/** Looks for what is typed as it is typed; the address follows, so that it can be sent to somebody. */
function lookAsTyped() {
  let typing = 0;
  const apply = async () => {
    const wanted = new URLSearchParams([...new FormData(look)].filter(([, value]) => value));
    const address = `${location.pathname}${wanted.size ? `?${wanted}` : ""}`;
    if (await redraw(address)) history.replaceState(null, "", address);
    else toast(look.dataset.failed, "bad");
  };
  look.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(apply, TYPING_FOR);
  });
  look.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(typing);
    apply();
  });
  if (isFilledIn(look)) apply();
}

watch();
lookAsTyped();
offerActs();
waitForTurn();
walkLines(() => root, document.getElementById("f-q"));
document.getElementById("keys").removeAttribute("data-waits");
