// Taking a quiz: every change is saved within a second, survives a lost line, and is sent until acknowledged.
import { ask } from "../lib/confirm.js";
import { nonce } from "../lib/device.js";
import { toast } from "../lib/toast.js";
import { Files } from "./files.js";
import { countWords, moveSteps } from "./kinds.js";
import { watchLine } from "./line.js";
import { LostLine } from "./lost-line.js";
import { onePerPage } from "./pager.js";
import { findQuestions } from "./questions.js";
import { Halted, PATIENCE, talk } from "./talk.js";
import { TimeLeft } from "./time-left.js";
import { Unsent } from "./unsent.js";

const TYPING_PAUSE = 500;
const LOOK_EVERY = 60000;
const RETRIES = [1000, 2000, 4000, 8000, 15000];

const form = document.getElementById("paper");
const saving = document.getElementById("saving");
const questions = findQuestions(form);
// A name for this page and not for the browser: two tabs are two writers and must not pass for one.
const device = nonce();
const unsent = new Unsent(form.dataset.attempt, device);
const typing = new Map();
const TYPED = "input[type=text], textarea";
const tabs = "BroadcastChannel" in window ? new BroadcastChannel(`jembatan.quiz.${form.dataset.attempt}`) : null;

let isSending = false;
let failures = 0;
let halted = null;
let isLeaving = false;
let retryTimer = 0;

const token = () => form.elements.csrf_token.value;
const line = new LostLine(form.dataset.attempt, form.dataset.lineOutages, token, device);

function showState() {
  let state = "saved";
  if (halted) state = halted;
  else if (clock.isOver) state = "over";
  else if (failures) state = "offline";
  else if (unsent.size || typing.size) state = "saving";
  if (saving.dataset.shows === state) return;
  saving.dataset.shows = state;
  for (const line of saving.querySelectorAll("[data-state]")) line.hidden = line.dataset.state !== state;
}

function draw() {
  let answered = Number(form.dataset.settledCount);
  for (const question of questions.values()) {
    question.draw(unsent.has(question.item) && failures > 0);
    answered += question.isAnswered;
  }
  document.querySelector("[data-answered]").textContent = answered;
  showState();
}

/** Keeps what the question shows now as a change, and sends it. */
function note(question) {
  clearTimeout(typing.get(question.item));
  typing.delete(question.item);
  // Leaving a field says "changed" although its text was kept while it was typed.
  if (!question.isChanged) return showState();
  question.remember();
  const seq = Math.max(question.seq, unsent.get(question.item)?.seq ?? 0) + 1;
  const { item, response } = question;
  unsent.put({ item, seq, device, response, flagged: question.flag.checked, changedAt: Date.now() });
  draw();
  pump();
}

function noteTyped() {
  for (const item of [...typing.keys()]) note(questions.get(item));
}

const age = (change) => Math.max(0, (Date.now() - change.changedAt) / 1000);

const asSent = (change) => ({
  item: change.item,
  seq: change.seq,
  device: change.device,
  response: change.response,
  flagged: change.flagged,
  age: age(change),
});

async function pump() {
  clearTimeout(retryTimer);
  if (isSending || halted || !unsent.size) return;
  isSending = true;
  const changes = unsent.all().slice(0, 50);
  const since = Date.now();
  let reply = null;
  try {
    reply = await talk(form.dataset.answers, token(), { answers: changes.map(asSent) });
    failures = 0;
    line.back(since);
  } catch (error) {
    if (error instanceof Halted) halted = error.message;
    else {
      failures += 1;
      line.lost(since);
    }
  }
  isSending = false;
  if (reply) settle(changes, reply);
  draw();
  if (failures) retryTimer = setTimeout(pump, RETRIES[Math.min(failures, RETRIES.length) - 1]);
  else if (unsent.size) pump();
  else if (reply?.submitted) leave();
}

function settle(changes, reply) {
  reply.answers.forEach((answer, at) => settleOne(changes[at], answer));
  if (reply.seconds_left !== undefined) clock.set(reply.seconds_left);
}

function settleOne(change, answer) {
  const question = questions.get(change.item);
  question.refuse(answer.status === "refused" ? answer.text : "");
  if (answer.status !== "older") {
    question.seq = Math.max(question.seq, answer.seq);
    unsent.settle(change);
    if (answer.status === "saved") tabs?.postMessage({ ...change, seq: answer.seq });
    return;
  }
  // Another page wrote this answer. Whoever changed it last in time keeps it, not whoever happened to count higher.
  question.seq = answer.seq;
  const mine = unsent.get(change.item);
  if (mine && age(mine) < answer.age) {
    unsent.put({ ...mine, seq: answer.seq + 1, device });
  } else {
    unsent.settle(mine ?? change);
    unsent.settle(change);
    adopt(question, answer);
    toast(form.dataset.elsewhere, "info");
  }
}

function adopt(question, answer) {
  question.seq = answer.seq;
  question.show(answer.response, answer.flagged);
}

/** Asks how things stand: time left, other devices' answers, whether it is submitted. */
async function look() {
  if (halted || isLeaving) return;
  const since = Date.now();
  try {
    const reply = await talk(form.dataset.stateUrl, token());
    line.back(since);
    if (failures) {
      failures = 0;
      pump();
    }
    for (const answer of reply.answers) {
      const question = questions.get(answer.item);
      if (answer.seq > question.seq && !unsent.has(answer.item) && !typing.has(answer.item)) adopt(question, answer);
    }
    clock.set(reply.seconds_left);
    if (reply.submitted && !unsent.size) leave();
    else if (reply.reached !== Number(form.dataset.reached)) reload();
  } catch (error) {
    if (error instanceof Halted) halted = error.message;
    else {
      line.lost(since);
      failures = Math.max(failures, 1);
      clearTimeout(retryTimer);
      retryTimer = setTimeout(look, RETRIES.at(-1));
    }
  }
  draw();
}

