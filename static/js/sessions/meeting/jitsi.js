/* A Jitsi Meet frame that speaks the events described in index.js. */

import { openStage } from "./jitsi_stage.js";
import { listeners } from "./listeners.js";

const SCRIPT_TIMEOUT = 10_000;
// The frame loads several megabytes before it speaks; on a thin line that takes a while.
const FRAME_TIMEOUT = 45_000;
const GOODBYE_TIMEOUT = 2_000;

// How Jitsi names a token it does not accept: at the connection, and at the door of the room.
const REFUSALS = new Set([
  "connection.passwordRequired",
  "conference.authenticationRequired",
  "conference.connectionError.notAllowed",
]);
const CODES = new Map([
  ["conference.max_users", "jitsi_full"],
  ["conference.reservationError", "jitsi_not_open"],
  ["conference.destroyed", "jitsi_ended"],
  ["conference.connectionError.accessDenied", "jitsi_removed"],
  ["connection.droppedError", "jitsi_connection_lost"],
  ["connection.serverError", "jitsi_connection_lost"],
  ["connection.otherError", "jitsi_connection_lost"],
]);

// How much picture a device wants: the height it sends and takes, and from how many others at most.
const PICTURES = { small: { height: 180, most: 2 }, none: { height: 180, most: 0 } };

// Scripts under way or loaded, and how often each was given up: address → promise, address → number.
const scripts = new Map();
const failures = new Map();

function refusal(code) {
  return Object.assign(new Error(code), { code });
}

function fetchScript(address, timeout) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    const giveUp = () => {
      script.remove();
      reject(refusal("jitsi_unreachable"));
    };
    const timer = setTimeout(giveUp, timeout);
    script.addEventListener("error", () => {
      clearTimeout(timer);
      giveUp();
    });
    script.addEventListener("load", () => {
      clearTimeout(timer);
      if (typeof window.JitsiMeetExternalAPI === "function") resolve();
      else reject(refusal("jitsi_nonsense"));
    });
    script.referrerPolicy = "no-referrer";
    script.async = true;
    script.src = address;
    document.head.append(script);
  });
}

function loadScript(source, timeout) {
  if (!scripts.has(source)) {
    // The browser lets a second request for the same address wait for the first, even for one that hangs.
    const failed = failures.get(source) ?? 0;
    const address = failed ? `${source}?again=${failed}` : source;
    const loading = fetchScript(address, timeout).catch((error) => {
      scripts.delete(source);
      failures.set(source, failed + 1);
      throw error;
    });
    scripts.set(source, loading);
  }
  return scripts.get(source);
}

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** What the frame is built with for this much picture. */
function startWith(pictures) {
  if (pictures === "none") return { startAudioOnly: true };
  return pictures === "small" ? { channelLastN: PICTURES.small.most, resolution: PICTURES.small.height } : {};
}

