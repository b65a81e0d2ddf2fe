// What the browser tells of the line and of the page: back, lost, hidden, shown, about to be left.

/** Calls back on what happens; `isUnsafe` says whether leaving now would lose something. */
export function watchLine({ onBack, onLost, onHidden, onShown, isUnsafe }) {
  addEventListener("online", onBack);
  addEventListener("offline", onLost);
  document.addEventListener("visibilitychange", () => {
    onHidden();
    if (document.visibilityState === "visible") onShown();
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  addEventListener("beforeunload", (event) => {
    if (isUnsafe()) event.preventDefault();
  });
}
