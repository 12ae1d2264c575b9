"use strict";
const data = JSON.parse(document.getElementById("begat-data").textContent);
const view = document.querySelector("figure"), svg = view.querySelector("svg");
const card = document.querySelector("aside"), search = document.querySelector("input[type=search]"), count = document.getElementById("begat-count");
const marks = [...svg.querySelectorAll(".v")], lines = [...svg.querySelectorAll(".e")], trunks = [...svg.querySelectorAll(".trunk")];
const byId = new Map(marks.map(mark => [mark.dataset.i, mark]));
const faded = new Map([...marks, ...lines, ...trunks].map(mark => [mark, mark.classList.contains("off")]));
const ends = { a: new Map(), b: new Map() };
for (const line of lines) for (const end of ["a", "b"]) ends[end].set(line.dataset[end], [...(ends[end].get(line.dataset[end]) || []), line]);
const make = (name, text, more) => Object.assign(document.createElement(name), text === undefined ? {} : { textContent: text }, more);
const drawn = name => document.createElementNS(svg.namespaceURI, name);
let chosen = null, hits = [], hit = -1;

function reach(start, from, to) {
  const seen = new Set([start]), open = [start];
  while (open.length) {
    for (const line of ends[from].get(open.pop()) || []) {
      const other = line.dataset[to];
      if (line.classList.contains("gone") || seen.has(other)) continue;
      seen.add(other);
      open.push(other);
    }
  }
  return seen;
}
function show(keep, keepLine) {
  [...marks, ...trunks].forEach(mark => mark.classList.toggle("off", !keep(mark)));
  lines.forEach(line => line.classList.toggle("off", !keepLine(line)));
}
function light(id) {
  lines.forEach(({ classList, dataset: { a, b } }) => classList.toggle("near", id !== null && (a === id || b === id)));
  if (id === null || !lines.length) return show(mark => !faded.get(mark), line => !faded.get(line));
  const up = reach(id, "b", "a"), down = reach(id, "a", "b");
  show(mark => up.has(mark.dataset.i) || down.has(mark.dataset.i), ({ dataset: { a, b } }) => (up.has(a) && up.has(b)) || (down.has(a) && down.has(b)));
}

