"use strict";
const data = JSON.parse(document.getElementById("begat-data").textContent);
const svg = document.querySelector("figure svg"), card = document.querySelector("aside"), search = document.querySelector("input");
const marks = [...svg.querySelectorAll(".v")], lines = [...svg.querySelectorAll(".e")];
const byId = new Map(marks.map(mark => [mark.dataset.i, mark]));
const faded = new Map([...marks, ...lines].map(mark => [mark, mark.classList.contains("off")]));
const make = (name, text, more) => Object.assign(document.createElement(name), text === undefined ? {} : { textContent: text }, more);
let chosen = null;

function reach(start, from, to) {
  const seen = new Set([start]), open = [start];
  while (open.length) {
    const at = open.pop();
    for (const line of lines) {
      if (line.dataset[from] === at && !line.classList.contains("gone") && !seen.has(line.dataset[to])) {
        seen.add(line.dataset[to]);
        open.push(line.dataset[to]);
      }
    }
  }
  return seen;
}
function show(keep, keepLine) {
  marks.forEach(mark => mark.classList.toggle("off", !keep(mark)));
  lines.forEach(line => line.classList.toggle("off", !keepLine(line)));
}
function light(id) {
  if (id === null || !lines.length) return show(mark => !faded.get(mark), line => !faded.get(line));
  const up = reach(id, "b", "a"), down = reach(id, "a", "b");
  show(mark => up.has(mark.dataset.i) || down.has(mark.dataset.i), ({ dataset: { a, b } }) => (up.has(a) && up.has(b)) || (down.has(a) && down.has(b)));
}
function choose(id, quiet) {
  marks.forEach(mark => mark.classList.toggle("lit", mark.dataset.i === id));
  chosen = id;
  light(id);
  card.hidden = id === null;
  if (id === null) return history.replaceState(null, "", location.pathname + location.search);
  const mark = byId.get(id), entity = data.entities[id];
  if (mark.id && !quiet) history.replaceState(null, "", "#" + mark.id);
  const list = make("dl");
  for (const [word, items] of entity.rows) {
    list.append(make("dt", word));
    const cell = make("dd");
    items.forEach(([text, sources, other], i) => {
      if (i) cell.append(", ");
      const known = other !== null && byId.has(String(other));
      const name = known ? make("a", text, { href: "#" + byId.get(String(other)).id }) : make("span", text);
      if (known) name.addEventListener("click", event => { event.preventDefault(); go(String(other)); });
      cell.append(name);
      if (sources) cell.append(make("small", " [" + sources + "]"));
    });
    list.append(cell);
  }
  const close = make("button", "×", { title: "close (Esc)" });
  close.addEventListener("click", () => choose(null));
  card.replaceChildren(make("h2", entity.name), make("div", entity.kind, { className: "kind" }), close, list);
  for (const key of entity.sources) {
    const source = data.sources[key], line = make("div");
    const words = [source.title || key, source.by].filter(Boolean).join(", ");
    const safe = /^https?:/.test(source.url);
    line.append(make("small", key + ": "), safe ? make("a", words, { href: source.url, rel: "noreferrer" }) : make("span", words));
    card.append(line);
  }
  card.append(make("p", "Esc closes · ← parent · → child · ↑ ↓ neighbours · the address links to this view", { className: "hint" }));
  dock(mark);
}
function dock(mark) {
  card.classList.remove("left");
  const a = mark.getBoundingClientRect(), b = card.getBoundingClientRect();
  card.classList.toggle("left", a.right > b.left && a.bottom > b.top && a.top < b.bottom);
}
function go(id) {
  choose(id);
  byId.get(id).focus();
  byId.get(id).scrollIntoView({ block: "nearest", inline: "nearest" });
  dock(byId.get(id));
}
function step(key, id) {
  const ends = key === "ArrowLeft" ? ["b", "a"] : ["a", "b"];
  if (key === "ArrowLeft" || key === "ArrowRight") return lines.filter(line => line.dataset[ends[0]] === id).map(line => line.dataset[ends[1]]).find(other => byId.has(other));
  return (marks[marks.indexOf(byId.get(id)) + (key === "ArrowUp" ? -1 : 1)] || {}).dataset?.i;
}
function found(words) {
  const wanted = words.trim().toLowerCase();
  return wanted ? marks.filter(mark => data.entities[mark.dataset.i].names.some(name => name.toLowerCase().includes(wanted))) : [];
}
for (const mark of marks) {
  mark.addEventListener("mouseenter", () => chosen === null && light(mark.dataset.i));
  mark.addEventListener("mouseleave", () => light(chosen));
  mark.addEventListener("focus", () => chosen === null && mark.matches(":focus-visible") && light(mark.dataset.i));
  mark.addEventListener("blur", () => light(chosen));
  mark.addEventListener("click", () => { choose(mark.dataset.i); mark.focus(); });
}
search.addEventListener("input", () => {
  const hits = new Set(found(search.value));
  search.value.trim() ? show(mark => hits.has(mark), () => false) : light(chosen);
});
document.addEventListener("keydown", event => {
  const id = document.activeElement?.dataset?.i;
  if (event.key === "Escape") { search.value = ""; choose(null); }
  else if (event.target === search) { if (event.key === "Enter" && found(search.value).length) go(found(search.value)[0].dataset.i); }
  else if (event.key === "/") { event.preventDefault(); search.focus(); search.select(); }
  else if (id && event.key === "Enter") go(id);
  else if (id && event.key.startsWith("Arrow")) {
    event.preventDefault();
    const next = step(event.key, id);
    if (next) chosen === null ? byId.get(next).focus() : go(next);
  }
});
for (const box of document.querySelectorAll("input[type=checkbox]")) {
  box.addEventListener("change", () => {
    lines.forEach(line => line.dataset.v === box.value && line.classList.toggle("gone", !box.checked));
    light(chosen);
  });
}
function paint(theme) {
  for (const element of [document.documentElement, svg]) theme ? element.dataset.theme = theme : delete element.dataset.theme;
}
document.getElementById("begat-theme").addEventListener("click", () => {
  const dark = svg.dataset.theme ? svg.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  paint(dark ? "light" : "dark");
});
let before;
addEventListener("beforeprint", () => { before = svg.dataset.theme; paint("light"); });
addEventListener("afterprint", () => paint(before));
document.getElementById("begat-save").addEventListener("click", () => {
  const blob = new Blob([new XMLSerializer().serializeToString(svg)], { type: "image/svg+xml" });
  const link = make("a", "", { href: URL.createObjectURL(blob), download: "begat.svg" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
});
function linked() {
  const mark = marks.find(mark => mark.id && mark.id === decodeURIComponent(location.hash.slice(1)));
  if (mark && mark.dataset.i !== chosen) go(mark.dataset.i);
}
addEventListener("hashchange", linked);
document.querySelector("header").hidden = false;
linked();
