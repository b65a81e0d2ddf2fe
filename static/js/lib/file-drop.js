// Files may be dropped on the whole field, not only chosen by its button.

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
