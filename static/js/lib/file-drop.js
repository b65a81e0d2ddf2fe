// Files may be dropped on the whole field, not only chosen by its button, and what is chosen is named in it.

/** Names the chosen files in every .file-choice, also those that a browser remembers when it comes back to a page. */
export function nameChosenFiles() {
  const name = (input) => {
    const words = input.closest(".file-choice")?.querySelector(".file-choice-name");
    if (words) words.textContent = [...input.files].map((file) => file.name).join(", ") || words.dataset.none;
  };
  const nameAll = () => document.querySelectorAll(".file-choice input").forEach(name);
  nameAll();
  window.addEventListener("pageshow", nameAll);
  document.addEventListener("change", (event) => event.target.type === "file" && name(event.target));
  document.addEventListener("reset", () => setTimeout(nameAll));
}

/** Makes every [data-file-drop] show that it takes what is held over it. */
export function acceptDrops(root = document) {
  for (const field of root.querySelectorAll("[data-file-drop]")) {
    const area = field.querySelector(".drop");
    const input = field.querySelector("input[type=file]");
    for (const kind of ["dragenter", "dragover"]) {
      area.addEventListener(kind, (event) => {
        event.preventDefault();
        area.classList.add("is-over");
      });
    }
    area.addEventListener("dragleave", () => area.classList.remove("is-over"));
    area.addEventListener("drop", (event) => {
      event.preventDefault();
      area.classList.remove("is-over");
      if (!event.dataTransfer.files.length) return;
      const chosen = new DataTransfer();
      const files = [...event.dataTransfer.files];
      for (const file of input.multiple ? files : files.slice(0, 1)) chosen.items.add(file);
      input.files = chosen.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
}
