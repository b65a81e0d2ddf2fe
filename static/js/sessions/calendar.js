// The schedule: choosing a batch shows it at once, and the calendar's address is copied with one press.
import { toast } from "../lib/toast.js";

const filter = document.getElementById("batch-filter");
filter?.addEventListener("change", () => filter.requestSubmit());

const feed = document.getElementById("feed");
const copy = document.getElementById("copy-feed");
// Browsers give the clipboard to secure pages only; elsewhere the address can still be selected by hand.
if (navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(feed.value);
    toast(copy.dataset.done, "good");
  });
}
feed.addEventListener("focus", () => feed.select());
