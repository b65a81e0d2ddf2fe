// On a phone a row of views may be wider than the window: the one that is open should be in sight.

/** Moves each row of tabs, and nothing else, so far that the current one stands in its middle. */
export function showCurrentTab() {
  for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
    const row = tab.closest(".tabs");
    const beside = tab.getBoundingClientRect().left - row.getBoundingClientRect().left;
    row.scrollLeft += beside - (row.clientWidth - tab.clientWidth) / 2;
  }
}
