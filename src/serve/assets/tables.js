"use strict";
// Tables: a click on a title sorts, the button copies.
for (const table of document.querySelectorAll("table.answer")) {
  const body = table.tBodies[0], first = [...body.rows];
  const key = (row, at) => row.cells[at].textContent;
  [...table.tHead.rows[0].cells].forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.title = "sort";
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const next = { none: "ascending", ascending: "descending", descending: "none" }[head.getAttribute("aria-sort") || "none"];
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      const rows = [...first];
      const number = head.classList.contains("n");
      const compare = (a, b) => number ? Number(key(a, at)) - Number(key(b, at))
        : key(a, at).localeCompare(key(b, at), undefined, { numeric: true });
      if (next !== "none") {
        rows.sort((a, b) => (next === "ascending" ? 1 : -1) * (compare(a, b) || 0));
        head.setAttribute("aria-sort", next);
      }
      body.append(...rows);
    });
  });
  const copy = document.createElement("button");
  copy.type = "button";
  copy.textContent = "Copy the table";
  copy.addEventListener("click", async () => {
    const bare = (cell) => {
      const own = cell.cloneNode(true);
      own.querySelectorAll("a.why, details").forEach((proof) => proof.remove());
      return own.textContent.trim().replace(/[\t\n]/g, " ");
    };
    const cells = (row) => [...row.cells].map(bare).join("\t");
    try {
      await navigator.clipboard.writeText([table.tHead.rows[0], ...body.rows].map(cells).join("\n") + "\n");
      copy.textContent = "Copied";
    } catch { copy.textContent = "The browser does not let it be copied"; }
  });
  table.closest(".wide").after(copy);
}
