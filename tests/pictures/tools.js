// What the visits share: each `check` is a line of the report, which takes the place of the page.
const report = [], check = (name, holds) => report.push((holds ? "ok " : "FAILED ") + name);
const press = (key, target) => (target || document.activeElement).dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
const panel = document.querySelector("aside"), field = document.querySelector("input[type=search]");
const named = id => document.getElementById(id);
const view = document.querySelector("figure"), drawing = view.querySelector("svg");
const place = mark => mark.getBoundingClientRect();
const inSight = mark => {
  const a = place(mark), b = place(view);
  return a.left >= b.left - 1 && a.right <= b.right + 1 && a.top >= b.top - 1 && a.bottom <= b.bottom + 1;
};
const covers = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
const enter = mark => mark.dispatchEvent(new MouseEvent("mouseenter")), leave = mark => mark.dispatchEvent(new MouseEvent("mouseleave"));
const sought = words => { field.value = words; field.dispatchEvent(new Event("input")); };
const drag = (by, from = [600, 400]) => {
  const at = (x, y) => ({ pointerType: "mouse", button: 0, clientX: x, clientY: y, bubbles: true });
  view.dispatchEvent(new PointerEvent("pointerdown", at(...from)));
  dispatchEvent(new PointerEvent("pointermove", at(from[0] + by[0], from[1] + by[1])));
  dispatchEvent(new PointerEvent("pointerup", at(from[0] + by[0], from[1] + by[1])));
};
const finish = () => { document.body.textContent = [...report, "the end of the visit"].join("\n"); };
addEventListener("error", event => { check(event.message + " at line " + event.lineno, false); finish(); });
