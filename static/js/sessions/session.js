// The way into the room appears when its doors open and goes when they close; the server asks again anyway.

const wayIn = document.getElementById("way-in");

function show(state) {
  for (const part of wayIn.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== state;
}

wayIn?.addEventListener("countdown:over", (event) => {
  show(event.target.closest('[data-when="early"]') ? "open" : "over");
});
