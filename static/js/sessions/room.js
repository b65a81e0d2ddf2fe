// The room: opens the meeting, tells the server what the meeting says, and shows what is being recorded.
//
// Only the meeting's own joined/left count. Each is told until acknowledged, under one key, so that a lost
// acknowledgement or a reconnect never doubles or loses it.

import { clockIn } from "../lib/clock.js";
import { deviceName, nonce } from "../lib/device.js";
import { openSocket, Telling } from "../lib/socket.js";
import { showPulses } from "../pulses/panel.js";
import { callLine } from "./call_line.js";
import { recall } from "./device/memory.js";
import { showElsewhere } from "./meeting/elsewhere.js";
import { openMeeting } from "./meeting/index.js";
import { chooseWay, forgetWay, hasApp } from "./meeting/ways.js";
import * as stage from "./stage.js";
import { showTimes } from "./times.js";

const room = document.getElementById("room");
const record = document.getElementById("record");
const container = document.getElementById("meeting");
const sessionId = Number(room.dataset.session);
const device = deviceName();
const socket = openSocket({ signIn: room.dataset.signIn });

// Between two tries to get the meeting's ticket: at first, and at most.
const FIRST_PAUSE = 2000;
const LONGEST_PAUSE = 15000;

let inside = false;
let sequence = 0;
let since = null;
let state = "waiting";

const part = (name) => record.querySelector(`[data-part="${name}"]`);

function show(next) {
  state = next;
  const shown = inside && !socket.connected ? "holding" : state;
  for (const line of record.querySelectorAll("[data-record]")) line.hidden = line.dataset.record !== shown;
  record.dataset.state = shown;
  record.className = `card room-record tone-${{ recording: "good", holding: "warn", refused: "bad", elsewhere: "warn", unreachable: "warn", unopened: "bad" }[shown] ?? "none"}`;
}

function whole(text) {
  const kept = document.createElement("span");
  kept.className = "nowrap";
  kept.textContent = text;
  return kept;
}

function showSince(instant) {
  since = instant ?? since;
  if (!since) return;
  const { ownZone, ownZoneName, otherZone, otherZoneName } = room.dataset;
  // A line may end between the two cities, never within one.
  part("since").replaceChildren(
    whole(`${clockIn(since, ownZone)} ${ownZoneName}`),
    " ",
    whole(`(= ${clockIn(since, otherZone)} ${otherZoneName})`),
  );
}

const telling = new Telling(socket, {
  onAnswer(event, answer) {
    if (answer.since) showSince(answer.since);
    showTimes(answer.times);
    if (event === "attendance:joined" || event === "attendance:resumed") show(inside ? "recording" : state);
    part("synced").hidden = telling.waiting.length > 0 || !inside;
  },
  onRefusal(event, answer) {
    part("refusal").textContent = answer.text;
    show("refused");
  },
  onWaiting(count) {
    part("synced").hidden = count > 0 || !inside;
  },
});

function tell(event) {
  const key = nonce();
  const happened = performance.now();
  const number = ++sequence;
  telling.tell(`attendance:${event}`, () => ({
    session: sessionId,
    device,
    key,
    sequence: number,
    ago_ms: Math.round(performance.now() - happened),
  }));
}

socket.on("connect", () => {
  // A new connection starts with nothing known: say where we are. What waited unacknowledged goes first.
  tell(inside ? "resumed" : "connected");
  if (inside) show("recording");
  watchPeople?.();
});
socket.on("session:times", (times) => times.session === sessionId && showTimes(times));
socket.on("disconnect", () => {
  part("synced").hidden = true;
  show(state);
  if (inside) stage.noteLoss();
});

let watchPeople = null;

/** For the practice room: who else is here, pushed by the server, asked for anew after each reconnect. */
function people(listen) {
  const mine = Number(room.dataset.person);
  const give = (list) => listen(list.map((person) => ({ ...person, me: person.id === mine })));
  const heard = (message) => message.session === sessionId && give(message.people);
  socket.on("room:people", heard);
  watchPeople = () => socket.emit("room:watch", { session: sessionId }, (answer) => answer?.ok && give(answer.people));
  if (socket.connected) watchPeople();
  return () => {
    socket.off("room:people", heard);
    watchPeople = null;
  };
}

