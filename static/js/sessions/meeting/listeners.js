/* The page's listeners with the ones it left out filled in, so that an adapter may call them all. */

const NAMES = [
  "ready", "joined", "left", "failed", "participants", "closed", "suspended", "elsewhere",
  "hands", "knocking", "recording", "breakouts", "moderating", "trouble", "muted",
];

export function listeners(on = {}) {
  return Object.fromEntries(NAMES.map((name) => [name, on[name] ?? (() => {})]));
}
