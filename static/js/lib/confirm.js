// A form with data-confirm="question" asks first, in the page's own dialog.

/** Returns a promise of whether the person said yes. `danger` colours the button. */
export function ask(question, { yes, danger = false } = {}) {
  const dialog = document.getElementById("confirm");
  if (!dialog) return Promise.resolve(window.confirm(question));
  const button = document.getElementById("confirm-yes");
  button.dataset.plain ??= button.textContent;
  document.getElementById("confirm-text").textContent = question;
  button.textContent = yes || button.dataset.plain;
  button.classList.toggle("button--danger", danger);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

/** Makes every form with data-confirm ask before it is sent. */
export function askFirst() {
  // Caught on the way down, so that an unanswered question also stops the other listeners.
  document.addEventListener(
    "submit",
    async (event) => {
      const form = event.target;
      const question = event.submitter?.dataset.confirm || form.dataset.confirm;
      if (!question || form.dataset.confirmed === "yes") return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const submitter = event.submitter;
      const danger = Boolean(submitter?.matches(".button--danger, .button--danger-quiet, .menu-item--danger"));
      if (!(await ask(question, { yes: submitter?.textContent.trim(), danger }))) return;
      form.dataset.confirmed = "yes";
      form.requestSubmit(submitter);
      delete form.dataset.confirmed;
    },
    true,
  );
  document.documentElement.dataset.asks = "";
}
