// Moves the bar while a long sheet is read or entered, and shows the result once it is done.

const LOOK_EVERY = 1000; // milliseconds

const progress = document.getElementById("progress");
const bar = document.getElementById("progress-bar");
const done = document.getElementById("progress-done");

async function look() {
  try {
    const answer = await fetch(progress.dataset.address, { headers: { Accept: "application/json" } });
    if (answer.ok) {
      const now = await answer.json();
      if (now.state !== progress.dataset.state) {
        location.reload();
        return;
      }
      bar.value = now.done;
      done.textContent = String(now.done);
    }
  } catch {
    // The line is gone for a moment; the next look asks again.
  }
  setTimeout(look, LOOK_EVERY);
}

setTimeout(look, LOOK_EVERY);
