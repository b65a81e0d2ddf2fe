// Courses are sent in the order in which they stand; the arrows move a line up or down.

const list = document.getElementById("course-order");

function settle() {
  for (const line of list.children) {
    line.querySelector('[data-move="up"]').disabled = !line.previousElementSibling;
    line.querySelector('[data-move="down"]').disabled = !line.nextElementSibling;
  }
}

if (list && list.children.length > 1) {
  for (const movers of list.querySelectorAll("[data-movers]")) movers.hidden = false;
  settle();
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    const line = button.closest("li");
    if (button.dataset.move === "up") line.previousElementSibling?.before(line);
    else line.nextElementSibling?.after(line);
    settle();
    // A button that can go no further loses the focus to its neighbour, not to the page.
    (button.disabled ? line.querySelector("[data-move]:not([disabled])") : button).focus();
  });
}