async function leave() {
  if (isLeaving) return;
  isLeaving = true;
  await line.told();
  await unsent.clear();
  location.assign(form.dataset.review);
}

/** Another tab or device has gone on to the next question. */
function reload() {
  if (isLeaving || unsent.size) return;
  isLeaving = true;
  location.reload();
}

/** Sends what waits and resolves with whether everything is acknowledged. */
async function flush() {
  noteTyped();
  const until = performance.now() + PATIENCE;
  while ((unsent.size || isSending || files.size) && !halted && performance.now() < until) {
    if (!isSending) {
      clearTimeout(retryTimer);
      await pump();
    }
    if (failures) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await line.told();
  return !unsent.size && !files.size;
}

function sendForm(button) {
  if (isLeaving) return;
  isLeaving = true;
  // The answers are saved already; what this page still shows may be older than another device's.
  form.elements.scripted.value = "yes";
  for (const input of form.querySelectorAll("input[type=file]")) input.disabled = true;
  if (button) form.requestSubmit(button);
  else form.submit();
}

/** Does what a button of the form says (go on, check, submit) once everything is acknowledged. */
async function act(button) {
  if (await flush()) sendForm(button);
  else if (!halted) toast(form.dataset.cannot, "warn");
}

async function submit(button) {
  noteTyped();
  const open = [...questions.values()].filter((question) => !question.isAnswered).map((question) => question.number);
  const { askAll, askSome, yes } = form.dataset;
  const sentence = open.length ? askSome.replace("{numbers}", open.join(", ")) : askAll;
  if (await ask(sentence, { yes })) act(button);
}

async function timeIsOver() {
  noteTyped();
  for (const question of questions.values()) question.disable();
  draw();
  if (await flush()) sendForm();
  // Otherwise the server submits what it has, and the next answer that gets through is told so and leads on.
}

const clock = new TimeLeft(document.getElementById("clock"), document.getElementById("announce"), () => {
  setTimeout(timeIsOver, 0);
});

const files = new Files(form, device, (question, reply) => {
  question.seq = Math.max(question.seq, reply.seq);
  if (reply.status !== "saved") return look();
  question.show(reply.response, question.flag.checked);
  draw();
});

form.addEventListener("change", (event) => {
  const question = questions.get(Number(event.target.closest("[data-item]")?.dataset.item));
  if (!question) return;
  if (event.target.type !== "file") note(question);
  else if (event.target.files.length) files.take(question, event.target.files[0]);
});

form.addEventListener("input", (event) => {
  if (!event.target.matches(TYPED)) return;
  const question = questions.get(Number(event.target.closest("[data-item]").dataset.item));
  clearTimeout(typing.get(question.item));
  typing.set(question.item, setTimeout(() => note(question), TYPING_PAUSE));
  showState();
});

form.addEventListener("keydown", (event) => {
  // Enter in a field would send everything; whoever presses it means "done with this one".
  if (event.key === "Enter" && event.target.type === "text") {
    event.preventDefault();
    const question = questions.get(Number(event.target.closest("[data-item]").dataset.item));
    note(question);
    document.getElementById(`question-${question.number + 1}`)?.focus();
  }
});

form.addEventListener("submit", (event) => {
  if (isLeaving) return;
  event.preventDefault();
  const button = event.submitter;
  // Enter on a choice presses this; everything is saved by itself.
  if (button?.value === "save") return noteTyped();
  // Later, since with everything saved the form would be sent within this very event, which browsers ignore silently.
  if (button?.name === "action") setTimeout(() => act(button), 0);
  else submit(button);
});

form.addEventListener("click", (event) => {
  const jump = event.target.closest("[data-jump]");
  if (!jump) return;
  show?.(Number(jump.hash.replace("#question-", "")));
  questions.get(Number(jump.dataset.jump))?.element.focus({ preventScroll: true });
});

tabs?.addEventListener("message", ({ data }) => {
  const question = questions.get(data.item);
  if (question && data.seq > question.seq && !unsent.has(data.item) && !typing.has(data.item)) {
    adopt(question, data);
    draw();
  }
});

watchLine({
  onBack() {
    failures = 0;
    pump();
    look();
  },
  onLost() {
    line.lost();
    failures = Math.max(failures, 1);
    draw();
  },
  onHidden: noteTyped,
  onShown: look,
  isUnsafe: () => !isLeaving && ((unsent.size && failures) || files.size),
});
setInterval(look, LOOK_EVERY);

const show = "oneByOne" in form.dataset ? onePerPage(form) : null;
moveSteps(form, (element) => note(questions.get(Number(element.dataset.item))));
countWords(form);
draw();
for (const question of questions.values()) question.flag.closest("label").removeAttribute("data-waits");
document.getElementById("status").removeAttribute("data-waits");
for (const question of questions.values()) {
  const file = question.inputs.find((input) => input.files?.length)?.files[0];
  if (file) files.take(question, file);
  else if (question.isChanged) note(question);
}
for (const change of await unsent.left()) {
  const question = questions.get(change.item);
  // Somebody may have begun to type in the meantime; what was kept is older than that.
  if (!question || unsent.has(change.item) || question.isChanged) continue;
  if (change.seq > question.seq) question.show(change.response, change.flagged);
  unsent.put(change);
}
draw();
pump();
files.resume(questions);
