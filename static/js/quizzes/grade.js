// Grading by keyboard: digits choose levels, criterion by criterion, Ctrl + Enter saves and goes on to the next answer.

const form = document.getElementById("decision");

/** Chooses the nth level of the first criterion that has none yet, or of the one the focus is in. */
function choose(number) {
  const groups = [...form.querySelectorAll("fieldset")];
  const within = groups.find((group) => group.contains(document.activeElement));
  const open = groups.find((group) => !group.querySelector("input:checked"));
  const level = (within ?? open ?? groups[0])?.querySelectorAll("input[type=radio]")[number - 1];
  if (!level) return;
  level.checked = true;
  const next = groups.find((group) => !group.querySelector("input:checked"));
  (next?.querySelector("input") ?? level).focus();
}

document.addEventListener("keydown", (event) => {
  if (!form) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  } else if (/^[1-9]$/.test(event.key) && !event.target.matches("textarea, input[type=text]")) {
    choose(Number(event.key));
  }
});
