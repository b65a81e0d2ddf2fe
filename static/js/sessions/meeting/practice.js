/* The built-in practice room: no sound or picture between people, but the same events as a real meeting (index.js).
 *
 * Its markup is templates/sessions/_practice_room.html; this file only fills and switches it.
 * It enters by itself once mounted unless config.autoEnter is false.
 */

import { showCamera } from "./camera.js";
import { listeners } from "./listeners.js";

function conferenceId() {
  // crypto.randomUUID is missing on a plain http address, where the practice room must work too.
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return `practice-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

export async function openMeeting(container, config, given) {
  const on = listeners(given);
  const room = document.getElementById("practice-room").content.cloneNode(true).firstElementChild;
  const part = (name) => room.querySelector(`[data-part="${name}"]`);
  let inside = null; // our id, while we are in the room
  let disposed = false;
  let switchOff = null; // a function, while the camera runs
  let asking = 0; // number of the latest question for the camera: an older one answered late is thrown away

  function say(code) {
    room.querySelectorAll("[data-say]").forEach((words) => {
      words.hidden = words.dataset.say !== code;
    });
  }

  function draw() {
    const used = document.activeElement;
    room.dataset.state = inside === null ? "outside" : "inside";
    part("enter").hidden = inside !== null;
    part("leave").hidden = inside === null;
    part("camera-on").hidden = inside === null || Boolean(switchOff);
    part("camera-off").hidden = !switchOff;
    part("preview").hidden = !switchOff;
    part("blank").hidden = Boolean(switchOff);
    // Whoever works by keyboard goes on where they were, not at the top of the page.
    if (used?.hidden && room.contains(used)) room.querySelector("button:not([hidden])")?.focus();
  }

  function closeCamera() {
    asking += 1;
    switchOff?.();
    switchOff = null;
    say(null);
    draw();
  }

  async function openCamera() {
    closeCamera();
    const mine = asking;
    try {
      const off = await showCamera(part("preview"));
      if (mine === asking) switchOff = off;
      else off();
    } catch (error) {
      if (mine === asking) say(error.code ?? "camera_failed");
    }
    draw();
  }

  function enter() {
    if (inside !== null || disposed) return;
    inside = conferenceId();
    draw();
    on.joined({ id: inside, breakout: false });
  }

  async function leave() {
    if (inside === null) return;
    inside = null;
    closeCamera();
    on.left({ by: "frame" });
  }

  function fillPeople(people) {
    part("people").replaceChildren(
      ...people.map((person) => {
        const line = part("person").content.cloneNode(true).firstElementChild;
        line.querySelector('[data-part="name"]').textContent = person.name;
        line.querySelector('[data-part="me"]').hidden = !person.me;
        return line;
      }),
    );
    part("nobody").hidden = people.some((person) => !person.me);
    on.participants(people.length);
  }

  // A page put aside whole (persisted) comes back with everybody where they were.
  const pageGone = (event) => event.persisted || leave();

  part("own-name").textContent = config.displayName;
  part("enter").addEventListener("click", enter);
  part("leave").addEventListener("click", leave);
  part("camera-on").addEventListener("click", openCamera);
  part("camera-off").addEventListener("click", closeCamera);
  window.addEventListener("pagehide", pageGone);
  draw();
  container.append(room);
  const stopListening = config.people?.(fillPeople);

  async function dispose() {
    if (disposed) return;
    disposed = true;
    await leave();
    closeCamera();
    stopListening?.();
    window.removeEventListener("pagehide", pageGone);
    room.remove();
  }

  on.ready();
  if (config.autoEnter ?? true) enter();
  return { leave, dispose };
}
