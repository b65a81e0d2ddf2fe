// The way into the room appears when its doors open and goes when they close; the server asks again anyway.

import { whenOver } from "../lib/time.js";

const wayIn = document.getElementById("way-in");

function show(state) {
  for (const part of wayIn.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== state;
}

if (wayIn) whenOver(wayIn, (time) => show(time.closest('[data-when="early"]') ? "open" : "over"));