function cited(cell, sources) {
  for (const [key, places] of sources) for (const [place, url] of places) {
    const words = (key + " " + place).trim(), small = make("small");
    small.append(url ? make("a", words, { href: url, rel: "noreferrer" }) : words);
    cell.append(" ", small);
  }
}
const sentences = entity => entity.rows.flatMap(([word, items]) => items.map(([text, sources]) => {
  const places = sources.map(([key, at]) => (key + " " + at.map(([place]) => place).join(", ")).trim()).join("; ");
  return entity.name + " " + word + " " + text + (places ? " [" + places + "]" : "") + ".";
})).join("\n");
function copy(text, button) {
  const area = make("textarea", text, { className: "copied" });
  card.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  button.textContent = done ? "Copied" : "Not copied";
  setTimeout(() => button.textContent = "Copy as sentences", 1500);
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
    for (const [text, sources, other] of items) {
      const cell = make("dd"), known = other !== null && byId.has(String(other));
      const name = known ? make("a", text, { href: "#" + byId.get(String(other)).id }) : make("span", text);
      if (known) name.addEventListener("click", event => { event.preventDefault(); go(String(other)); });
      cell.append(name);
      cited(cell, sources);
      list.append(cell);
    }
  }
  const close = make("button", "×", { title: "close (Esc)", className: "close" });
  close.addEventListener("click", () => choose(null));
  const sentence = make("button", "Copy as sentences");
  sentence.addEventListener("click", () => copy(sentences(entity), sentence));
  card.replaceChildren(make("h2", entity.name), make("div", entity.kind, { className: "kind" }), close, list, sentence);
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
// The part of the view that nothing covers: on a narrow screen the card lies below it.
function seen() {
  const { left, right, top, bottom } = view.getBoundingClientRect(), c = card.getBoundingClientRect();
  const covered = !card.hidden && c.width > (right - left) / 2;
  return { left: left + side, right, top: top + 40, bottom: covered ? Math.max(top + 80, Math.min(bottom, c.top)) : bottom };
}
// Into the middle of what is seen, whatever its size.
function reveal(mark) {
  const a = mark.getBoundingClientRect(), b = seen();
  view.scrollBy((a.left + a.right - b.left - b.right) / 2, (a.top + a.bottom - b.top - b.bottom) / 2);
  stick();
}
function go(id) {
  choose(id);
  const mark = byId.get(id), a = mark.getBoundingClientRect(), b = seen();
  mark.focus({ preventScroll: true });
  if (a.left < b.left || a.right > b.right || a.top < b.top || a.bottom > b.bottom) reveal(mark);
  dock(mark);
}
function step(key, id) {
  const [from, to] = key === "ArrowLeft" ? ["b", "a"] : ["a", "b"];
  if (key === "ArrowLeft" || key === "ArrowRight") return (ends[from].get(id) || []).map(line => line.dataset[to]).find(other => byId.has(other));
  return (marks[marks.indexOf(byId.get(id)) + (key === "ArrowUp" ? -1 : 1)] || {}).dataset?.i;
}
function find() {
  const wanted = search.value.trim().toLowerCase(), seen = new Set();
  const holds = mark => data.entities[mark.dataset.i].names.some(name => name.toLowerCase().includes(wanted));
  hits = wanted ? marks.filter(mark => holds(mark) && !seen.has(mark.dataset.i) && seen.add(mark.dataset.i)) : [];
  hit = -1;
  wanted ? show(mark => seen.has(mark.dataset.i), () => false) : light(chosen);
  hits.length ? turn(1) : count.textContent = wanted ? "none" : "";
}
function turn(by) {
  if (!hits.length) return;
  hit = (hit + by + hits.length) % hits.length;
  marks.forEach(mark => mark.classList.toggle("lit", mark === hits[hit]));
  count.textContent = hit + 1 + " of " + hits.length;
  reveal(hits[hit]);
}
for (const mark of marks) {
  mark.addEventListener("mouseenter", () => chosen === null && !hits.length && light(mark.dataset.i));
  mark.addEventListener("mouseleave", () => hits.length || light(chosen));
  mark.addEventListener("focus", () => chosen === null && !hits.length && mark.matches(":focus-visible") && light(mark.dataset.i));
  mark.addEventListener("blur", () => hits.length || light(chosen));
  mark.addEventListener("click", () => { if (dragged) return; choose(mark.dataset.i); mark.focus({ preventScroll: true }); });
}
search.addEventListener("input", find);
document.getElementById("begat-next").addEventListener("click", () => turn(1));
document.getElementById("begat-previous").addEventListener("click", () => turn(-1));
document.addEventListener("keydown", event => {
  const id = document.activeElement?.dataset?.i;
  if (event.key === "Escape") { search.value = ""; hits = []; count.textContent = ""; choose(null); }
  else if (event.target === search) {
    if (event.key === "Enter" && hits.length) event.shiftKey ? turn(-1) : chosen === hits[hit].dataset.i ? (turn(1), choose(hits[hit].dataset.i)) : choose(hits[hit].dataset.i);
    else if (event.key === "ArrowDown") turn(1);
    else if (event.key === "ArrowUp") turn(-1);
  }
  else if (event.key === "/") { event.preventDefault(); search.focus(); search.select(); }
  else if (event.key === "+" || event.key === "=") zoom(scale * 1.25);
  else if (event.key === "-") zoom(scale / 1.25);
  else if (event.key === "0") zoom(1);
  else if (id && event.key === "Enter") go(id);
  else if (id && event.key.startsWith("Arrow")) {
    event.preventDefault();
    const next = step(event.key, id);
    if (next) chosen === null ? byId.get(next).focus() : go(next);
  }
});

