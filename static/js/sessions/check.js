// The test before the room: each part says what it found and how to mend it. Whatever it finds, the way in stays open.

import { deviceName } from "../lib/device.js";
import { measureLine } from "./device/line.js";
import { recall, remember } from "./device/memory.js";
import { isHeard, measure, playTones } from "./device/sound.js";
import { openDevices } from "./meeting/devices.js";

// So long somebody has for saying something before the microphone counts as silent.
const LISTEN_FOR = 8000;
const KINDS = { microphone: "audio", camera: "camera" };

const check = document.getElementById("check");
const rowOf = (name) => check.querySelector(`[data-check="${name}"]`);
const part = (row, name) => row.querySelector(`[data-part="${name}"]`);
const token = document.querySelector('meta[name="csrf-token"]').content;

const devices = openDevices(() => {});
let stopMeasuring = null;
let listening = 0;

function show(name, code) {
  const row = rowOf(name);
  row.dataset.state = code;
  for (const line of row.querySelectorAll("[data-code]")) line.hidden = line.dataset.code !== code;
}

async function save(found) {
  const answer = await fetch(check.dataset.save, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
    body: JSON.stringify({ device: deviceName(), ...found }),
  });
  if (!answer.ok) throw new Error(`tested: ${answer.status}`);
  check.querySelector('[data-part="kept"]').hidden = false;
  return answer.json();
}

/** Shows what a part's test found and keeps it; that it could not be kept changes nothing about the device. */
function settle(name, code) {
  show(name, code);
  save({ [name]: code }).catch(() => {});
}

async function testLine() {
  show("line", "testing");
  const figures = part(rowOf("line"), "figures");
  try {
    const line = await measureLine(check.dataset.line, Number(check.dataset.upBytes), { "X-CSRFToken": token });
    const { line: code } = await save({ line });
    const mbits = (number) => (number / 1000).toFixed(1);
    figures.dataset.words ??= figures.textContent;
    figures.textContent = figures.dataset.words
      .replace("{down}", mbits(line.down_kbits))
      .replace("{up}", mbits(line.up_kbits))
      .replace("{ms}", line.ms);
    figures.hidden = false;
    remember("line", { code, at: Date.now() });
    show("line", code);
  } catch {
    figures.hidden = true;
    show("line", "failed");
  }
}

/** What a device's refusal is called here: its code without the device's name. */
const reason = (error) => error.code?.split("_").at(-1) ?? "failed";

function hush() {
  clearTimeout(listening);
  stopMeasuring?.();
  stopMeasuring = null;
}

async function testMicrophone() {
  const row = rowOf("microphone");
  hush();
  show("microphone", "testing");
  try {
    await devices.turnOn("audio");
  } catch (error) {
    part(row, "speak").hidden = true;
    settle("microphone", reason(error));
    return;
  }
  await offerChoice("microphone");
  part(row, "speak").hidden = false;
  let heard = false;
  stopMeasuring = measure(devices.track("audio"), (level) => {
    part(row, "level").value = level;
    if (heard || !isHeard(level)) return;
    heard = true;
    clearTimeout(listening);
    settle("microphone", "ok");
  });
  listening = setTimeout(() => settle("microphone", "quiet"), LISTEN_FOR);
}

async function testCamera() {
  const picture = part(rowOf("camera"), "picture");
  show("camera", "testing");
  try {
    await devices.turnOn("camera");
    picture.srcObject = new MediaStream([devices.track("camera")]);
    picture.hidden = false;
    await picture.play();
    await offerChoice("camera");
    settle("camera", "ok");
  } catch (error) {
    picture.hidden = true;
    settle("camera", reason(error));
  }
}

async function testSpeaker() {
  const row = rowOf("speaker");
  show("speaker", "asking");
  part(row, "ask").hidden = false;
  try {
    await playTones();
  } catch {
    part(row, "ask").hidden = true;
    settle("speaker", "failed");
  }
}

function answerSpeaker(code) {
  part(rowOf("speaker"), "ask").hidden = true;
  settle("speaker", code);
  part(rowOf("speaker"), "test").focus();
}

async function offerChoice(name) {
  const kind = KINDS[name];
  const select = part(rowOf(name), "device");
  const found = (await devices.list())[kind];
  select.replaceChildren(...found.map(({ id, label }) => new Option(label, id)));
  select.value = devices.track(kind)?.getSettings?.().deviceId ?? "";
  part(rowOf(name), "choice").hidden = found.length < 2;
}

async function choose(name) {
  const select = part(rowOf(name), "device");
  remember(KINDS[name], { id: select.value, label: select.selectedOptions[0].text });
  await devices.choose(KINDS[name], select.value).catch(() => {});
  TESTS[name]();
}

const TESTS = { line: testLine, microphone: testMicrophone, speaker: testSpeaker, camera: testCamera };

for (const name of Object.keys(TESTS)) part(rowOf(name), "test").addEventListener("click", () => TESTS[name]());
for (const name of Object.keys(KINDS)) {
  part(rowOf(name), "device").addEventListener("change", () => choose(name));
  const known = recall(KINDS[name]);
  if (known) devices.choose(KINDS[name], known.id);
}
part(rowOf("speaker"), "yes").addEventListener("click", () => answerSpeaker("ok"));
part(rowOf("speaker"), "no").addEventListener("click", () => answerSpeaker("unheard"));
check.querySelector('[data-part="all"]').addEventListener("click", async () => {
  testSpeaker();
  // Two questions of the browser at once would hide each other.
  await testMicrophone();
  await testCamera();
  await testLine();
});
for (const waiting of check.querySelectorAll("[data-waits]")) waiting.removeAttribute("data-waits");
for (const field of document.querySelectorAll('input[name="device"]')) field.value = deviceName();
addEventListener("pagehide", () => {
  hush();
  devices.closeAll();
});