export async function openMeeting(container, config, given) {
  const on = listeners(given);
  let frame = null;
  let inside = null; // the conference's id for us, while we are in it
  let renewed = false;
  let disposed = false;
  let frameTimer = 0;
  let farewells = [];
  let pictures = config.pictures ?? "all";
  const stage = openStage(on);

  function entered(event) {
    const { id, breakoutRoom } = event;
    if (inside === id) return; // the same event twice
    if (inside !== null) on.trouble();
    inside = id;
    renewed = false; // a later reconnect may need a fresh token again
    stage.entered(event);
    on.joined({ id, breakout: Boolean(breakoutRoom) });
    count();
  }

  function gone(by) {
    if (inside === null) return; // told already: by disconnect, by hang-up and by unload
    inside = null;
    stage.gone();
    on.left({ by });
    farewells.forEach((tell) => tell());
    farewells = [];
  }

  async function count() {
    const number = await frame?.getNumberOfParticipants();
    if (Number.isInteger(number) && !disposed) on.participants(number);
  }

  async function renew() {
    const refused = frame;
    if (renewed || !config.renew) {
      on.failed("jitsi_token_refused");
      return;
    }
    renewed = true;
    let fresh;
    try {
      fresh = await config.renew();
    } catch {
      on.failed("jitsi_token_refused");
      return;
    }
    if (disposed || frame !== refused) return;
    remove();
    build({ ...config, ...fresh });
  }

  function build(options) {
    let refused = false;
    const api = new window.JitsiMeetExternalAPI(options.domain, {
      roomName: options.roomName,
      jwt: options.jwt,
      lang: options.lang,
      width: "100%",
      height: "100%",
      parentNode: container,
      configOverwrite: { ...options.configOverwrite, ...startWith(pictures) },
      devices: options.devices,
      userInfo: options.userInfo,
      onload: () => spoken(),
    });
    frame = api;
    const title = options.title ?? container.getAttribute("aria-label");
    if (title) api.getIFrame().title = title;
    frameTimer = setTimeout(() => on.failed("jitsi_silent"), options.frameTimeout ?? FRAME_TIMEOUT);

    let ready = false;
    function spoken() {
      clearTimeout(frameTimer);
      if (ready) return;
      ready = true;
      on.ready();
    }

    const hear = (name, listener) => api.addListener(name, (event) => listener(event ?? {}));
    hear("videoConferenceJoined", (event) => {
      spoken();
      entered(event);
    });
    hear("videoConferenceLeft", () => gone("frame"));
    hear("readyToClose", () => {
      gone("frame");
      on.closed();
    });
    stage.watch(hear);
    hear("participantJoined", count);
    hear("participantLeft", count);
    hear("participantKickedOut", ({ kicked }) => kicked?.local && on.failed("jitsi_removed"));
    hear("suspendDetected", () => on.suspended());
    hear("errorOccurred", ({ error }) => {
      // The name lies under `error`, whatever the handbook says.
      if (REFUSALS.has(error?.name)) {
        if (refused) return; // connection and conference both complain about the one token
        refused = true;
        renew();
        return;
      }
      if (error?.name?.startsWith("connection.")) on.trouble();
      const code = CODES.get(error?.name) ?? (error?.isFatal ? "jitsi_failed" : null);
      if (code) on.failed(code);
    });
  }

  function remove() {
    clearTimeout(frameTimer);
    const old = frame;
    // A frame that is taken away says nothing at all, so what we know has to be said here.
    gone("page");
    frame = null;
    old?.dispose();
  }

  async function leave() {
    if (inside === null || !frame) return;
    const goodbye = new Promise((resolve) => farewells.push(resolve));
    frame.executeCommand("hangup");
    await Promise.race([goodbye, wait(GOODBYE_TIMEOUT)]);
  }

  // When the page goes, the frame's own goodbye comes before `pagehide`; this is for the frame that had none to say.
  // A page put aside whole (persisted) may come back with its meeting, so it says nothing.
  const pageGone = (event) => event.persisted || gone("page");

  async function dispose() {
    if (disposed) return;
    disposed = true;
    window.removeEventListener("pagehide", pageGone);
    await leave();
    remove();
  }

  const command = (name, ...values) => frame?.executeCommand(name, ...values);

  /** Takes effect on the meeting under way, without a reload. */
  function show(level) {
    pictures = level;
    const { height, most } = PICTURES[level] ?? {
      height: config.configOverwrite?.resolution ?? 360,
      most: config.configOverwrite?.channelLastN ?? -1,
    };
    // The number of pictures first: the meeting reads it anew only when something about them changes, as the next does
    // where sound only begins or ends. Else the height, which takes effect at once, carries the saving until somebody
    // shares a screen or we come in again.
    command("overwriteConfig", { channelLastN: most });
    command("setAudioOnly", level === "none");
    command("setVideoQuality", height);
  }

  const can = {
    raiseHand: () => command("toggleRaiseHand"),
    pictures: show,
    muteAll: () => command("muteEveryone", "audio"),
    admit(id, yes) {
      command("answerKnockingParticipant", id, yes);
      stage.answered(id);
    },
    endForAll: () => command("endConference"),
  };
  const meeting = { leave, dispose, can };
  const source = config.script ?? `https://${config.domain}/external_api.js`;
  try {
    await loadScript(source, config.scriptTimeout ?? SCRIPT_TIMEOUT);
  } catch (error) {
    on.failed(error.code);
    return meeting;
  }
  window.addEventListener("pagehide", pageGone);
  build(config);
  return meeting;
}
