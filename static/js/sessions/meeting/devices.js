/* The person's microphone, camera and screen: each switched on by a click of theirs, chosen among what the device has.
 *
 *   const devices = openDevices(changed);      // changed(what) after any of them went on or off
 *   await devices.turnOn("camera");            // rejects with an Error whose `code` says why
 *   devices.turnOff("audio"); devices.closeAll();
 *   devices.track("screen");                   // the MediaStreamTrack, or null while it is off
 *   await devices.list();                      // {audio: [{id, label}], camera: […]}; named only once one was allowed
 *   devices.choose("audio", id);               // takes effect at once where it is on
 *
 * Codes: camera_insecure (neither https nor localhost), and for each of camera, microphone, screen:
 * _denied, _absent, _busy, _failed. Ask from a click: a question out of nowhere is refused by browsers.
 */

const REASONS = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "absent",
  OverconstrainedError: "absent",
  NotReadableError: "busy",
  AbortError: "busy",
};
const NAMES = { audio: "microphone", camera: "camera", screen: "screen" };
const KINDS = { audioinput: "audio", videoinput: "camera" };

function refusal(code) {
  return Object.assign(new Error(code), { code });
}

function wish(what, chosen) {
  const device = chosen[what] ? { deviceId: { exact: chosen[what] } } : {};
  // Six pictures at once have to pass an office line and an older laptop.
  if (what === "camera") return { video: { height: { ideal: 360 }, frameRate: { max: 20 }, ...device }, audio: false };
  return { audio: { echoCancellation: true, noiseSuppression: true, ...device }, video: false };
}

async function obtain(what, chosen) {
  const devices = window.isSecureContext ? navigator.mediaDevices : null;
  if (!devices?.getUserMedia) throw refusal("camera_insecure");
  try {
    if (what !== "screen") return await devices.getUserMedia(wish(what, chosen));
    if (!devices.getDisplayMedia) throw refusal("screen_absent");
    return await devices.getDisplayMedia({ video: { frameRate: { max: 10 } }, audio: false });
  } catch (error) {
    throw refusal(error.code?.startsWith?.("screen_") ? error.code : `${NAMES[what]}_${REASONS[error.name] ?? "failed"}`);
  }
}

export function openDevices(changed) {
  const tracks = { audio: null, camera: null, screen: null };
  const chosen = { audio: null, camera: null };
  // The number of the latest question: an older one answered late is thrown away.
  const asking = { audio: 0, camera: 0, screen: 0 };

  function turnOff(what) {
    asking[what] += 1;
    tracks[what]?.stop();
    tracks[what] = null;
    changed(what);
  }

  async function turnOn(what) {
    turnOff(what);
    const mine = asking[what];
    let stream;
    try {
      stream = await obtain(what, chosen);
    } catch (error) {
      if (mine !== asking[what]) return;
      throw error;
    }
    const [track] = stream.getTracks();
    if (mine !== asking[what]) {
      track.stop();
      return;
    }
    // Unplugged, or "Stop sharing" in the browser's own bar.
    track.addEventListener("ended", () => tracks[what] === track && turnOff(what));
    tracks[what] = track;
    changed(what);
  }

  async function list() {
    const found = { audio: [], camera: [] };
    const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
    for (const { kind, deviceId, label } of all) {
      if (KINDS[kind] && deviceId && label) found[KINDS[kind]].push({ id: deviceId, label });
    }
    return found;
  }

  async function choose(what, id) {
    chosen[what] = id || null;
    if (tracks[what]) await turnOn(what);
  }

  return {
    turnOn,
    turnOff,
    list,
    choose,
    track: (what) => tracks[what],
    closeAll: () => Object.keys(tracks).forEach(turnOff),
  };
}
