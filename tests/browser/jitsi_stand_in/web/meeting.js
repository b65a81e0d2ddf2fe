/* The meeting's side of the frame. */
"use strict";

(() => {
  const room = location.pathname.slice(1);
  const options = new URLSearchParams(location.hash.slice(1));
  const overwritten = (key) => JSON.parse(options.get(`config.${key}`) ?? "null");
  let own = null;
  let joined = 0;

  const transport = new window.StandInTransport({
    scope: `jitsi_meet_external_api_${options.get('jitsi_meet_external_api_id')}`,
    peer: () => window.parent,
    origin: null,
    hear: ({ type, data }) => {
      if (type !== "event" || !Array.isArray(data.data) || standIn.deaf) return;
      standIn.commands.push([data.name, ...data.data]);
      if (data.name === "video-hangup") {
        standIn.leave();
        tell("video-ready-to-close");
      }
      if (data.name === "toggle-raise-hand") standIn.raise(own, standIn.hands.has(own) ? 0 : Date.now());
      if (data.name === "answer-knocking-participant" && data.data[1]) standIn.arrive(data.data[0]);
      if (data.name === "end-conference") {
        standIn.leave();
        standIn.fail("conference.destroyed");
      }
    },
  });
  const tell = (name, event = {}) => transport.send({ type: "event", data: { name, ...event } });
  const show = (words) => {
    document.getElementById("state").textContent = words;
  };

  const standIn = (window.standIn = {
    deaf: false,
    commands: [], // what the page told the meeting to do: [wire name, …values]
    hands: new Set(),
    tell,
    join() {
      joined += 1;
      own = `own${joined}`;
      const name = JSON.parse(options.get("userInfo.displayName") ?? '""');
      const event = { roomName: room, id: own, displayName: name, formattedDisplayName: `${name} (me)`, breakoutRoom: false };
      tell("video-conference-joined", event);
      show(`in as ${own}`);
      return own;
    },
    repeat() {
      tell("video-conference-joined", { roomName: room, id: own, breakoutRoom: false });
    },
    leave() {
      tell("video-conference-left", { roomName: room });
      show("left");
    },
    reconnect() {
      return standIn.join();
    },
    fail(name, { fatal = true } = {}) {
      const [kind] = name.split(".");
      tell("error-occurred", { error: { name, type: kind.toUpperCase(), isFatal: fatal, message: "stand-in" } });
    },
    kick() {
      const kicked = { id: own, name: "me", local: true };
      tell("participant-kicked-out", { kicked, kicker: { id: "teacher", name: "Teacher" } });
      standIn.leave();
    },
    raise(id, at) {
      standIn.hands[at ? "add" : "delete"](id);
      tell("raise-hand-updated", { id, handRaised: at });
    },
    knock(id, name) {
      tell("knocking-participant", { participant: { id, name } });
    },
    role(role) {
      tell("participant-role-changed", { id: own, role });
    },
    record(on) {
      tell("recording-status-changed", { on, mode: "file" });
    },
    breakouts(names) {
      const rooms = Object.fromEntries(names.map((name) => [name, { id: name, jid: name, name, participants: { a: {} } }]));
      const main = { id: "main", jid: "main", name: "", isMainRoom: true, participants: { b: {} } };
      tell("breakout-rooms-updated", { rooms: { main, ...rooms } });
    },
    suspend() {
      tell("suspend-detected");
    },
    arrive(id) {
      tell("participant-joined", { id, displayName: id, formattedDisplayName: id });
    },
    depart(id) {
      tell("participant-left", { id });
    },
  });

  async function start() {
    document.getElementById("room").textContent = room;
    document.querySelectorAll("[data-do]").forEach((button) => {
      button.addEventListener("click", () => standIn[button.dataset.do]());
    });
    tell("browser-support", { supported: true });
    tell("ready");
    const jwt = new URLSearchParams(location.search).get("jwt") ?? "";
    const door = await fetch(`/_stand_in/door?${new URLSearchParams({ room, jwt })}`);
    const { refusal, autoJoin } = await door.json();
    if (refusal) {
      show(`refused: ${refusal}`);
      // The real client complains twice about one token: at the connection and for the conference.
      standIn.fail("connection.passwordRequired");
      standIn.fail("conference.connectionError.notAllowed");
    } else if (overwritten("prejoinConfig")?.enabled !== false) {
      tell("prejoin-screen-loaded", { id: "local" });
    } else if (autoJoin) {
      standIn.join();
    }
  }

  window.addEventListener("beforeunload", () => {
    if (own && !standIn.deaf) tell("video-conference-left", { roomName: room });
  });
  start();
})();
