"use strict";

const study = JSON.parse(document.getElementById("data").textContent);
const STORE = `swiftavatar.study/1 ${study.id}`;
const $ = (id) => document.getElementById(id);
const counted = (n, one, many) => `${n} ${n === 1 ? one : many}`;

// Names are not in the open, so that looking at the page's source by chance gives nothing away.
const methods = study.methods.map((name) => new TextDecoder().decode(Uint8Array.from(atob(name), (c) => c.charCodeAt(0))));

// Chance: the same for the same study, volunteer and purpose.

/** A function that gives whole numbers from 0 up to and without its argument. */
function chance(...seed) {
  let state = 2166136261; // FNV-1a over the seed, then a linear congruential generator's upper bits
  for (const c of JSON.stringify(seed)) state = Math.imul(state ^ c.codePointAt(0), 16777619) >>> 0;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  for (let i = 0; i < 8; i += 1) next();
  return (below) => Math.floor(next() * below);
}

function shuffled(length, random) {
  const order = Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i -= 1) {
    const other = random(i + 1);
    [order[i], order[other]] = [order[other], order[i]];
  }
  return order;
}

// A volunteer's session: kept in the browser after each answer.

let session = null; // {volunteer: {id, name}, started, at, answers: item -> {method, ms}}
let sequence = []; // items in the volunteer's order

function remember() {
  try {
    localStorage.setItem(STORE, JSON.stringify(session));
  } catch {
    $("no-store").hidden = false;
  }
}

function recall() {
  try {
    const kept = JSON.parse(localStorage.getItem(STORE));
    if (kept === null || typeof kept.volunteer.id !== "string" || !(kept.at >= 0 && kept.at <= study.items.length)) return null;
    for (const [item, answer] of Object.entries(kept.answers)) {
      if (!(item in study.items && answer.method in methods)) return null;
    }
    return kept;
  } catch {
    return null;
  }
}

function begin(kept) {
  session = kept;
  sequence = shuffled(study.items.length, chance(study.seed, session.volunteer.id, "photos"));
  remember();
  show();
}

const order_of = (item) => shuffled(methods.length, chance(study.seed, session.volunteer.id, "avatars", item));
const answered = () => Object.keys(session.answers).length;
const finished = () => answered() === study.items.length;

// Screens.

function show_only(...ids) {
  for (const id of ["start", "ask", "end", "foot"]) $(id).hidden = !ids.includes(id);
}

let shown_at = 0; // milliseconds, when the question came up

function show() {
  if (session === null) {
    show_only("start");
  } else if (session.at < sequence.length) {
    show_only("ask", "foot");
    show_question();
  } else {
    show_only("end", "foot");
    $("answered").textContent = `${answered()} of ${counted(study.items.length, "photo", "photos")} answered.`;
  }
  $("save-part").hidden = session === null || session.at === sequence.length || answered() === 0;
  scrollTo(0, 0);
}

function show_question() {
  const item = sequence[session.at];
  const chosen = session.answers[item]?.method;
  $("count").textContent = `${session.at + 1} of ${sequence.length}`;
  $("done-part").style.width = `${(100 * answered()) / sequence.length}%`;
  $("photo").src = study.items[item].photo;
  $("avatars").replaceChildren(...order_of(item).map((method, place) => {
    const picture = Object.assign(new Image(), { src: study.items[item].avatars[method], alt: "" });
    const number = Object.assign(document.createElement("span"), { textContent: place + 1, ariaHidden: "true" });
    const button = Object.assign(document.createElement("button"), { type: "button", ariaLabel: `Avatar ${place + 1}`, ariaPressed: String(method === chosen) });
    button.append(picture, number);
    button.addEventListener("click", () => choose(item, method, button));
    const entry = document.createElement("li");
    entry.append(button);
    return entry;
  }));
  $("back").disabled = session.at === 0;
  $("forward").disabled = chosen === undefined;
  shown_at = performance.now();
}

let waiting = false; // a choice is being shown: what is pressed now was meant for the question before

function choose(item, method, button) {
  if (waiting) return;
  waiting = true;
  session.answers[item] = { method, ms: Math.round(performance.now() - shown_at) };
  for (const other of document.querySelectorAll("#avatars button")) other.ariaPressed = String(other === button);
  const open = sequence.findIndex((one) => !(one in session.answers));
  session.at = session.at + 1 < sequence.length ? session.at + 1 : open < 0 ? sequence.length : open;
  remember();
  setTimeout(() => {
    waiting = false;
    show();
  }, 200);
}

function go(to) {
  if (waiting) return;
  session.at = to;
  remember();
  show();
}

const back = () => session !== null && session.at > 0 && go(session.at - 1);
const forward = () => session !== null && !$("ask").hidden && sequence[session.at] in session.answers && go(session.at + 1);

// Answers as a file.

function answers() {
  return {
    schema: "swiftavatar.study/1",
    study: { id: study.id, seed: study.seed, question: study.question, photos: study.items.length, methods },
    volunteer: session.volunteer,
    started: session.started,
    saved: new Date().toISOString(),
    finished: finished(),
    answers: sequence.filter((item) => item in session.answers).map((item) => ({
      photo: study.items[item].name,
      order: order_of(item).map((method) => methods[method]),
      choice: methods[session.answers[item].method],
      ms: session.answers[item].ms,
    })),
  };
}

function save() {
  const label = session.volunteer.name.replace(/[^\p{L}\p{N}-]+/gu, "-").replace(/^-+|-+$/g, "") || session.volunteer.id;
  const blob = new Blob([`${JSON.stringify(answers(), null, 2)}\n`], { type: "application/json" });
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: `answers-${label}.json` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  $("saved").textContent = `Saved as ${link.download}. Please send this file to whoever asked you.`;
}

// Input.

$("begin").addEventListener("submit", (event) => {
  event.preventDefault();
  const id = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  begin({ volunteer: { id, name: $("name").value.trim() }, started: new Date().toISOString(), at: 0, answers: {} });
});
$("back").addEventListener("click", back);
$("forward").addEventListener("click", forward);
$("review").addEventListener("click", back);
$("save").addEventListener("click", save);
$("save-part").addEventListener("click", save);
$("anew").addEventListener("click", () => {
  if (!confirm("This discards the answers in this browser. Save them first, if they are wanted. Begin anew?")) return;
  localStorage.removeItem(STORE);
  session = null;
  $("name").value = "";
  $("saved").textContent = "";
  show();
});
document.addEventListener("keydown", (event) => {
  if ($("ask").hidden || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  if (/^[1-9]$/.test(event.key)) document.querySelectorAll("#avatars button")[event.key - 1]?.click();
  if (event.key === "ArrowLeft" || event.key === "Backspace") back();
  if (event.key === "ArrowRight") forward();
});

// Start.

for (const heading of document.querySelectorAll(".question")) heading.textContent = study.question;
document.title = study.question;
$("length").textContent = `${counted(study.items.length, "photo", "photos")}.`;
const kept = recall();
if (kept === null) show();
else begin(kept);
