// How each kind of question is read from its controls and written back to them.

const typed = {
  read: ({ inputs }) => inputs[0].value.trim() || null,
  write({ inputs }, response) {
    inputs[0].value = response ?? "";
  },
};

const chosen = (inputs) => inputs.filter((input) => input.checked).map((input) => input.value);

function check({ inputs }, response) {
  const wanted = [].concat(response ?? []).map(String);
  for (const input of inputs) input.checked = wanted.includes(input.value);
}

/** A part is named by what stands behind the question's number in its control's name. */
const partOf = (input) => input.name.split("-").slice(2).join("-");

const parts = {
  read({ inputs }) {
    const filled = inputs.filter((input) => input.value.trim());
    return filled.length ? Object.fromEntries(filled.map((input) => [partOf(input), input.value.trim()])) : null;
  },
  write({ inputs }, response) {
    for (const input of inputs) input.value = response?.[partOf(input)] ?? "";
  },
};

const ordering = {
  read: parts.read,
  write(question, response) {
    parts.write(question, response);
    const list = question.element.querySelector("[data-steps]");
    const place = (step) => Number(step.querySelector("select").value) || list.children.length;
    list.append(...[...list.children].sort((a, b) => place(a) - place(b)));
  },
};

const KINDS = {
  single: { read: ({ inputs }) => chosen(inputs)[0] ?? null, write: check },
  multiple: {
    read({ inputs }) {
      const ticked = chosen(inputs);
      return ticked.length ? ticked : null;
    },
    write: check,
  },
  truefalse: {
    read({ inputs }) {
      const [answer] = chosen(inputs);
      return answer === undefined ? null : answer === "true";
    },
    write: check,
  },
  number: typed,
  text: typed,
  essay: typed,
  matching: parts,
  cloze: parts,
  ordering,
  // The file itself goes its own way (files.js); what is answered is the number of its row.
  file: {
    read: ({ element }) => element.dataset.file || null,
    write({ element }, response) {
      element.dataset.file = response ?? "";
    },
  },
};

/** Returns how this kind is read and written; one this page is too old to know is left alone. */
export function kindOf(name) {
  return KINDS[name] ?? { read: () => null, write() {} };
}

/** Lets the steps of an ordering be moved up and down; `changed` is called with the question's element. */
export function moveSteps(root, changed) {
  for (const list of root.querySelectorAll("[data-steps]")) {
    const said = list.parentElement.querySelector("[data-steps-said]");
    for (const move of list.querySelectorAll("[data-move]")) move.hidden = false;
    for (const select of list.querySelectorAll("select")) select.classList.add("visually-hidden");
    list.addEventListener("click", (event) => {
      const button = event.target.closest("[data-by]");
      if (!button) return;
      const step = button.closest("[data-step]");
      const other = button.dataset.by < 0 ? step.previousElementSibling : step.nextElementSibling;
      if (!other) return;
      if (button.dataset.by < 0) other.before(step);
      else other.after(step);
      const steps = [...list.children];
      steps.forEach((one, at) => {
        one.querySelector("select").value = String(at + 1);
      });
      button.focus();
      said.textContent = list.dataset.moved
        .replace("{step}", step.querySelector("[data-step-words]").textContent)
        .replace("{place}", steps.indexOf(step) + 1)
        .replace("{count}", steps.length);
      changed(list.closest("[data-item]"));
    });
  }
}

/** Counts the words of essays as they are written. */
export function countWords(root) {
  for (const field of root.querySelectorAll("textarea")) {
    const shown = field.parentElement.querySelector("[data-words-now]");
    if (!shown) continue;
    const count = () => {
      const words = field.value.trim().split(/\s+/).filter(Boolean).length;
      shown.textContent = (words === 1 ? shown.dataset.one : shown.dataset.more).replace("{n}", words);
    };
    shown.hidden = false;
    field.addEventListener("input", count);
    count();
  }
}
