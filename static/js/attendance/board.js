// The register's lines on the page: fills their cells, moves them between groups, and draws no more of them than are
// looked at. Who stands where is known of everybody, drawn or not, so that counts are always right.

import { clockIn } from "../lib/clock.js";
import { drawBar } from "./bars.js";

// Of a group that has more, the next lines are fetched when so few are left, up to so many; and let go beyond so many.
const FEW = 60;
const ENOUGH = 100;
const MANY = 160;

export class Board {
  /** `fetchRows(ids)` gives the drawn lines of these people; `stale()` is called when only the server can go on. */
  constructor(root, { fetchRows, stale }) {
    this.root = root;
    this.fetchRows = fetchRows;
    this.stale = stale;
    this.zero = Date.parse(root.dataset.starts);
    this.length = (Date.parse(root.dataset.ends) - this.zero) / 1000;
    this.serverAhead = 0;
    this.lines = new Map();
    const { people, groups, opened, tested, others } = JSON.parse(root.querySelector("#index").textContent);
    this.order = new Map(people.map((person, place) => [person, place]));
    this.people = people;
    this.where = new Map(people.map((person, place) => [person, groups[place]]));
    this.opened = new Set(opened);
    this.tested = new Set(tested);
    this.others = new Set(others);
    this.rows = new Map([...root.querySelectorAll("tr[data-person]")].map((row) => [Number(row.dataset.person), row]));
    this.bodies = new Map([...root.querySelectorAll("[data-group-body]")].map((body) => [body.dataset.groupBody, body]));
    this.fetching = false;
  }

  /** Takes lines as the server has them now. */
  take({ lines, at }) {
    this.serverAhead = Date.parse(at) - Date.now();
    for (const line of lines) {
      if (this.others.has(line.person)) continue;
      // Somebody who came onto the register since the page was drawn: only the server knows her place.
      if (!this.where.has(line.person)) return this.stale();
      this.put({ ...line, at: Date.parse(at) });
    }
    this.count();
    this.refill();
  }

  put(line) {
    this.lines.set(line.person, line);
    this.where.set(line.person, line.group);
    if (line.opened) this.opened.add(line.person);
    if (line.has_tested) this.tested.add(line.person);
    const row = this.rows.get(line.person);
    if (row) this.fill(row, line);
  }

  fill(row, line) {
    const { now, zone, zoneName } = this.root.dataset;
    row.dataset.version = line.version;
    row.toggleAttribute("data-seen", line.seen);
    const heard = line.last_heard ? `${clockIn(line.last_heard, zone)} ${zoneName}` : "–";
    write(cell(row, "heard"), line.group === "present" ? now : heard);
    cell(row, "away").hidden = line.group === "present";
    this.fillTime(row, line);
    if (row.dataset.group !== line.group) {
      row.dataset.group = line.group;
      cell(row, "state").querySelector(".tag").replaceWith(copyOf(`#group-${line.group}`));
      this.place(row, line.person);
      row.classList.remove("is-changed");
      // Restarts the highlight for a line that changes again while it still glows.
      void row.offsetWidth;
      row.classList.add("is-changed");
    }
    this.fillFlags(cell(row, "state"), line);
  }

  fillFlags(place, line) {
    for (const { dataset } of document.querySelectorAll("template[data-flag]")) {
      const { flag } = dataset;
      // Of what the message does not speak of, the line says what it was drawn with.
      if (!(flag in line)) continue;
      const wanted = line[flag] && (flag !== "opened" || line.group === "missing");
      const has = place.querySelector(`[data-flag="${flag}"]`);
      if (wanted && !has) place.append(copyOf(`template[data-flag="${flag}"]`));
      else if (!wanted) has?.remove();
    }
  }

