// Adds to the page what it can do without: completion, history, keys. `tables.js` sorts and copies.
"use strict";
const box = document.getElementById("q");
const list = document.getElementById("offers");
const form = box.form;
let offers = [], start = 0, chosen = -1, asked = 0;

function close() {
  offers = [];
  chosen = -1;
  list.hidden = true;
  list.replaceChildren();
  box.removeAttribute("aria-activedescendant");
}

function choose(next) {
  chosen = next;
  [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === chosen)));
  const item = list.children[chosen];
  if (item) {
    item.scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", item.id);
  }
}

function take(at) {
  const end = box.selectionStart, put = offers[at].replacement;
  box.setRangeText(put, start, end, "end");
  close();
  box.focus();
}

async function complete() {
  const ticket = ++asked;
  const parameters = new URLSearchParams({ q: box.value, cursor: String(box.selectionStart) });
  const answer = await fetch("/complete?" + parameters).catch(() => null);
  if (!answer || !answer.ok || ticket !== asked) return;
  const found = await answer.json();
  if (ticket !== asked || document.activeElement !== box) return;
  close();
  offers = found.candidates.slice(0, 50);
  start = found.start;
  if (!offers.length) return;
  offers.forEach((offer, at) => {
    const item = document.createElement("li");
    item.id = "offer-" + at;
    item.setAttribute("role", "option");
    const word = document.createElement("span"), about = document.createElement("small");
    word.textContent = offer.word;
    about.textContent = offer.about;
    item.append(word, about);
    item.addEventListener("mousedown", (event) => { event.preventDefault(); take(at); });
    list.append(item);
  });
  list.hidden = false;
}

box.setAttribute("aria-controls", "offers");
box.setAttribute("aria-autocomplete", "list");
let waiting;
box.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(complete, 80); });
box.addEventListener("blur", () => setTimeout(close, 150));
box.addEventListener("keydown", (event) => {
  const open = !list.hidden;
  if (event.key === "ArrowDown" && open) choose(Math.min(chosen + 1, offers.length - 1));
  else if (event.key === "ArrowUp" && open) choose(Math.max(chosen - 1, 0));
  else if (event.key === "Tab" && open && !event.shiftKey) take(Math.max(chosen, 0));
  else if (event.key === "Escape" && open) close();
  else if (event.key === "Enter" && !event.shiftKey) { if (open && chosen >= 0) take(chosen); else form.requestSubmit(); }
  else return;
  event.preventDefault();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !/^(TEXTAREA|INPUT|SELECT)$/.test(document.activeElement.tagName)) {
    event.preventDefault();
    box.focus();
    box.select();
  }
});

// History: the last queries that were asked on this machine.
const KEY = "begat-history", MOST = 50;
let past = [];
try { past = JSON.parse(localStorage.getItem(KEY)) || []; } catch { /* Nothing is kept then. */ }
const now = new URLSearchParams(location.search).get("q");
if (now) {
  past = [now, ...past.filter((text) => text !== now)].slice(0, MOST);
  try { localStorage.setItem(KEY, JSON.stringify(past)); } catch { /* Nor is this. */ }
}
if (past.length) {
  const select = document.createElement("select");
  select.setAttribute("aria-label", "Earlier queries");
  select.append(new Option("earlier …", ""), ...past.map((text) => new Option(text, text)));
  select.addEventListener("change", () => { if (select.value) location.search = "?" + new URLSearchParams({ q: select.value }); });
  document.getElementById("history").append(select);
}

if (!now) box.focus();
