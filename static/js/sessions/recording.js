// The player of a recording: notes what really plays, and tells the server every few seconds.
//
// Only time that passes while the film runs is noted: jumping over a part does not count it. Without a connection the
// stretches are kept and told later.

const REPORT_EVERY = 15_000;
// Two positions a player reports further apart than this were not reached by playing.
const LARGEST_STEP = 1.5;

const place = document.getElementById("film");
const film = place.querySelector("video");
const mine = document.getElementById("mine");
const length = Number(place.dataset.length);

let kept = []; // stretches not told yet
let current = null; // the stretch that plays now
let last = null; // {position, at}
let reporting = false;
let begun = false;

function close() {
  if (current && current[1] - current[0] > 0.2) kept.push(current.map((second) => Math.round(second * 10) / 10));
  current = null;
  last = null;
}

function note() {
  const position = film.currentTime;
  const at = performance.now();
  if (film.seeking || film.paused) {
    close();
    return;
  }
  const passed = last ? (at - last.at) / 1000 : 0;
  const moved = last ? position - last.position : 0;
  const believable = moved >= 0 && moved <= Math.max(LARGEST_STEP, passed * film.playbackRate + 0.5);
  if (!current || !believable) {
    close();
    current = [position, position];
  } else {
    current[1] = position;
  }
  last = { position, at };
}

function show(seconds) {
  mine.querySelector('[data-part="minutes"]').textContent = Math.floor(seconds / 60);
}

function draw(spans) {
  const bar = mine.querySelector('[data-part="spans"]');
  for (const [start, end] of spans) {
    const part = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    part.setAttribute("class", "bar-fill");
    part.setAttribute("x", `${(start / length) * 100}%`);
    part.setAttribute("width", `${((end - start) / length) * 100}%`);
    part.setAttribute("height", "100%");
    bar.append(part);
  }
}

async function report({ leaving = false } = {}) {
  // What plays on is told up to here, and goes on from here.
  const playing = current && !film.paused && !film.seeking ? [film.currentTime, film.currentTime] : null;
  close();
  if (playing) {
    current = playing;
    last = { position: playing[0], at: performance.now() };
  }
  if (reporting || (begun && !kept.length)) return;
  const spans = kept.splice(0, 400);
  reporting = true;
  try {
    const answer = await fetch(place.dataset.played, {
      method: "POST",
      keepalive: leaving,
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json",
        "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content,
      },
      body: JSON.stringify({ spans }),
    });
    if (!answer.ok) throw new Error(`played: ${answer.status}`);
    const { seconds } = await answer.json();
    begun = true;
    show(seconds);
    draw(spans);
  } catch {
    // Not connected, or the server is starting anew: the stretches wait for the next report.
    kept.unshift(...spans);
  } finally {
    reporting = false;
  }
}

// The first report only begins the count, so that what follows can be compared with the time that passed.
film.addEventListener("play", () => begun || report());
film.addEventListener("timeupdate", note);
film.addEventListener("seeking", close);
film.addEventListener("ratechange", () => {
  // No more than twice as fast counts, so no more is offered.
  if (film.playbackRate > 2) film.playbackRate = 2;
});
for (const end of ["pause", "ended"]) film.addEventListener(end, () => report());
const fail = () => (place.querySelector('[data-part="failed"]').hidden = false);
film.addEventListener("error", fail);
// It may play, or have failed, before this script is there.
if (!film.paused) report();
if (film.error) fail();
setInterval(() => begun && report(), REPORT_EVERY);
const leave = () => begun && report({ leaving: true });
document.addEventListener("visibilitychange", () => document.hidden && leave());
addEventListener("pagehide", leave);
