/* The built-in practice room: a small call between devices, with the same events as a real meeting (index.js).
 *
 * Its markup is templates/sessions/_practice_room.html; this file only fills and switches it.
 * It enters by itself once mounted unless config.autoEnter is false. With config.line (call_line.js) up to six people
 * see and hear each other; whoever finds no place, or has no line, is in the room all the same.
 */

import { openCall } from "./call.js";
import { openDevices } from "./devices.js";
import { listeners } from "./listeners.js";
import { openTiles } from "./tiles.js";

const DEVICES = ["audio", "camera", "screen"];

function conferenceId() {
  // crypto.randomUUID is missing on a plain http address, where the practice room must work too.
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return `practice-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

export async function openMeeting(container, config, given) {
  const on = listeners(given);
  const room = document.getElementById("practice-room").content.cloneNode(true).firstElementChild;
  const part = (name) => room.querySelector(`[data-part="${name}"]`);
  let inside = null; // our id, while we are in the room
  let disposed = false;
  let hands = [];
  const devices = openDevices((what) => {
    call?.renew(what);
    draw();
  });
  const tiles = openTiles(part("others"), part("other"), () => (part("hear").hidden = false));
  const call = config.line && window.RTCPeerConnection ? openCall(config.line, devices, tiles, sayCall) : null;
  const isMine = (person) => person === config.person;
  const isUp = () => hands.some(({ id }) => isMine(id));

  function choose(words, code) {
    room.querySelectorAll(`[data-${words}]`).forEach((line) => {
      line.hidden = line.dataset[words] !== code;
    });
  }
  const say = (code) => choose("say", code);

  function sayCall(code) {
    choose("call", code);
    part("again").hidden = !["call_full", "call_failed"].includes(code);
    part("screen-on").disabled = code !== null;
  }

  function draw() {
    const used = document.activeElement;
    room.dataset.state = inside === null ? "outside" : "inside";
    part("enter").hidden = inside !== null;
    part("leave").hidden = inside === null;
    for (const what of DEVICES) {
      const isOn = Boolean(devices.track(what));
      const offered = inside !== null && (what === "camera" || call !== null);
      part(`${what}-on`).hidden = !offered || isOn;
      part(`${what}-off`).hidden = !isOn;
    }
    const camera = devices.track("camera");
    part("preview").hidden = !camera;
    part("blank").hidden = Boolean(camera);
    show(camera);
    part("choice").hidden = inside === null || !call || !DEVICES.some(devices.track);
    // Whoever works by keyboard goes on where they were, not at the top of the page.
    if (!used?.hidden || !room.contains(used)) return;
    const partner = used.dataset.part?.replace(/-(on|off)$/, (_, is) => (is === "on" ? "-off" : "-on"));
    const next = partner !== used.dataset.part && part(partner);
    (next && !next.hidden ? next : room.querySelector("button:not([hidden])"))?.focus();
  }

  function show(track) {
    const preview = part("preview");
    if (preview.srcObject?.getTracks()[0] === track) return;
    preview.srcObject = track && new MediaStream([track]);
    preview.muted = true;
    // Interrupted by being switched off at once: then there is nothing to play.
    if (track) preview.play().catch(() => {});
  }

  async function turnOn(what) {
    say(null);
    try {
      await devices.turnOn(what);
      if (call && devices.track(what)) fillChoice();
    } catch (error) {
      say(error.code ?? "camera_failed");
    }
  }

  function turnOff(what) {
    say(null);
    devices.turnOff(what);
  }

  async function fillChoice() {
    const found = await devices.list();
    for (const [what, list] of Object.entries(found)) {
      const select = part(`${what}-choice`);
      const chosen = select.value;
      const options = list.map(({ id, label }) => new Option(label, id));
      select.replaceChildren(...options);
      const current = devices.track(what)?.getSettings?.().deviceId ?? chosen;
      if (list.some(({ id }) => id === current)) select.value = current;
      select.closest("label").hidden = list.length < 2;
    }
  }

  function enter() {
    if (inside !== null || disposed) return;
    inside = conferenceId();
    draw();
    on.joined({ id: inside, breakout: false });
    call?.enter();
  }

  async function leave() {
    if (inside === null) return;
    inside = null;
    // Nobody calls on somebody who has gone.
    if (isUp()) config.line.hand(false).catch(() => {});
    call?.leave();
    devices.closeAll();
    choose("call", null);
    part("again").hidden = true;
    on.left({ by: "frame" });
  }

  function fillPeople(people) {
    part("people").replaceChildren(
      ...people.map((person) => {
        const line = part("person").content.cloneNode(true).firstElementChild;
        line.querySelector('[data-part="name"]').textContent = person.name;
        line.querySelector('[data-part="me"]').hidden = !person.me;
        return line;
      }),
    );
    part("nobody").hidden = people.some((person) => !person.me);
    on.participants(people.length);
  }

  // A page put aside whole (persisted) comes back with everybody where they were.
  const pageGone = (event) => event.persisted || leave();

  part("own-name").textContent = config.displayName;
  part("enter").addEventListener("click", enter);
  part("leave").addEventListener("click", leave);
  for (const what of DEVICES) {
    part(`${what}-on`).addEventListener("click", () => turnOn(what));
    part(`${what}-off`).addEventListener("click", () => turnOff(what));
  }
  for (const what of ["audio", "camera"]) {
    const select = part(`${what}-choice`);
    select.addEventListener("change", () => devices.choose(what, select.value).catch((error) => say(error.code)));
  }
  part("again").addEventListener("click", () => call?.enter());
  part("hear").addEventListener("click", () => {
    part("hear").hidden = true;
    tiles.playAll();
  });
  window.addEventListener("pagehide", pageGone);
  draw();
  container.append(room);
  const stopListening = config.people?.(fillPeople);
  const stopWatching = config.line?.watchRoom({
    hands(list) {
      hands = list;
      on.hands(list.map((hand) => ({ ...hand, mine: isMine(hand.id) })));
    },
    mute({ by, person }) {
      if (isMine(person) || !devices.track("audio")) return;
      turnOff("audio");
      on.muted({ by });
    },
    end() {
      if (inside === null) return;
      leave();
      on.failed("jitsi_ended");
    },
  });
  for (const what of ["audio", "camera"]) {
    if (config.chosen?.[what]) devices.choose(what, config.chosen[what].id);
  }

  async function dispose() {
    if (disposed) return;
    disposed = true;
    await leave();
    call?.close();
    stopListening?.();
    stopWatching?.();
    window.removeEventListener("pagehide", pageGone);
    room.remove();
  }

  on.ready();
  if (config.autoEnter ?? true) enter();
  const can = config.line
    ? {
        raiseHand: () => config.line.hand(!isUp()),
        lowerHand: (id) => config.line.hand(false, id),
        muteAll: () => config.line.muteAll(),
        endForAll: () => config.line.endAll(),
        pictures(level) {
          tiles.pictures(level);
          call?.pictures(level);
        },
      }
    : {};
  can.pictures?.(config.pictures ?? "all");
  return { leave, dispose, can };
}
