// One question after the other, where one may also go back: all of them are in the page, one is in sight.

/** Shows one question of the form at a time; returns a function that shows the one of this number. */
export function onePerPage(form) {
  const pager = form.querySelector("[data-pager]");
  const pages = [...form.querySelectorAll("[data-item], [data-settled]")];
  const numberOf = (page) => Number(page.dataset.number ?? page.dataset.settled);
  let at = 0;

  function show(number) {
    at = Math.max(0, pages.findIndex((page) => numberOf(page) === number));
    pages.forEach((page, place) => {
      page.hidden = place !== at;
    });
    for (const heading of form.querySelectorAll("[data-opens]")) {
      heading.hidden = Number(heading.dataset.opens) !== numberOf(pages[at]);
    }
    pager.querySelector("[data-turn='-1']").disabled = at === 0;
    pager.querySelector("[data-turn='1']").disabled = at === pages.length - 1;
  }

  pager.hidden = false;
  pager.addEventListener("click", (event) => {
    const turn = event.target.closest("[data-turn]");
    if (!turn) return;
    show(numberOf(pages[at + Number(turn.dataset.turn)]));
    pages[at].querySelector("[tabindex]")?.focus();
    if (pages[at].matches("[tabindex]")) pages[at].focus();
  });
  const asked = /^#(?:question|item)-(\d+)$/.exec(location.hash);
  const first = location.hash.startsWith("#item-") ? document.querySelector(location.hash)?.dataset : null;
  // Whoever has begun to answer before this script was there stays at that question.
  const begun = pages.find((page) => page.contains(document.activeElement));
  show(begun ? numberOf(begun) : Number(first?.settled ?? first?.number ?? asked?.[1] ?? 1));
  return show;
}
