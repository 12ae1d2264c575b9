// A visit to a family with further parents.
press("Escape");
const arcs = [...document.querySelectorAll(".e.arc")], shown = () => arcs.filter(arc => getComputedStyle(arc).visibility === "visible");
check("further parents are hidden", arcs.length > 1 && shown().length === 0);
const child = byId.get(arcs[0].dataset.b);
enter(child);
check("further parents are shown on hover", shown().length > 0 && shown().every(arc => arc.dataset.a === child.dataset.i || arc.dataset.b === child.dataset.i));
leave(child);
check("and hidden again", shown().length === 0);
choose(child.dataset.i);
check("further parents are shown of what is chosen", shown().length > 0 && !panel.hidden);
press("Escape");
check("and not of what is no longer", shown().length === 0);
finish();
