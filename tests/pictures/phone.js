// A visit on a phone, where the card takes half of the screen.
const chosenMark = named(location.hash.slice(1)), card = place(panel);
check("a deep link lands in sight", inSight(chosenMark.querySelector("circle")));
check("the card covers nothing that it tells of", !covers(card, place(chosenMark)));
check("the card fits the screen", card.left >= 0 && card.right <= innerWidth && card.height <= innerHeight / 2);
check("nothing sticks out of the screen", document.documentElement.scrollWidth <= innerWidth);
const buttons = [...document.querySelectorAll("header button, header input")].map(place).filter(box => box.width > 0);
check("the buttons are on the screen", buttons.every(box => box.left >= 0 && box.right <= innerWidth));
for (let step = 0; step < 4; step++) {
  press("ArrowRight", byId.get(chosen));
  check(`the child of step ${step} is in sight`, inSight(byId.get(chosen).querySelector("circle")) && !covers(place(panel), place(byId.get(chosen).querySelector("circle"))));
}
finish();
