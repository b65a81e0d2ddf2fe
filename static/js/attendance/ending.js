// A quarter of an hour more, or the end now, without leaving the page: whoever presses it is in the meeting.

import { toast } from "../lib/toast.js";

const ending = document.getElementById("ending");

async function send(form) {
  const answer = await fetch(form.action, {
    method: "POST",
    body: new FormData(form),
    headers: { Accept: "application/json" },
  }).then((response) => response.json());
  toast(answer.text, answer.ok ? "good" : "bad");
  if (!answer.ok) return;
  for (const field of document.querySelectorAll("#ending input[name=sequence], #end-all input[name=sequence]")) field.value = answer.sequence;
  for (const place of document.querySelectorAll("[data-session-times]")) place.textContent = answer.times;
  if (answer.ended) ending.hidden = true;
}

ending?.addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.target).catch(() => event.target.submit());
});
