/* On a phone, before the meeting is opened: the app, getting the app, or this browser.
 *
 *   await chooseWay(container, links, on);   // settled once the person stays in the browser; at once on other devices
 *
 * Who stays is not asked again on this device (forgetWay() makes it ask). Opening the app is told by on.elsewhere({via});
 * the choices stay, since an app that is not there opens nothing.
 */

import { recall, remember } from "../device/memory.js";

const SYSTEMS = [
  ["android", /Android/i, "https://play.google.com/store/apps/details?id=org.jitsi.meet"],
  ["ios", /iPhone|iPad|iPod/i, "https://apps.apple.com/app/id1165103905"],
];

const systemHere = () => SYSTEMS.find(([, agent]) => agent.test(navigator.userAgent));

/** Whether this device could use the app for these links. */
export const hasApp = (links) => Boolean(links?.[systemHere()?.[0]]);

export const forgetWay = () => remember("way", null);

export function chooseWay(container, links, on) {
  if (!hasApp(links) || recall("way") === "browser") return Promise.resolve();
  const [via, , store] = systemHere();
  const panel = document.getElementById("meeting-ways").content.cloneNode(true).firstElementChild;
  const part = (name) => panel.querySelector(`[data-part="${name}"]`);
  part("app").href = links[via];
  part("get").href = store;
  part("app").addEventListener("click", () => on.elsewhere?.({ via }));
  container.append(panel);
  return new Promise((stay) => {
    part("browser").addEventListener("click", () => {
      remember("way", "browser");
      panel.remove();
      stay();
    });
  });
}
