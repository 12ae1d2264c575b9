//! Draws a comparison of two entities: the differences, largest first; equal values as chips; a source number on each
//! value.

use super::paint::frame::{self, MARGIN, plain, surround, text};
use super::paint::marks::{Anchor, Area, Group, MORE, Mark, Picture, Text, outline, point};
use super::paint::metrics::{Weight, fit, width, wrap};
use super::{PictureStyle, Room, Words, cite, counted, frame};
use crate::answer::{Cell, Diff, Side};
use crate::graph::{EntityId, Fact, FactId, Graph};
use crate::value::Value;

/// The natural width, and the minimum.
const WIDTH: f64 = 1040.0;
const NARROWEST: f64 = 560.0;
/// Room right of a bar for its factor.
const DIGITS: f64 = 82.0;
const LINE: f64 = 22.0;
const SIZE: f64 = 14.0;

/// The places of the columns.
#[derive(Debug, Clone, Copy)]
struct DiffColumns {
    width: f64,
    /// The room for verbs, at the left.
    verb: f64,
    /// The right edge of left values.
    left_end: f64,
    /// The ends of the bars.
    bar: (f64, f64),
    /// The left edge of right values.
    right: f64,
}

impl DiffColumns {
    fn of(room: Room) -> DiffColumns {
        let width = room.width.unwrap_or(WIDTH).clamp(NARROWEST, WIDTH);
        let share = width / WIDTH;
        let middle = DIGITS + 190.0 * share;
        let left_end = (width - middle) * 0.573;
        let right = left_end + middle;
        let bar = (left_end + 60.0 * share, right - DIGITS);
        DiffColumns { width, verb: 180.0 * share, left_end, bar, right }
    }

    /// Returns the x of the values of a side, their alignment, and their room.
    fn side(&self, side: Side) -> (f64, Anchor, f64) {
        match side {
            Side::Left => (self.left_end, Anchor::End, self.left_end - MARGIN - self.verb - 12.0),
            _ => (self.right, Anchor::Start, self.width - self.right - MARGIN),
        }
    }
}

/// The values of the two entities for one verb.
#[derive(Debug, Clone, Default, PartialEq)]
struct Difference {
    verb: String,
    left: Vec<CitedValue>,
    right: Vec<CitedValue>,
    /// The right number divided by the left, if each side is a single number.
    factor: Option<f64>,
}

/// A value with the numbers of its sources.
#[derive(Debug, Clone, PartialEq)]
struct CitedValue {
    words: String,
    number: Option<f64>,
    notes: String,
    title: String,
}

pub fn draw(diffs: &[Diff], graph: &Graph, looks: &PictureStyle, room: Room) -> Picture {
    let mut sources: Vec<String> = Vec::new();
    let tables: Vec<_> = diffs.iter().map(|diff| (diff, table(diff, graph, &mut sources))).collect();
    let changed: usize = tables.iter().map(|(_, (differences, _))| differences.len()).sum();
    let same: usize = tables.iter().map(|(_, (_, chips))| chips.len()).sum();
    let title = match diffs {
        [one] => format!("From {} to {}", graph.name(one.left), graph.name(one.right)),
        _ => counted(diffs.len(), "comparison"),
    };
    let mut rules = vec![format!("{changed} differ, {same} are the same")];
    let mut notes = Vec::new();
    if changed > 0 {
        notes.push(
            "From left to right: what only the left one has is removed, what only the right one has is added."
                .to_string(),
        );
    }
    if !sources.is_empty() {
        rules.push("numbers in brackets are sources".into());
    }
    if tables.iter().any(|(_, (differences, _))| differences.iter().any(|d| d.factor.is_some())) {
        notes.push("Bars show the factor between the two on a log scale, largest first.".into());
    }
    let desc = format!("What differs between the entities compared: {changed} verbs; {same} values are the same.");
    let shown: Vec<EntityId> = diffs.iter().flat_map(|diff| [diff.left, diff.right]).collect();
    let frame = frame(graph, looks, Words { title, rules, notes, desc, shown: &shown });
    let mut marks = Vec::new();
    let columns = DiffColumns::of(room);
    let mut y = frame::top(&frame, columns.width) + 26.0;
    for (diff, (differences, chips)) in &tables {
        y = draw_one(diff, (differences, chips), graph, columns, y, &mut marks) + 26.0;
    }
    y = footnotes(&sources, columns, y, &mut marks);
    surround(&frame, Picture { width: columns.width, marks, ..Picture::default() }, y, Vec::new())
}

