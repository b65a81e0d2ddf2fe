// Rows of the question editor are added in the page, so that nothing typed has to travel for it.

/** Returns a copy of the row, empty and under the next number. */
function emptyCopy(row, name, number) {
  const copy = row.cloneNode(true);
  copy.dataset.row = number;
  const renumber = (text) => text.replace(new RegExp(`${name}-\\d+-`, "g"), `${name}-${number}-`);
  for (const part of copy.querySelectorAll("*")) {
    for (const attribute of ["name", "id", "for", "aria-describedby"]) {
      if (part.hasAttribute(attribute)) part.setAttribute(attribute, renumber(part.getAttribute(attribute)));
    }
  }
  for (const field of copy.querySelectorAll("input, textarea")) {
    if (field.type === "checkbox") field.checked = false;
    else field.value = "";
    field.removeAttribute("aria-invalid");
  }
  for (const error of copy.querySelectorAll(".field-error")) error.remove();
  for (const details of copy.querySelectorAll("details")) details.open = false;
  return copy;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-add]");
  if (!button) return;
  event.preventDefault();
  const name = button.dataset.add;
  const list = button.closest("[data-rows]").querySelector("[data-row-list]");
  const numbers = [...list.children].map((row) => Number(row.dataset.row));
  const copy = emptyCopy(list.lastElementChild, name, Math.max(...numbers) + 1);
  list.append(copy);
  copy.querySelector("input:not([type=hidden], [type=checkbox]), textarea").focus();
});
