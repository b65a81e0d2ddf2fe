// Small kindnesses of forms: look at a password, and send once however often one taps.

/** Shows the buttons that reveal a password. */
export function showPasswords() {
  for (const button of document.querySelectorAll("[data-shows]")) {
    const input = document.getElementById(button.dataset.shows);
    const use = button.querySelector("use");
    button.removeAttribute("data-waits");
    button.addEventListener("click", () => {
      const show = input.type === "password";
      input.type = show ? "text" : "password";
      button.setAttribute("aria-pressed", String(show));
      use.setAttribute("href", `${use.getAttribute("href").split("#")[0]}#${show ? "eye-slash" : "eye"}`);
    });
  }
}

/** Tells the whole of what is chosen in a box of filters to whoever rests on it: a long unit may be wider than the box. */
export function nameChoices() {
  for (const box of document.querySelectorAll("form[method='get'] select")) {
    const tell = () => {
      box.title = box.selectedOptions[0]?.text ?? "";
    };
    tell();
    box.addEventListener("change", tell);
  }
}

/** Names the field before each complaint on top of a form: several that say only "required" are alike without it. */
export function nameProblems() {
  for (const link of document.querySelectorAll(":is(.error-summary, [data-named]) a[href^='#f-']")) {
    const field = document.getElementById(link.hash.slice(1));
    const label = field?.labels?.[0] ?? field?.querySelector("legend");
    const name = [...(label?.childNodes ?? [])].find((one) => one.nodeType === Node.TEXT_NODE)?.data.trim();
    if (name && !link.textContent.includes(name)) link.prepend(`${name.replace(/[:?]$/, "")}: `);
  }
}

/** Returns whether a field of the form holds something else than it came with: typed or chosen before the script was there. */
export function isFilledIn(form) {
  return [...form.elements].some((field) => {
    if (!field.options) return "defaultValue" in field && field.value !== field.defaultValue;
    const options = [...field.options];
    return field.selectedIndex !== Math.max(0, options.findIndex((one) => one.defaultSelected));
  });
}

/** Goes to the complaints of a form handed in wrongly: it may stand far down its page, and ears hear nothing of it there. */
export function meetProblems() {
  // Nor is the focus taken from where somebody types already.
  if (!document.querySelector("[autofocus]") && document.activeElement === document.body) document.querySelector(".error-summary")?.focus();
}

/** Holds a POST form's button after the first tap; a page that comes back from the history is free again. */
export function hold() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    event.submitter?.setAttribute("aria-busy", "true");
    // A download leaves the page where it is; then the form must work again.
    setTimeout(() => release(form), 8000);
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));
}

function release(form) {
  delete form.dataset.sent;
  form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
}
