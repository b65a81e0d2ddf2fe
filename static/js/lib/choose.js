// Choosing several lines of a list: all at once, and how many they are. The form is #chosen; its boxes name it.
export function chooseSeveral() {
  const form = document.getElementById("chosen");
  const boxes = [...document.querySelectorAll('tbody input[type="checkbox"][form="chosen"]')];
  if (!form || !boxes.length) return;
  const all = document.getElementById("choose-all");

  function count() {
    const number = boxes.filter((box) => box.checked).length;
    all.checked = number === boxes.length;
    all.indeterminate = number > 0 && number < boxes.length;
    form.querySelector("[data-count]").textContent = number || "";
    for (const button of form.querySelectorAll("button")) button.disabled = number === 0;
  }

  all.closest("[data-waits]").removeAttribute("data-waits");
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    count();
  });
  for (const box of boxes) box.addEventListener("change", count);
  // A browser that comes back to the page keeps what was ticked.
  addEventListener("pageshow", count);
  count();
}