  /** Minutes and bar run on by themselves while somebody is in the room. */
  fillTime(row, line) {
    const passed = Math.min((Date.now() + this.serverAhead - this.zero) / 1000, this.length);
    const since = Math.max(0, (line.at - this.zero) / 1000);
    const running = line.group === "present" ? Math.max(0, passed - since) : 0;
    cell(row, "minutes").textContent = Math.floor((line.seconds + running) / 60);
    drawBar(row.querySelector("svg.timeline-figure"), line.spans, this.length, line.group === "present" ? passed : null);
  }

  tick() {
    for (const [person, line] of this.lines) {
      const row = this.rows.get(person);
      if (row && line.group === "present") this.fillTime(row, line);
    }
  }

  /** Puts a row where its name belongs in its group; a group that is not shown lets it go. */
  place(row, person) {
    const body = this.bodies.get(row.dataset.group);
    const held = row.contains(document.activeElement) ? document.activeElement : null;
    if (!body) return held ? undefined : this.drop(row, person);
    const rank = this.order.get(person);
    const next = rowsOf(body).find((other) => other !== row && this.order.get(Number(other.dataset.person)) > rank);
    body.insertBefore(row, next ?? body.querySelector(".lines-more"));
    held?.focus({ preventScroll: true });
    const drawn = rowsOf(body);
    if ("whole" in body.dataset || drawn.length <= MANY) return;
    for (const last of drawn.slice(ENOUGH)) {
      if (!last.contains(document.activeElement)) this.drop(last, Number(last.dataset.person));
    }
  }

  drop(row, person) {
    row.remove();
    this.rows.delete(person);
  }

  count() {
    const found = { expected: this.where.size, opened: this.opened.size, tested: this.tested.size };
    for (const name of ["present", "elsewhere", "connected", "missing"]) found[name] = 0;
    for (const group of this.where.values()) found[group] += 1;
    for (const [name, value] of Object.entries(found)) {
      write(document.querySelector(`[data-tile="${name}"] .tile-value`), value);
      write(this.root.querySelector(`[data-count="${name}"]`), value);
    }
    for (const [name, body] of this.bodies) {
      body.dataset.total = found[name];
      body.hidden = !found[name];
      this.showRest(body);
    }
    this.found = found;
  }

  showRest(body) {
    const rest = Number(body.dataset.total) - rowsOf(body).length;
    body.querySelector(".lines-more").hidden = rest <= 0;
    write(body.querySelector("[data-more]"), rest);
  }

  /** Draws the next lines of groups that have more than are drawn and few left. */
  async refill() {
    if (this.fetching) return;
    const wanted = [];
    for (const [name, body] of this.bodies) {
      const drawn = rowsOf(body).length;
      const total = Number(body.dataset.total);
      const least = "whole" in body.dataset ? total : Math.min(total, FEW);
      if (drawn >= least) continue;
      const most = "whole" in body.dataset ? total : Math.min(total, ENOUGH);
      const missing = this.people.filter((person) => this.where.get(person) === name && !this.rows.has(person));
      wanted.push(...missing.slice(0, most - drawn));
    }
    if (!wanted.length) return;
    this.fetching = true;
    try {
      for (const row of await this.fetchRows(wanted.slice(0, ENOUGH))) this.adopt(row);
      for (const body of this.bodies.values()) this.showRest(body);
    } finally {
      this.fetching = false;
    }
    if (wanted.length > ENOUGH) await this.refill();
  }

  adopt(row) {
    const person = Number(row.dataset.person);
    if (this.rows.has(person) || !this.where.has(person)) return;
    this.rows.set(person, row);
    const line = this.lines.get(person);
    if (line && row.dataset.group !== line.group) this.fill(row, line);
    else this.place(row, person);
  }
}

const copyOf = (template) => document.querySelector(template).content.cloneNode(true);
const cell = (row, name) => row.querySelector(`[data-cell="${name}"]`);
const rowsOf = (body) => [...body.querySelectorAll(":scope > tr[data-person]")];

function write(node, value) {
  // A node that is written to is told to listeners and laid out, changed or not.
  if (node && node.textContent !== String(value)) node.textContent = value;
}
