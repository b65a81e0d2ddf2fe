// The menu at the end of a line: one for all lines, copied into the one whose button is pressed. Without script the
// button leads to the person's page, where the same can be done.

export function offerActs() {
  const template = document.getElementById("acts");
  if (!template) return;
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-acts]");
    if (!button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(button, template);
  });
}

function open(button, template) {
  const row = button.closest("tr[data-person]");
  const menu = template.content.cloneNode(true).querySelector("details");
  const { person, group } = row.dataset;
  const name = row.querySelector(".line-name").textContent;
  const holds = { away: group !== "present", seen: "seen" in row.dataset, walked: "walked" in row.dataset };
  for (const item of menu.querySelectorAll("[data-if]")) {
    if (!holds[item.dataset.if]) item.remove();
  }
  for (const item of menu.querySelectorAll('[name="people"]')) item.value = person;
  for (const item of menu.querySelectorAll("[formaction]")) item.setAttribute("formaction", item.getAttribute("formaction").replace("/0/", `/${person}/`));
  for (const item of menu.querySelectorAll("[data-confirm]")) item.dataset.confirm = item.dataset.confirm.replace("{name}", name);
  const why = menu.querySelector("a");
  why.href = why.getAttribute("href").replace(/0$/, person);
  menu.addEventListener("toggle", () => {
    if (menu.open) return;
    const hadFocus = menu.contains(document.activeElement);
    menu.replaceWith(button);
    if (hadFocus) button.focus({ preventScroll: true });
  });
  button.replaceWith(menu);
  menu.open = true;
  menu.querySelector("summary").focus({ preventScroll: true });
}
