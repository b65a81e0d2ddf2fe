// Menus are <details>; the script closes them where people expect: outside, on Escape, when another opens.

/** Makes every menu of the page, also later ones, close by itself and show whole inside tables and lists. */
export function closeMenus() {
  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of openMenus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  document.addEventListener("focusout", (event) => {
    const menu = event.target.closest?.("details.menu[open]");
    if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
  // The event does not bubble, but it can be caught on the way down.
  document.addEventListener("toggle", (event) => lift(event.target), true);
  addEventListener("scroll", () => openMenus().filter((menu) => menu.querySelector(".menu-panel:popover-open")).forEach(close), {
    capture: true,
    passive: true,
  });
  // Opened before this script was there.
  openMenus().forEach(lift);
}

function openMenus() {
  return [...document.querySelectorAll("details.menu[open]")];
}

function close(menu) {
  menu.open = false;
}

// Tables and lists cut off what sticks out of them, and so does the window; in the top layer nothing is cut off.
function lift(menu) {
  if (!menu.matches?.("details.menu")) return;
  const panel = menu.querySelector(".menu-panel");
  if (!menu.matches(".table-wrap *, .list *")) {
    // Under a button at the left edge of a phone the panel would begin outside the window.
    if (menu.open && panel.getBoundingClientRect().left < 0) panel.classList.add("menu-panel--left");
    return;
  }
  if (!panel.showPopover) return;
  if (!menu.open) {
    if (panel.matches(":popover-open")) panel.hidePopover();
    return;
  }
  const place = panel.getBoundingClientRect();
  const isCut = menu.matches(".table-wrap *, .list *") || place.left < 0 || place.right > innerWidth;
  if (!isCut) return;
  panel.popover = "manual";
  panel.showPopover();
  const button = menu.querySelector("summary").getBoundingClientRect();
  const { width, height } = panel.getBoundingClientRect();
  const below = button.bottom + 4;
  panel.style.top = `${below + height < innerHeight ? below : Math.max(4, button.top - height - 4)}px`;
  panel.style.left = `${Math.min(Math.max(4, button.right - width), innerWidth - width - 4)}px`;
}