/// Returns the differences, largest first, and the equal values.
fn table(diff: &Diff, graph: &Graph, sources: &mut Vec<String>) -> (Vec<Difference>, Vec<(String, CitedValue)>) {
    let (mut differences, mut chips): (Vec<Difference>, Vec<(String, CitedValue)>) = (Vec::new(), Vec::new());
    for entry in &diff.entries {
        let owner = match entry.side {
            Side::Left => Some(diff.left),
            Side::Right => Some(diff.right),
            Side::Both => None,
        };
        let mut item = item(&entry.cell, &facts_of(&entry.facts, owner, graph), graph, sources);
        if entry.side == Side::Both {
            chips.push((entry.verb.clone(), item));
            continue;
        }
        let change = if entry.side == Side::Left { "removed" } else { "added" };
        item.title = format!("{change}: {}", item.title);
        let place = differences.iter().position(|known| known.verb == entry.verb).unwrap_or_else(|| {
            differences.push(Difference { verb: entry.verb.clone(), ..Difference::default() });
            differences.len() - 1
        });
        let side = if entry.side == Side::Left { &mut differences[place].left } else { &mut differences[place].right };
        side.push(item);
    }
    for difference in &mut differences {
        difference.factor = factor(&difference.left, &difference.right);
    }
    let both = |d: &Difference| f64::from(u8::from(!d.left.is_empty() && !d.right.is_empty()));
    let size = |d: &Difference| {
        let values = (d.left.len() + d.right.len()) as f64;
        (d.factor.map_or(0.0, |factor| factor.ln().abs()), both(d), values)
    };
    differences.sort_by(|a, b| size(b).partial_cmp(&size(a)).unwrap_or(std::cmp::Ordering::Equal));
    (differences, chips)
}

/// Returns the facts about one of the entities; all if `owner` is `None`.
fn facts_of(facts: &[FactId], owner: Option<EntityId>, graph: &Graph) -> Vec<FactId> {
    let of_owner = |fact: &FactId| match (graph.fact(*fact), owner) {
        (Fact::Link { subject, object, .. }, Some(owner)) => subject == owner || object == owner,
        (Fact::Value { subject, .. }, Some(owner)) => subject == owner,
        (_, None) => true,
    };
    facts.iter().filter(|fact| of_owner(fact)).copied().collect()
}

fn item(cell: &Cell, facts: &[FactId], graph: &Graph, sources: &mut Vec<String>) -> CitedValue {
    let (words, number) = words(cell, graph);
    let mut numbers: Vec<usize> = Vec::new();
    for citation in facts.iter().map(|fact| cite::citations(graph, *fact)).filter(|citation| !citation.is_empty()) {
        let place = sources.iter().position(|known| *known == citation).unwrap_or_else(|| {
            sources.push(citation);
            sources.len() - 1
        });
        if !numbers.contains(&(place + 1)) {
            numbers.push(place + 1);
        }
    }
    let notes = numbers.iter().map(|number| format!("[{number}]")).collect::<Vec<_>>().join(" ");
    let cited = facts.iter().map(|fact| cite::cited(graph, &cite::fact(graph, *fact), *fact));
    let title = cited.collect::<Vec<_>>().join(" · ");
    let title = if title.is_empty() { words.clone() } else { title };
    CitedValue { words, number, notes, title }
}

fn words(cell: &Cell, graph: &Graph) -> (String, Option<f64>) {
    match cell {
        Cell::Absent => ("—".to_string(), None),
        Cell::Entity(entity) => (graph.name(*entity).to_string(), None),
        Cell::Value(Value::Number(number)) => (cite::short_number(*number), Some(*number)),
        Cell::Value(value) => (value.to_string(), None),
        Cell::Path(path) => (path.iter().map(|id| graph.name(*id)).collect::<Vec<_>>().join(" → "), None),
        Cell::List(items) => (items.iter().map(|(cell, _)| words(cell, graph).0).collect::<Vec<_>>().join(", "), None),
    }
}

