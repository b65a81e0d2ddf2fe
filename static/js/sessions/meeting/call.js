/* The call of the built-in room: takes a place, connects to the others, and shows them.
 *
 *   const call = openCall(line, devices, tiles, said);
 *   await call.enter(); call.leave(); call.renew(what); call.close();
 *
 * `line` is call_line.js's. said(code) tells how it stands: null (in the call), call_full, call_one_process, call_closed,
 * call_failed.
 */

import { openPeers } from "./peers.js";

export function openCall(line, devices, tiles, said) {
  let wanted = false; // whether the person is in the room
  let turn = 0; // number of the latest attempt to get a place
  let peers = null;
  let pictures = "all";

  function end() {
    turn += 1;
    peers?.closeAll();
    peers = null;
    tiles.clear();
  }

  async function enter() {
    wanted = true;
    end();
    const mine = turn;
    // Whoever came before us is called by us; whoever comes later calls us, maybe before our own answer is here.
    const fresh = openPeers(line.signal, devices.track, tiles, pictures);
    peers = fresh;
    let answer;
    try {
      answer = await line.join();
    } catch {
      answer = { ok: false };
    }
    if (mine !== turn) return;
    if (!answer.ok || !answer.place) {
      said(answer.ok ? "call_full" : answer.code in { call_one_process: 1, call_closed: 1 } ? answer.code : "call_failed");
      return;
    }
    said(null);
    answer.others.forEach(({ place, name }) => {
      tiles.add(place, name);
      fresh.call(place);
    });
  }

  const stop = line.listen({
    signal(message) {
      if (!peers) return;
      tiles.add(message.from.place, message.from.name);
      peers.hear(message);
    },
    gone(place) {
      peers?.drop(place);
      tiles.remove(place);
    },
    back: () => wanted && enter(),
  });

  function leave() {
    if (!wanted) return;
    wanted = false;
    end();
    line.hangUp();
  }

  return {
    enter,
    leave,
    renew: (what) => peers?.renew(what),
    /** How much picture the others are asked to send, and how much leaves this device. */
    pictures(level) {
      pictures = level;
      peers?.want(level);
    },
    close() {
      leave();
      stop();
    },
  };
}
