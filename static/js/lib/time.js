// Countdowns on the server's clock: the page says how many seconds were left when it was made.

const EVERY = 1000;

/** The time left, word for word as the server writes it (lms/web/i18n.py, time_left). */
function words(seconds, element) {
  const days = Math.floor(seconds / 86400);
  const hours = Math.floor((seconds % 86400) / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const { day, days: severalDays, hours: hourWord, minutes: minuteWord, seconds: secondWord } = element.dataset;
  if (days) return `${days} ${days === 1 ? day : severalDays} ${hours} ${hourWord}`;
  if (hours) return `${hours} ${hourWord} ${minutes} ${minuteWord}`;
  if (minutes) return `${minutes} ${minuteWord} ${seconds % 60} ${secondWord}`;
  return `${seconds} ${secondWord}`;
}

/** Returns how many milliseconds ago the page was made: on a slow line a script comes long after the words it counts from. */
export function pageAge() {
  const [page] = performance.getEntriesByType("navigation");
  return performance.now() - (page?.responseStart || 0);
}

/** Starts every <time data-countdown>; at zero it sends the bubbling event "countdown:over" once (whenOver). */
export function countDown(root = document) {
  const running = [...root.querySelectorAll("time[data-countdown]")].map((element) => ({
    element,
    // performance.now() goes on while the device's clock may be set.
    until: performance.now() - pageAge() + Number(element.dataset.countdown) * 1000,
  }));
  if (!running.length) return;
  const tick = () => {
    for (const one of running) {
      const left = Math.max(0, Math.round((one.until - performance.now()) / 1000));
      const text = words(left, one.element);
      if (one.element.textContent !== text) one.element.textContent = text;
      if (left === 0 && !one.over) {
        one.over = true;
        one.element.dataset.over = "";
        one.element.dispatchEvent(new CustomEvent("countdown:over", { bubbles: true }));
      }
    }
    if (running.every((one) => one.over)) clearInterval(timer);
  };
  const timer = setInterval(tick, EVERY);
  tick();
}

/** Calls `act(element)` for each countdown below `place` that is over, also those that were before this script came. */
export function whenOver(place, act) {
  place.addEventListener("countdown:over", (event) => act(event.target));
  for (const element of place.querySelectorAll("time[data-over]")) act(element);
}