// Zoom about a point of the view, and pan by dragging.
const box = svg.viewBox.baseVal, limits = [0.1, 8];
const fitting = () => Math.min(1, (view.clientWidth - 2) / box.width, (view.clientHeight - 2) / box.height);
let scale = 1, drag = null, dragged = false, side = 0;
function zoom(wanted, x = view.clientWidth / 2, y = view.clientHeight / 2) {
  const before = scale;
  scale = Math.min(limits[1], Math.max(Math.min(limits[0], fitting()), wanted));
  const at = [view.scrollLeft + x, view.scrollTop + y].map(length => length / before * scale);
  svg.style.width = box.width * scale + "px";
  svg.style.height = box.height * scale + "px";
  view.scrollTo(at[0] - x, at[1] - y);
  stick();
}
const whole = () => zoom(fitting(), 0, 0);
document.getElementById("begat-in").addEventListener("click", () => zoom(scale * 1.25));
document.getElementById("begat-out").addEventListener("click", () => zoom(scale / 1.25));
document.getElementById("begat-whole").addEventListener("click", () => scale === 1 ? whole() : zoom(1));
view.addEventListener("wheel", event => {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  const b = view.getBoundingClientRect();
  zoom(scale * Math.exp(-event.deltaY / 300), event.clientX - b.left, event.clientY - b.top);
}, { passive: false });
view.addEventListener("pointerdown", event => {
  dragged = false;
  if (event.pointerType === "mouse" && event.button === 0) drag = [event.clientX, event.clientY, view.scrollLeft, view.scrollTop];
});
addEventListener("pointermove", event => {
  if (!drag) return;
  const by = [event.clientX - drag[0], event.clientY - drag[1]];
  dragged ||= Math.hypot(...by) > 4;
  if (dragged) view.scrollTo(drag[2] - by[0], drag[3] - by[1]);
});
addEventListener("pointerup", () => drag = null);

// The words of the axis stay at the top, those of lanes and rows at the left.
const sticky = [["axis", "y"], ["side", "x"]].map(([name, way]) => {
  const words = [...svg.querySelectorAll("." + name + " text")], layer = drawn("g"), ground = drawn("rect");
  if (!words.length) return null;
  const b = words.map(word => word.getBBox()).reduce((a, b) => ({ x: Math.min(a.x, b.x), y: Math.min(a.y, b.y), r: Math.max(a.r ?? a.x + a.width, b.x + b.width), b: Math.max(a.b ?? a.y + a.height, b.y + b.height) }), { x: 1e9, y: 1e9, r: 0, b: 0 });
  const area = way === "y" ? [0, b.y - 6, box.width, b.b - b.y + 12] : [0, b.y - 6, b.r + 12, b.b - b.y + 12];
  ["x", "y", "width", "height"].forEach((key, i) => ground.setAttribute(key, area[i]));
  ground.setAttribute("class", "paper");
  layer.append(ground, ...words.map(word => word.cloneNode(true)));
  layer.setAttribute("class", "sticky");
  layer.setAttribute("aria-hidden", "true");
  svg.append(layer);
  return { layer, way, from: way === "y" ? b.y - 6 : 0, size: way === "y" ? 0 : b.r + 12 };
}).filter(Boolean);
function stick() {
  for (const { layer, way, from, size } of sticky) {
    const by = (way === "y" ? view.scrollTop : view.scrollLeft) / scale - from;
    layer.style.display = by > 0 ? "" : "none";
    layer.setAttribute("transform", way === "y" ? `translate(0 ${by})` : `translate(${by} 0)`);
    if (way === "x") side = by > 0 ? size * scale : 0;
  }
}
view.addEventListener("scroll", stick, { passive: true });
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
addEventListener("beforeprint", () => { before = svg.dataset.theme; paint("light"); sticky.forEach(({ layer }) => layer.style.display = "none"); });
addEventListener("afterprint", () => { paint(before); stick(); });
document.getElementById("begat-save").addEventListener("click", () => {
  const saved = svg.cloneNode(true);
  saved.querySelectorAll(".sticky").forEach(layer => layer.remove());
  saved.removeAttribute("style");
  const blob = new Blob([new XMLSerializer().serializeToString(saved)], { type: "image/svg+xml" });
  const link = make("a", "", { href: URL.createObjectURL(blob), download: "begat.svg" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
});
function linked() {
  const mark = marks.find(mark => mark.id && mark.id === decodeURIComponent(location.hash.slice(1)));
  if (mark && mark.dataset.i !== chosen) go(mark.dataset.i);
}
addEventListener("hashchange", linked);
document.documentElement.classList.add("live");
document.querySelector("header").hidden = false;
stick();
linked();
// The browser itself goes to what the address names, when all is there.
addEventListener("load", () => requestAnimationFrame(() => chosen !== null && reveal(byId.get(chosen))));
