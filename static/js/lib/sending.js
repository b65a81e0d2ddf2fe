// A form is sent where the site answers. Else the browser would put its own page in the place of what was written.
import { showConnection } from "./connection.js";

const PATIENCE = 8000;

/** Looks before a form with something written or a file in it, or any form without a line, is sent. Call it before hold(). */
export function sendWhenReached() {
  const banner = document.getElementById("connection");
  if (!banner) return;
  document.addEventListener("submit", async (event) => {
    const { target: form, submitter } = event;
    if (event.defaultPrevented || form.method !== "post" || form.dataset.reached) return;
    if (navigator.onLine && !isWorthALook(form)) return;
    event.preventDefault();
    if (form.dataset.looking) return;
    form.dataset.looking = "yes";
    submitter?.setAttribute("aria-busy", "true");
    const isReached = await reaches(banner.dataset.reach);
    submitter?.removeAttribute("aria-busy");
    delete form.dataset.looking;
    showConnection(isReached ? null : "unsent");
    if (!isReached) return;
    // Whoever was asked whether she is sure has said so.
    Object.assign(form.dataset, { reached: "yes", confirmed: "yes" });
    form.requestSubmit(submitter);
    delete form.dataset.reached;
    delete form.dataset.confirmed;
  });
  addEventListener("online", () => {
    if (!banner.querySelector("[data-state=unsent]").hidden) showConnection("back");
  });
}

function isWorthALook(form) {
  return [...form.elements].some(
    (field) => (field.localName === "textarea" && field.value !== field.defaultValue) || field.files?.length,
  );
}

async function reaches(address) {
  try {
    const reply = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    return reply.status < 500;
  } catch {
    return false;
  }
}