async function ticket() {
  const answer = await fetch(room.dataset.ticket, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json",
      "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content,
    },
    body: "{}",
  });
  // An answer in no words of ours (a proxy's page while the server starts anew) is no answer.
  if (answer.status >= 500) throw new Error(`ticket: ${answer.status}`);
  const body = await answer.json();
  if (!body.ok) throw Object.assign(new Error(body.code), { text: body.text });
  const chosen = { audio: recall("audio"), camera: recall("camera") };
  return {
    ...body.config,
    renew: ticket,
    people,
    person: Number(room.dataset.person),
    line: callLine(socket, sessionId),
    pictures: stage.pictures(),
    chosen,
    // Jitsi knows devices by their names.
    devices: { audioInput: chosen.audio?.label, videoInput: chosen.camera?.label },
  };
}

// Before a frame is taken away, what was said last is given so long to reach the server.
const LAST_WORDS = 2000;

const on = {
  ...stage.heard,
  ready: () => document.getElementById("meeting-waiting")?.remove(),
  joined(event) {
    inside = true;
    tell("joined");
    stage.entered(event);
  },
  left() {
    if (!inside) return;
    inside = false;
    tell("left");
    show("left");
    stage.left();
  },
  elsewhere() {
    tell("opened_elsewhere");
    show("elsewhere");
  },
};

function pause(milliseconds) {
  return new Promise((go) => {
    const timer = setTimeout(go, milliseconds);
    addEventListener("online", () => (clearTimeout(timer), go()), { once: true });
  });
}

/** Asks for the ticket until it comes: whoever enters on a bad line must not sit before a page that has given up. */
async function firstTicket() {
  for (let wait = FIRST_PAUSE; ; wait = Math.min(2 * wait, LONGEST_PAUSE)) {
    try {
      return await ticket();
    } catch (error) {
      if (error.text) throw error;
      show("unreachable");
      await pause(wait);
    }
  }
}

/** In the place of a meeting that put itself away: the way back in. */
function showLeft() {
  const panel = document.getElementById("meeting-left").content.cloneNode(true).firstElementChild;
  panel.querySelector('[data-part="again"]').addEventListener("click", () => {
    panel.remove();
    begin();
  });
  container.append(panel);
}

/** Who stayed in the browser may change to the app later. */
function offerApp(links) {
  const offer = document.getElementById("other-way");
  offer.hidden = !hasApp(links) || recall("way") !== "browser";
  offer.querySelector("button").onclick = () => {
    forgetWay();
    location.reload();
  };
}

async function begin() {
  try {
    const config = await firstTicket();
    if (state === "unreachable") show("waiting");
    offerApp(config.links);
    if (config.kind === "jitsi" && hasApp(config.links)) {
      document.getElementById("meeting-waiting")?.remove();
      await chooseWay(container, config.links, on);
    }
    let takeAway = null;
    let ended = false;
    /** Leaves, waits until the server knows, and only then takes the meeting away. */
    const close = async () => {
      await meeting?.leave();
      await telling.settled(LAST_WORDS);
      await meeting?.dispose();
    };
    const meeting = await openMeeting(container, config, {
      ...on,
      async closed() {
        if (ended) return;
        ended = true;
        await close();
        if (!takeAway) showLeft();
      },
      failed(code) {
        document.getElementById("meeting-waiting")?.remove();
        takeAway?.();
        takeAway = showElsewhere(container, config.links, {
          code,
          on,
          again: async () => {
            ended = true;
            takeAway?.();
            await close();
            begin();
          },
        });
      },
    });
    stage.use(meeting.can);
  } catch (error) {
    document.getElementById("meeting-waiting")?.remove();
    part("refusal").textContent = error.text ?? "";
    show(error.text ? "refused" : "unopened");
  }
}

show("waiting");
begin();
showPulses(socket);
