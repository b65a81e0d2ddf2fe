// The editor: a preview that follows the writing, and buttons that put Markdown around what is selected.

const editor = document.getElementById("editor");
const text = editor.elements.markdown;
const shown = editor.querySelector("[data-html]");
const problems = editor.querySelector("[data-problems]");
const state = editor.querySelector("[data-preview-state]");
const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";

// Only the newest request's answer is shown, whatever order they come back in.
let newest = 0;
let waiting = null;

async function refresh() {
  const mine = ++newest;
  state.textContent = state.dataset.working;
  try {
    const response = await fetch(editor.dataset.preview, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
      body: JSON.stringify({ language: editor.elements.language.value, markdown: text.value }),
    });
    if (!response.ok) throw new Error(String(response.status));
    const answer = await response.json();
    if (mine !== newest) return;
    show(answer);
    state.textContent = "";
  } catch {
    if (mine === newest) state.textContent = state.dataset.failed;
  }
}

function show(answer) {
  // Cleaned by the server; parsed apart from the page, so that nothing in it could run even then.
  const parsed = new DOMParser().parseFromString(answer.html, "text/html");
  shown.replaceChildren(...parsed.body.childNodes);
  problems.replaceChildren(
    ...answer.problems.map((problem) => {
      const line = document.createElement("li");
      line.className = problem.error ? "tone-bad" : "tone-warn";
      line.textContent = `${problems.dataset.line} ${problem.line}: ${problem.text}`;
      return line;
    }),
  );
}

text.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(refresh, 500);
});

// "## |" stands before each selected line, "**|**" around the selection.
function wrap(pattern) {
  const [before, after] = pattern.split("|");
  const { selectionStart: from, selectionEnd: to, value } = text;
  const chosen = value.slice(from, to);
  const isLine = after === "" && !before.includes("[");
  const atLineStart = from === 0 || value[from - 1] === "\n";
  const lead = isLine && !atLineStart ? "\n" : "";
  const body = isLine ? chosen.split("\n").join(`\n${before.split("\n").pop()}`) : chosen;
  text.focus();
  text.setRangeText(`${lead}${before}${body}${after}`, from, to, "end");
  if (!chosen && after) text.setSelectionRange(from + before.length, from + before.length);
  text.dispatchEvent(new Event("input"));
}

for (const tool of editor.querySelectorAll("[data-wrap]")) {
  tool.addEventListener("click", () => wrap(tool.dataset.wrap));
}
editor.querySelector(".editor-tools").removeAttribute("data-waits");

// A closed tab must not lose an afternoon's writing silently.
const before = text.defaultValue;
if (text.value !== before) refresh();
let isSent = false;
editor.addEventListener("submit", () => {
  isSent = true;
});
addEventListener("beforeunload", (event) => {
  if (!isSent && text.value !== before) event.preventDefault();
});
