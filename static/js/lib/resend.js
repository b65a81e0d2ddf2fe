// A form that was refused, kept to be sent again: with the token of the sign-in that has been made elsewhere meanwhile.

const form = document.getElementById("kept");
let isSending = false;

/** Asks for the token that holds now; says so when somebody has signed in. */
async function catchUp() {
  try {
    const reply = await fetch(form.dataset.token, { headers: { Accept: "application/json" } });
    const { token, is_signed_in: isSignedIn } = await reply.json();
    form.elements.csrf_token.value = token;
    const link = document.getElementById("sign-in-elsewhere");
    if (!isSignedIn || !link) return;
    link.remove();
    document.getElementById("signed-in").hidden = false;
    form.querySelector("button").classList.remove("button--secondary");
  } catch {
    // Without a line nothing can be sent either; the next look asks again.
  }
}

addEventListener("focus", catchUp);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && catchUp());
form.addEventListener("submit", () => {
  isSending = true;
});
// Leaving would lose what is kept nowhere else.
addEventListener("beforeunload", (event) => {
  if (!isSending) event.preventDefault();
});