fn factor(left: &[CitedValue], right: &[CitedValue]) -> Option<f64> {
    let ([left], [right]) = (left, right) else { return None };
    let factor = right.number? / left.number?;
    (factor.is_finite() && factor > 0.0).then_some(factor)
}

fn draw_one(
    diff: &Diff,
    (differences, chips): (&[Difference], &[(String, CitedValue)]),
    graph: &Graph,
    columns: DiffColumns,
    top: f64,
    marks: &mut Vec<Mark>,
) -> f64 {
    for (id, side) in [(diff.left, Side::Left), (diff.right, Side::Right)] {
        marks.push(head(id, columns.side(side), top, graph));
    }
    let mut y = top + 34.0;
    let most = differences.iter().filter_map(|d| d.factor).map(|factor| factor.ln().abs());
    // At least a factor of 10 spans the bar, so that small factors do not fill it.
    let most = most.fold(10f64.ln(), f64::max);
    for (i, difference) in differences.iter().enumerate() {
        let lines = difference.left.len().max(difference.right.len()).max(1) as f64;
        let height = lines * LINE + 16.0;
        if i % 2 == 0 {
            marks.push(Mark::fill(Area::new(0.0, y, columns.width, height), "band"));
        }
        marks.extend(row(difference, columns, y, most));
        y += height;
    }
    if differences.is_empty() {
        marks.push(text(MARGIN, y + 20.0, "nothing differs", SIZE, "quiet", false));
        y += 34.0;
    }
    if chips.is_empty() { y } else { chip_lines(chips, columns, y + 20.0, marks) }
}

/// Draws a name with type and date below it.
fn head(id: EntityId, (x, anchor, room): (f64, Anchor, f64), top: f64, graph: &Graph) -> Mark {
    let kind = &graph.schema().type_(graph.type_of(id)).name;
    let date = graph.date_of(id);
    let below = if date.is_undated() { kind.clone() } else { format!("{kind} · {date}") };
    let name = fit(graph.name(id), room, 16.0, Weight::Bold);
    let group = Group {
        class: "m v".into(),
        id: super::slug(graph.name(id)),
        title: cite::entity(graph, id),
        stop: true,
        data: vec![("i", id.0.to_string())],
        marks: vec![
            Mark::Text(Text { anchor, bold: true, ..plain(x, top + 4.0, &name, 16.0, "ink name") }),
            Mark::Text(Text { anchor, ..plain(x, top + 22.0, &below, 12.0, "quiet") }),
        ],
        ..Group::default()
    };
    Mark::Group(group)
}

fn row(difference: &Difference, columns: DiffColumns, y: f64, most: f64) -> Vec<Mark> {
    let verb = fit(&difference.verb, columns.verb, SIZE, Weight::Regular);
    let mut marks = vec![text(MARGIN, y + 24.0, &verb, SIZE, "quiet", false)];
    for (items, side) in [(&difference.left, Side::Left), (&difference.right, Side::Right)] {
        let place @ (x, anchor, _) = columns.side(side);
        if items.is_empty() {
            marks.push(Mark::Text(Text { anchor, ..plain(x, y + 24.0, "—", SIZE, "quiet") }));
        }
        for (i, item) in items.iter().enumerate() {
            marks.push(value(item, place, y + 24.0 + LINE * i as f64));
        }
    }
    let middle = y + 19.0;
    match difference.factor {
        Some(factor) => marks.extend(bar(factor, most, columns, middle)),
        None if !difference.left.is_empty() && !difference.right.is_empty() => {
            let centre = (columns.bar.0 + columns.bar.1) / 2.0;
            let (from, to) = (point(centre - 18.0, middle), point(centre + 18.0, middle));
            marks.push(Mark::line(from, to, "sg", 1.6));
            let tip = [point(to.x - 7.0, middle - 5.0), to, point(to.x - 7.0, middle + 5.0)];
            marks.push(Mark::Path { steps: outline(&tip), class: "n sg".into(), stroke: 1.6, dash: "", opacity: 1.0 });
        }
        None => {}
    }
    marks
}

