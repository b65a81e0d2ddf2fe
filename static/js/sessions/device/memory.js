/* What this device remembers of itself between sessions: which microphone and camera were chosen, how its line was, and
 * how much picture its owner wants. Kept by the browser alone; where storage is forbidden, for this page.
 */

const KEY = "jembatan.room";
let kept = null;

function read() {
  if (kept) return kept;
  try {
    kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") ?? {};
  } catch {
    kept = {};
  }
  return kept;
}

/** Returns what is remembered under this name: "audio", "camera" ({id, label}), "pictures", "line", "way". */
export const recall = (name) => read()[name] ?? null;

export function remember(name, value) {
  kept = { ...read(), [name]: value };
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // Storage is forbidden or full: this page knows it, the next one asks again.
  }
}
