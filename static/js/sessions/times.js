// The session's times in the room: whoever sits in it sees a new end at once, and not only after loading the page anew.

import { clockIn } from "../lib/clock.js";

const room = document.getElementById("room");
const notice = document.getElementById("times-moved");
let known = Number(room.dataset.sequence);

function span({ starts, ends }, zone, name) {
  return `${clockIn(starts, zone)}–${clockIn(ends, zone)} ${name}`;
}

/** Shows these times unless they are known already; of two that overtake each other the newer one stays. */
export function showTimes(times) {
  if (!times || times.sequence <= known) return;
  known = times.sequence;
  const { ownZone, ownZoneName, otherZone, otherZoneName } = room.dataset;
  const text = `${span(times, ownZone, ownZoneName)} (= ${span(times, otherZone, otherZoneName)})`;
  for (const place of document.querySelectorAll("[data-session-times]")) place.textContent = text;
  // Whoever leads it may go on with the same page: the next press rests on these times.
  for (const field of document.querySelectorAll("#ending input[name=sequence], #end-all input[name=sequence]")) field.value = times.sequence;
  const words = times.over ? notice.dataset.over : notice.dataset.moved;
  notice.textContent = words.replace("{time}", `${clockIn(times.ends, ownZone)} ${ownZoneName}`);
  notice.hidden = false;
}
