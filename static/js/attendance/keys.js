// Lines by keyboard: j and k go from line to line, Enter opens the line's reasons, / goes to the search.

/** `root()` gives the element whose rows are walked; `search` is focused by the slash. */
export function walkLines(root, search) {
  const rows = () => [...root().querySelectorAll("tr[data-person]")].filter((row) => !row.closest("[hidden]"));

  function go(step) {
    const all = rows();
    const here = all.indexOf(document.activeElement?.closest?.("tr[data-person]"));
    const next = all[here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + step, 0), all.length - 1)];
    next?.focus({ preventScroll: true });
    next?.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target === search && event.key === "Escape") {
      search.blur();
      return;
    }
    if (event.target.matches("input, select, textarea, [contenteditable]")) return;
    const onLine = event.target.matches("tr[data-person]");
    if (event.key === "j" || (onLine && event.key === "ArrowDown")) go(1);
    else if (event.key === "k" || (onLine && event.key === "ArrowUp")) go(-1);
    else if (event.key === "/") search.focus();
    else if (onLine && event.key === "Enter") event.target.querySelector("a[href]").click();
    else return;
    event.preventDefault();
  });
}
