// Copies a code or link that is shown this once; without the clipboard the button stays away.

for (const notice of document.querySelectorAll(".notice")) {
  const button = notice.querySelector("[data-copy]");
  const shown = notice.querySelector("[data-copied]");
  if (!button || !shown || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(shown.textContent.trim());
      notice.querySelector("[data-copy-done]").hidden = false;
    } catch {
      // The browser said no: let the person copy by hand.
      getSelection().selectAllChildren(shown);
    }
  });
}
