// Buttons with commandfor open and close dialogs by themselves in new browsers; for the others this does it.

/** Makes commandfor buttons work where the browser does not know them, and lets a click on the veil close. */
export function openDialogs() {
  const native = "commandForElement" in HTMLButtonElement.prototype;
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[commandfor]");
    if (button && !native) {
      const dialog = document.getElementById(button.getAttribute("commandfor"));
      if (button.getAttribute("command") === "show-modal") dialog?.showModal();
      else if (button.getAttribute("command") === "close") dialog?.close();
    }
    // Only the veil itself is the dialog as target; what lies inside has its own elements.
    if (event.target instanceof HTMLDialogElement && event.target.open && isOutside(event.target, event)) {
      event.target.close("no");
    }
  });
}

function isOutside(dialog, event) {
  if (event.detail === 0) return false;
  const box = dialog.getBoundingClientRect();
  const { clientX: x, clientY: y } = event;
  return x < box.left || x > box.right || y < box.top || y > box.bottom;
}
