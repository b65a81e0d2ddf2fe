// Several people at one screen: while its card is open, the room page shows its device's code and who watches there.

import { deviceName } from "../lib/device.js";
import { drawQr, RotatingCode } from "./codes.js";

const card = document.getElementById("sharing");
const part = (name) => card.querySelector(`[data-part="${name}"]`);
// Only this page knows whether it is in the meeting; the server is asked again soon, since it may be at any moment.
const ASK_AGAIN = 3000;
// Whoever has just confirmed looks for the own name on this screen, and does not wait for the next code.
const LIST_AGAIN = 4000;

let state = "waiting";

function show(next) {
  state = next;
  for (const line of card.querySelectorAll("[data-when]")) line.hidden = line.dataset.when !== state;
}

function showPeople(names) {
  part("count").textContent = names.length;
  part("nobody").hidden = names.length > 0;
  part("people").replaceChildren(
    ...names.map((name) => Object.assign(document.createElement("li"), { textContent: name })),
  );
}

const rotating = new RotatingCode(`${card.dataset.code}?device=${deviceName()}`, {
  code(body) {
    drawQr(card.querySelector("svg.qr"), body);
    part("code").textContent = body.code;
    showPeople(body.people);
    show("open");
    return LIST_AGAIN;
  },
  other(body) {
    part("refusal").textContent = body.text ?? "";
    show("refused");
    return ASK_AGAIN;
  },
  left: (milliseconds) => (document.getElementById("sharing-left").textContent = Math.ceil(milliseconds / 1000)),
  stale(isStale) {
    if (isStale && state === "open") show("stale");
  },
});

card.addEventListener("toggle", () => {
  if (card.open) rotating.start();
  else rotating.stop();
});
// Opened before this script was there.
if (card.open) rotating.start();
