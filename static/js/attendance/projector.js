// The projected code: changes by itself, counts down, stays awake, and says when it no longer holds.

import { countDown, pageAge, whenOver } from "../lib/time.js";
import { drawQr, RotatingCode } from "./codes.js";

const page = document.getElementById("projector");
const qr = page.querySelector("svg.qr");
const [ring, left, code, scanned, expected, stale] = ["ring", "left", "code", "scanned", "expected", "stale"].map((id) =>
  document.getElementById(id),
);

function show(state) {
  page.dataset.state = state;
  for (const part of page.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== state;
}

const rotating = new RotatingCode(page.dataset.code, {
  code(body) {
    drawQr(qr, body);
    code.textContent = body.code;
    scanned.textContent = body.scanned;
    expected.textContent = body.expected;
    show("open");
  },
  other(body, status) {
    if (status === 401) {
      document.getElementById("sign-in").href = page.dataset.signIn;
      show("signed_out");
      return 60_000;
    }
    if (body.state) show(body.state);
    return undefined;
  },
  left(milliseconds, period) {
    left.textContent = Math.ceil(milliseconds / 1000);
    ring.lastElementChild.setAttribute("stroke-dashoffset", 100 * (1 - milliseconds / period));
  },
  stale: (isStale) => (stale.hidden = !isStale),
});

rotating.start(page.dataset.left ? Number(page.dataset.left) - pageAge() : 0, Number(page.dataset.period) || undefined);
countDown();
whenOver(document, () => rotating.ask());

const fullscreen = document.getElementById("fullscreen");
if (page.requestFullscreen) {
  fullscreen.removeAttribute("data-waits");
  fullscreen.addEventListener("click", () => page.requestFullscreen());
}

// A projector's laptop that goes to sleep takes the code with it. Only secure pages may ask; elsewhere it is not fatal.
async function stayAwake() {
  try {
    if (document.visibilityState === "visible") await navigator.wakeLock?.request("screen");
  } catch {
    // Refused, on low battery for instance.
  }
}
document.addEventListener("visibilitychange", () => {
  stayAwake();
  if (document.visibilityState === "visible") rotating.tick();
});
stayAwake();
