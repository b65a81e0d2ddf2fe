/* The ways to a meeting outside this page, with the reason for offering them.
 *
 * `showElsewhere(container, links, {code, on, again})` fills templates/sessions/_meeting_elsewhere.html into the
 * container and returns a function that takes it away. `links` is {tab, android, ios}; an app's link is offered on its
 * own system only. `code` picks the words; an unknown one gets the general ones. `again` is called by the button of that
 * name, which is left out without it. on.elsewhere({via}) tells which link was taken: that somebody left for the meeting
 * is no proof that they arrived.
 */

const APPS = [
  ["android", /Android/i],
  ["ios", /iPhone|iPad|iPod/i],
];

function waysHere() {
  return ["tab", ...APPS.filter(([, system]) => system.test(navigator.userAgent)).map(([via]) => via)];
}

export function showElsewhere(container, links, { code = "jitsi_failed", on = {}, again = null } = {}) {
  const panel = document.getElementById("meeting-elsewhere").content.cloneNode(true).firstElementChild;
  const part = (name) => panel.querySelector(`[data-part="${name}"]`);
  const wording = (wanted) => panel.querySelector(`[data-code="${CSS.escape(wanted)}"]`);
  const words = wording(code) ?? wording("jitsi_failed");
  words.hidden = false;

  part("again").hidden = !again;
  part("again").addEventListener("click", () => again());
  part("ways").hidden = !links || !("offer" in words.dataset);
  const ways = waysHere();
  panel.querySelectorAll("[data-link]").forEach((link) => {
    const via = link.dataset.link;
    link.hidden = !ways.includes(via) || !links?.[via];
    if (link.hidden) return;
    link.href = links[via];
    link.addEventListener("click", () => on.elsewhere?.({ via }));
  });
  container.append(panel);
  return () => panel.remove();
}
