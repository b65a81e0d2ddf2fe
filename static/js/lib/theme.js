// Light or dark: the choice is a cookie, so that the server paints the first view right and nothing flashes.

const YEAR = 31536000;

function shownTheme() {
  const chosen = document.documentElement.dataset.theme;
  return chosen || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

function drawButton(button) {
  const use = button.querySelector("use");
  const sprite = use.getAttribute("href").split("#")[0];
  const dark = shownTheme() === "dark";
  use.setAttribute("href", `${sprite}#${dark ? "sun" : "moon-stars"}`);
  button.setAttribute("aria-pressed", String(dark));
}

/** Shows the theme button and makes it work. */
export function offerThemes() {
  const button = document.getElementById("theme");
  if (!button) return;
  button.removeAttribute("data-waits");
  drawButton(button);
  button.addEventListener("click", () => {
    const theme = shownTheme() === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${theme}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
    drawButton(button);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawButton(button));
}
