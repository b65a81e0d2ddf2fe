/* Direct connections to the others in the built-in room, one each, negotiated so that both may begin at once.
 *
 *   const peers = openPeers(signal, track, on);
 *   peers.call(place)                 // somebody who was here before us
 *   peers.hear({from, description | candidate | sending})
 *   peers.renew(what)                 // ours went on or off: 'audio', 'camera' or 'screen'
 *   peers.drop(place); peers.closeAll();
 *
 * `signal(place, message)` → a promise, settled once the server has it: messages to one person stay in order.
 * `track(what)` gives our MediaStreamTrack or null. on.media(place, what, track), on.sending(place, {audio, camera,
 * screen}), on.state(place, RTCPeerConnectionState) tell about theirs.
 *
 * Every connection carries the same three lines from the beginning (sound, camera, screen), so that switching one on or
 * off never negotiates anew. No ICE servers: addresses of the devices' own network alone, nobody outside is asked.
 */

const LINES = ["audio", "camera", "screen"];
const KINDS = { audio: "audio", camera: "video", screen: "video" };
// Enough for a face at 360 lines and for letters on a shared screen; five of them leave a device at once.
const MOST_BITS = { camera: 350_000, screen: 900_000 };
// To somebody on a thin line, or from one: a face the size of a stamp.
const FEW_BITS = 100_000;

/** One connection. The side that was called is the polite one: where both offer at once, it takes its offer back. */
function connect(place, { calls, signal, track, on, wants }) {
  const polite = !calls;
  const connection = new RTCPeerConnection();
  let offering = false;
  let ignoring = false;
  let theirs = "all"; // how much picture they want of us
  let ours = wants; // and we of them
  let sent = Promise.resolve();
  let heard = Promise.resolve();

  // A message that is lost with its place is no loss: the place is gone for the server, and so are we for it.
  const tell = (message) => (sent = sent.then(() => signal(place, message)).catch(() => {}));
  const tellSending = () => tell({ sending: Object.fromEntries(LINES.map((what) => [what, Boolean(track(what))])) });

  async function attach(what) {
    const line = connection.getTransceivers()[LINES.indexOf(what)];
    if (!line) return;
    const spared = what === "camera" && theirs === "none";
    await line.sender.replaceTrack(spared ? null : track(what));
    if (!MOST_BITS[what]) return;
    const parameters = line.sender.getParameters();
    if (!parameters.encodings?.length) return;
    parameters.encodings.forEach((encoding) => (encoding.maxBitrate = bits(what)));
    // A negotiation that ends at this moment changes them under us; the next attaching sets the limit again.
    await line.sender.setParameters(parameters).catch(() => {});
  }

  const bits = (what) =>
    what === "camera" && (theirs === "small" || ours !== "all") ? FEW_BITS : MOST_BITS[what];

  async function offer() {
    try {
      offering = true;
      await connection.setLocalDescription();
      tell({ description: connection.localDescription.toJSON() });
    } finally {
      offering = false;
    }
  }

  async function describe(description) {
    const collides = description.type === "offer" && (offering || connection.signalingState !== "stable");
    ignoring = collides && !polite;
    if (ignoring) return;
    // Where it collides and we are polite, this takes our own offer back first.
    await connection.setRemoteDescription(description);
    if (description.type !== "offer") return;
    connection.getTransceivers().forEach((line) => (line.direction = "sendrecv"));
    await Promise.all(LINES.map(attach));
    await connection.setLocalDescription();
    tell({ description: connection.localDescription.toJSON() });
  }

  async function reach(candidate) {
    try {
      await connection.addIceCandidate(candidate);
    } catch (error) {
      // It belongs to the offer that we did not take.
      if (!ignoring) throw error;
    }
  }

  connection.addEventListener("negotiationneeded", offer);
  connection.addEventListener("icecandidate", ({ candidate }) => candidate && tell({ candidate: candidate.toJSON() }));
  connection.addEventListener("track", ({ track: received, transceiver }) => {
    on.media(place, LINES[connection.getTransceivers().indexOf(transceiver)], received);
  });
  connection.addEventListener("connectionstatechange", () => {
    on.state(place, connection.connectionState);
    if (connection.connectionState === "failed") connection.restartIce();
  });
  if (calls) {
    LINES.forEach((what) => connection.addTransceiver(KINDS[what], { direction: "sendrecv" }));
    LINES.forEach(attach);
  }
  tellSending();
  if (ours !== "all") tell({ wants: ours });

  return {
    hear({ description, candidate, sending, wants: level }) {
      if (sending) on.sending(place, sending);
      else if (level) {
        theirs = level;
        attach("camera").catch(console.warn);
      }
      else heard = heard.then(() => (description ? describe(description) : reach(candidate))).catch(console.warn);
    },
    want(level) {
      ours = level;
      tell({ wants: level });
      attach("camera").catch(console.warn);
    },
    async renew(what) {
      tellSending();
      await attach(what);
      // Only with a device allowed do browsers tell their address on the network by number; where the name they gave
      // instead led nowhere, it is worth another try.
      if (track(what) && connection.connectionState !== "connected") connection.restartIce();
    },
    close: () => connection.close(),
  };
}

export function openPeers(signal, track, on, pictures) {
  const peers = new Map();
  const gone = new Set();
  let wants = pictures;

  function open(place, calls) {
    const peer = connect(place, { calls, signal, track, on, wants });
    peers.set(place, peer);
    return peer;
  }

  function drop(place) {
    gone.add(place);
    peers.get(place)?.close();
    peers.delete(place);
  }

  return {
    call: (place) => open(place, true),
    hear(message) {
      const place = message.from.place;
      // What was under way when somebody left must not bring them back.
      if (!gone.has(place)) (peers.get(place) ?? open(place, false)).hear(message);
    },
    renew: (what) => peers.forEach((peer) => peer.renew(what)),
    want(level) {
      wants = level;
      peers.forEach((peer) => peer.want(level));
    },
    drop,
    closeAll: () => [...peers.keys()].forEach(drop),
  };
}