fn value(item: &CitedValue, (x, anchor, room): (f64, Anchor, f64), y: f64) -> Mark {
    let notes = if item.notes.is_empty() { 0.0 } else { 5.0 + width(&item.notes, SIZE * MORE, Weight::Regular) };
    let words = fit(&item.words, (room - notes).max(40.0), SIZE, Weight::Bold);
    let label = Text { anchor, bold: true, more: item.notes.clone(), ..plain(x, y, &words, SIZE, "ink name") };
    Mark::Group(Group {
        class: "m".into(),
        title: item.title.clone(),
        stop: !item.title.is_empty(),
        marks: vec![Mark::Text(label)],
        ..Group::default()
    })
}

/// Draws a factor as a bar on a log scale, and in digits.
fn bar(factor: f64, most: f64, columns: DiffColumns, y: f64) -> Vec<Mark> {
    let (from, to) = columns.bar;
    let room = to - from;
    let share = if most > 0.0 { factor.ln().abs() / most } else { 0.0 };
    let digits = |value: f64| format!("{}", (value * 100.0).round() / 100.0);
    let words = if factor >= 1.0 { format!("×{}", digits(factor)) } else { format!("÷{}", digits(1.0 / factor)) };
    vec![
        Mark::rounded(Area::new(from, y - 5.0, room, 10.0), 5.0, "fr"),
        Mark::rounded(Area::new(from, y - 5.0, (room * share).max(4.0), 10.0), 5.0, "fa"),
        text(to + 9.0, y + 5.0, &words, 13.0, "ink", true),
    ]
}

/// Draws the equal values in rounded boxes that fill lines.
fn chip_lines(chips: &[(String, CitedValue)], columns: DiffColumns, top: f64, marks: &mut Vec<Mark>) -> f64 {
    marks.push(text(MARGIN, top + 16.0, "the same", 13.0, "quiet", true));
    let left = MARGIN + 90.0;
    let (mut x, mut y) = (left, top);
    for (verb, item) in chips {
        let words = fit(&item.words, 320.0, 12.5, Weight::Bold);
        let verb_width = width(verb, 12.5, Weight::Regular);
        let notes = if item.notes.is_empty() { 0.0 } else { 5.0 + width(&item.notes, 10.5, Weight::Regular) };
        let room = 22.0 + verb_width + 6.0 + width(&words, 12.5, Weight::Bold) + notes;
        if x > left && x + room > columns.width - MARGIN {
            (x, y) = (left, y + 31.0);
        }
        let value = Text {
            bold: true,
            more: item.notes.clone(),
            ..plain(x + 17.0 + verb_width, y + 15.5, &words, 12.5, "ink name")
        };
        marks.push(Mark::Group(Group {
            class: "m".into(),
            title: item.title.clone(),
            stop: !item.title.is_empty(),
            marks: vec![
                Mark::rounded(Area::new(x, y, room, 23.0), 11.5, "chip"),
                text(x + 11.0, y + 15.5, verb, 12.5, "quiet", false),
                Mark::Text(value),
            ],
            ..Group::default()
        }));
        x += room + 8.0;
    }
    y + 23.0
}

fn footnotes(sources: &[String], columns: DiffColumns, top: f64, marks: &mut Vec<Mark>) -> f64 {
    let all =
        sources.iter().enumerate().map(|(i, source)| format!("[{}]\u{a0}{}", i + 1, source.replace(' ', "\u{a0}")));
    let words = all.collect::<Vec<_>>().join(" ");
    let lines = wrap(&words, columns.width - 2.0 * MARGIN, 11.5, Weight::Regular);
    let lines: Vec<&String> = lines.iter().filter(|line| !line.is_empty()).collect();
    for (i, line) in lines.iter().enumerate() {
        marks.push(text(MARGIN, top + 16.0 * i as f64, line, 11.5, "quiet", false));
    }
    top + 16.0 * lines.len() as f64 - 16.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(number: f64) -> CitedValue {
        CitedValue { words: number.to_string(), number: Some(number), notes: String::new(), title: String::new() }
    }

    #[test]
    fn factors_need_one_number_on_each_side() {
        assert_eq!(factor(&[item(2.0)], &[item(15.0)]), Some(7.5));
        assert_eq!(factor(&[item(0.0)], &[item(15.0)]), None);
        assert_eq!(factor(&[item(2.0), item(3.0)], &[item(15.0)]), None);
    }
}
