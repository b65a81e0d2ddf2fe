// Whether the meeting server tells who is in the meeting: asked again and again, so that the warning comes and goes by itself.

const ASK_EVERY = 20_000;

const place = document.getElementById("silence");

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch(place.dataset.source, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const said = new DOMParser().parseFromString(await answer.text(), "text/html").body;
    // The same words again are not read out again.
    if (said.textContent.trim() === place.textContent.trim()) return;
    place.hidden = !said.textContent.trim();
    place.replaceChildren(...[...said.childNodes].map((node) => document.adoptNode(node)));
  } catch {
    // Not connected: the page says so elsewhere, and the next look comes.
  }
}

if (place) {
  look();
  setInterval(look, ASK_EVERY);
  document.addEventListener("visibilitychange", look);
}
