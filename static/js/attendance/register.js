// The live register: fills cells of the lines the page was drawn with, and moves lines between their groups.
//
// A snapshot with a version on every (re)connect, changes as they come, and a look at the version every ten
// seconds, since a message lost in the broker is not a reconnect.

import { clockIn } from "../lib/clock.js";
import { ask, openSocket } from "../lib/socket.js";

const VERSION_EVERY = 10_000;
const TICK_EVERY = 15_000;
const SVG = "http://www.w3.org/2000/svg";

const register = document.getElementById("register");

function start() {
  const { session, zone, zoneName, starts, ends } = register.dataset;
  const axis = { start: Date.parse(starts), end: Date.parse(ends) };
  const isLive = register.dataset.live === "1";
  const spoken = document.getElementById("spoken");
  const lines = new Map();
  let version = register.dataset.version;
  let serverAhead = 0;

  const rowOf = (person) => register.querySelector(`tr[data-person="${person}"]`);
  const cell = (row, name) => row.querySelector(`[data-cell="${name}"]`);

  function drawSpans(row, line, until) {
    const svg = row.querySelector("svg.timeline-figure");
    if (!svg) return;
    for (const old of svg.querySelectorAll("rect:not(.timeline-track)")) old.remove();
    const whole = axis.end - axis.start;
    for (const [from, to] of line.intervals) {
      const x = Math.max(0, (Date.parse(from) - axis.start) / whole) * 100;
      const end = line.group === "present" && to === line.intervals.at(-1)[1] ? until : Date.parse(to);
      const width = Math.max(0.25, Math.min(100, ((end - axis.start) / whole) * 100) - x);
      const rect = document.createElementNS(SVG, "rect");
      for (const [name, value] of Object.entries({ class: "span--present", x: `${x}%`, y: 1, width: `${width}%`, height: 12, rx: 2 }))
        rect.setAttribute(name, value);
      svg.append(rect);
    }
  }

  function fillTimes(row, line) {
    const now = Date.now() + serverAhead;
    const running = line.group === "present" && now > axis.start ? Math.max(0, (Math.min(now, axis.end) - line.at) / 1000) : 0;
    cell(row, "minutes").textContent = Math.floor((line.seconds + running) / 60);
    drawSpans(row, line, Math.min(now, axis.end));
  }

  function fill(line, at) {
    const row = rowOf(line.person);
    // Somebody enrolled since the page was drawn: only the server draws lines.
    if (!row) return false;
    line.at = Date.parse(at);
    lines.set(line.person, line);
    row.dataset.version = line.version;
    for (const flag of row.querySelectorAll("[data-flag]")) flag.hidden = !line[flag.dataset.flag];
    if (isLive)
      cell(row, "heard").textContent =
      line.group === "present" ? register.dataset.now : line.last_heard ? `${clockIn(line.last_heard, zone)} ${zoneName}` : "–";
    for (const part of row.querySelectorAll('[data-cell="contact"], [data-cell="seeable"]'))
      part.hidden = line.group === "present";
    if (cell(row, "unseen")) cell(row, "unseen").hidden = !line.seen;
    fillTimes(row, line);
    if (isLive && row.dataset.group !== line.group) {
      row.dataset.group = line.group;
      const tag = document.getElementById(`group-${line.group}`).content.cloneNode(true);
      cell(row, "state").querySelector(".tag").replaceWith(tag);
      place(row, line.group);
      row.classList.remove("is-changed");
      // Restarts the highlight for a line that changes again while it still glows.
      void row.offsetWidth;
      row.classList.add("is-changed");
    }
    return true;
  }

  function place(row, group) {
    const body = register.querySelector(`[data-group-body="${group}"]`);
    const name = row.querySelector(".person-name").textContent;
    const next = [...body.querySelectorAll("tr[data-person]")].find(
      (other) => other !== row && other.querySelector(".person-name").textContent.localeCompare(name) > 0,
    );
    const held = row.contains(document.activeElement) ? document.activeElement : null;
    body.insertBefore(row, next ?? null);
    held?.focus({ preventScroll: true });
  }

  function count() {
    if (!isLive) return;
    const found = { expected: 0, present: 0, elsewhere: 0, connected: 0, missing: 0 };
    for (const row of register.querySelectorAll("tr[data-person]")) {
      found.expected += 1;
      found[row.dataset.group] += 1;
    }
    for (const [name, value] of Object.entries(found)) {
      const tile = document.querySelector(`[data-tile="${name}"] .tile-value`);
      if (tile) tile.textContent = value;
      const heading = register.querySelector(`[data-count="${name}"]`);
      if (heading) heading.textContent = value;
    }
    speak(found);
  }

  let speaking = 0;
  function speak(found) {
    // Heard once things are quiet, not at every arrival.
    clearTimeout(speaking);
    speaking = setTimeout(() => {
      spoken.textContent = spoken.dataset.words.replace(/\{(\w+)\}/g, (_, name) => found[name]);
    }, 3000);
  }

  function take(message) {
    serverAhead = Date.parse(message.at) - Date.now();
    const known = message.lines.map((line) => fill(line, message.at)).every(Boolean);
    version = message.version;
    count();
    if (!known) location.reload();
  }

  const socket = openSocket({ signIn: register.dataset.signIn });

  async function fetchAll() {
    const answer = await ask(socket, "register:watch", { session: Number(session) });
    if (answer.ok) take(answer);
  }

  socket.on("connect", () => fetchAll().catch(() => {}));
  socket.on("register:lines", (message) => message.session === Number(session) && take(message));

  setInterval(async () => {
    if (!socket.connected || document.hidden) return;
    try {
      const answer = await ask(socket, "register:version", { session: Number(session) });
      if (answer.ok && answer.version !== version) await fetchAll();
    } catch {
      // No answer in time: the socket's own ping decides whether the line is dead.
    }
  }, VERSION_EVERY);

  setInterval(() => {
    for (const [person, line] of lines) if (line.group === "present") fillTimes(rowOf(person), line);
  }, TICK_EVERY);
}

if (register && register.dataset.state !== "signed") start();
