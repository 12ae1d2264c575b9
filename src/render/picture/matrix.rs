//! A matrix: columns by date, rows by date, so that adoption makes a staircase.

use super::paint::frame::{self, Frame, MARGIN, Sign, plain, surround, text};
use super::paint::marks::{Area, Def, Group, Mark, Picture, Step, Text, point};
use super::paint::metrics::{Weight, fit, width};
use super::paint::palette::{self, COLOURS};
use super::{PictureLooks, Room, Words, cite, counted, frame, noun};
use crate::answer::Matrix;
use crate::graph::{EntityId, Graph};
use crate::limits::{in_budget, is_over};
use crate::value::Truth;
use rustc_hash::FxHashMap;

const ROW: f64 = 30.0;
const HEAD_MOST: f64 = 220.0;
/// Names of columns lean by this many degrees; their sine and cosine.
const LEAN: f64 = -62.0;
const SIN: f64 = 0.883;
const COS: f64 = 0.469;

/// Where the cells are.
#[derive(Debug, Clone, Copy)]
struct Cells {
    left: f64,
    top: f64,
    column: f64,
    /// From the cells' top up to the names' ends.
    names: f64,
}

pub fn draw(matrix: &Matrix, graph: &Graph, looks: &PictureLooks, _room: Room) -> Picture {
    let owners = owners(matrix, graph, looks);
    let column = (1400.0 / matrix.columns.len().max(1) as f64).clamp(13.0, 36.0);
    let size = name_size(column);
    let longest = matrix.columns.iter().map(|id| width(graph.name(*id), size, Weight::Regular)).fold(0.0, f64::max);
    let heads = matrix.rows.iter().map(|id| width(graph.name(*id), 13.0, Weight::Bold)).fold(60.0, f64::max);
    let left = MARGIN + heads.min(HEAD_MOST) + 22.0;
    let names = longest.min(190.0) * SIN + 16.0;
    let right = left + column * matrix.columns.len() as f64;
    let width = (right + 52.0).max(right + longest.min(190.0) * COS + 12.0).max(620.0).ceil();
    let frame = words(matrix, graph, looks, !owners.names.is_empty());
    let top = frame::top(&frame, width) + 30.0 + names;
    let cells = Cells { left, top, column, names };
    let mut marks = bands(matrix, width, &cells);
    marks.extend(years(matrix, graph, &cells));
    for (i, id) in matrix.columns.iter().enumerate().take_while(in_budget) {
        marks.push(column_head(*id, i, owners.class(i), size, graph, &cells));
    }
    for (row, id) in matrix.rows.iter().enumerate().take_while(in_budget) {
        marks.extend(row_marks(matrix, *id, row, &owners, width, graph, &cells));
    }
    let defs = vec![Def::Hatch { id: "begat-hatch".into(), class: "sg".into() }];
    let picture = Picture { width, defs, marks, ..Picture::default() };
    surround(&frame, picture, top + ROW * matrix.rows.len() as f64, signs(&owners))
}

fn words(matrix: &Matrix, graph: &Graph, looks: &PictureLooks, owned: bool) -> Frame {
    let (rows, columns) = (noun(graph, &matrix.rows), noun(graph, &matrix.columns));
    let title = match looks.query.is_empty() {
        true => format!("{} and {}", counted(matrix.rows.len(), &rows), counted(matrix.columns.len(), &columns)),
        false => looks.query.clone(),
    };
    let order = |entities: &[EntityId], others: &str| match entities
        .iter()
        .filter(|entity| graph.date_of(**entity).is_undated())
        .count()
    {
        0 => "in order of date".to_string(),
        undated if undated == entities.len() => format!("undated, {others}"),
        _ => format!("in order of date, the undated last, {others}"),
    };
    let columns_counted = counted(matrix.columns.len(), &columns);
    let rows_counted = counted(matrix.rows.len(), &rows);
    let mut rules = vec![
        format!("columns: {columns_counted}, {}", order(&matrix.columns, "in the order of the graph")),
        format!("rows: {rows_counted}, {}", order(&matrix.rows, "in the order of their first column")),
    ];
    if matrix.earliest.iter().flatten().any(|is_earliest| *is_earliest) {
        rules.push(format!("ring = the earliest {rows} of its column, all that no other certainly precedes"));
    }
    if matrix.cells.iter().flatten().any(|cell| *cell == Truth::Maybe) {
        rules.push("hatched = only possible".into());
    }
    if owned {
        rules.push("colour = owner".into());
    }
    let yes = matrix.cells.iter().flatten().filter(|cell| **cell == Truth::Yes).count();
    let all = matrix.rows.len() * matrix.columns.len();
    let desc =
        format!("A matrix of {rows} by {columns}; {yes} of {all} cells hold. The title of each names its source.");
    let shown: Vec<EntityId> = matrix.rows.iter().chain(&matrix.columns).copied().collect();
    frame(graph, looks, Words { title, rules, notes: Vec::new(), desc, shown: &shown })
}

/// Who owns the columns, and which colour that is.
struct Owners {
    names: Vec<String>,
    of: Vec<Option<usize>>,
}

impl Owners {
    fn colour(&self, owner: usize) -> usize {
        palette::lane(owner, self.of.contains(&None))
    }

    fn class(&self, column: usize) -> String {
        match (self.of[column], self.names.is_empty()) {
            (Some(owner), _) => self.colour(owner).to_string(),
            (None, true) => "a".to_string(),
            (None, false) => "g".to_string(),
        }
    }
}

fn owners(matrix: &Matrix, graph: &Graph, looks: &PictureLooks) -> Owners {
    let mut owners = Owners { names: Vec::new(), of: Vec::new() };
    let mut known: FxHashMap<EntityId, usize> = FxHashMap::default();
    for id in &matrix.columns {
        let word = looks.lane.as_deref().unwrap_or(cite::plot(graph, *id, |plot| &plot.lane));
        let owner = graph.schema().lookup_word(word).and_then(|word| cite::reached(graph, *id, word).first().copied());
        let place = owner.map(|owner| {
            *known.entry(owner).or_insert_with(|| {
                owners.names.push(graph.name(owner).to_string());
                owners.names.len() - 1
            })
        });
        owners.of.push(place);
    }
    owners
}

fn name_size(column: f64) -> f64 {
    (column * 0.62).clamp(8.5, 11.5)
}

fn bands(matrix: &Matrix, width: f64, cells: &Cells) -> Vec<Mark> {
    let rows = (0..matrix.rows.len()).step_by(2);
    rows.map(|row| Mark::fill(Area::new(0.0, cells.top + ROW * row as f64, width, ROW), "band")).collect()
}

/// A line and a word where a new year begins, and before the undated.
fn years(matrix: &Matrix, graph: &Graph, cells: &Cells) -> Vec<Mark> {
    let mut marks = Vec::new();
    let bottom = cells.top + ROW * matrix.rows.len() as f64;
    let (mut last, mut free, mut high) = (None, f64::NEG_INFINITY, f64::NEG_INFINITY);
    for (i, id) in matrix.columns.iter().enumerate() {
        let date = graph.date_of(*id);
        // A date that may lie in several years stands under itself.
        let head = date.year_of().map_or_else(|| date.to_string(), |year| year.to_string());
        if last.as_ref() == Some(&head) {
            continue;
        }
        let x = cells.left + cells.column * i as f64;
        // A word without room stands a line higher.
        let y = cells.top - cells.names - if x >= free { 4.0 } else { 18.0 };
        marks.push(Mark::line(point(x, y - 10.0), point(x, bottom), "rule", 1.0));
        if x >= free {
            free = x + 10.0 + width(&head, 12.5, Weight::Bold);
            marks.push(text(x + 5.0, y, &head, 12.5, "quiet", true));
        } else if x >= high {
            high = x + 10.0 + width(&head, 12.5, Weight::Bold);
            marks.push(text(x + 5.0, y, &head, 12.5, "quiet", true));
        }
        last = Some(head);
    }
    marks
}

fn column_head(id: EntityId, i: usize, class: String, size: f64, graph: &Graph, cells: &Cells) -> Mark {
    let x = cells.left + cells.column * (i as f64 + 0.5);
    let name = fit(graph.name(id), 190.0, size, Weight::Regular);
    let label = Text { turn: LEAN, ..plain(x + 2.0, cells.top - 12.0, &name, size, "ink name") };
    let bar = Mark::rounded(Area::new(x - 5.0, cells.top - 7.0, 10.0, 3.0), 1.5, &format!("f{class}"));
    Mark::Group(Group {
        class: "m v".into(),
        id: super::slug(graph.name(id)),
        title: cite::entity(graph, id),
        stop: true,
        data: vec![("i", id.0.to_string())],
        marks: vec![Mark::Text(label), bar],
    })
}

fn row_marks(
    matrix: &Matrix,
    id: EntityId,
    row: usize,
    owners: &Owners,
    width: f64,
    graph: &Graph,
    cells: &Cells,
) -> Vec<Mark> {
    let y = cells.top + ROW * row as f64;
    let name = fit(graph.name(id), HEAD_MOST, 13.0, Weight::Bold);
    let head = Group {
        class: "m".into(),
        title: cite::entity(graph, id),
        stop: true,
        marks: vec![text(MARGIN, y + 19.5, &name, 13.0, "ink name", true)],
        ..Group::default()
    };
    let mut marks = vec![Mark::Group(head)];
    let holds = &matrix.cells[row];
    let is_earliest = |column: usize| matrix.earliest.get(row).is_some_and(|cells| cells.get(column) == Some(&true));
    let mut dots: Vec<Step> = Vec::new();
    for (i, (cell, column)) in holds.iter().zip(&matrix.columns).enumerate() {
        if is_over() {
            break;
        }
        let x = cells.left + cells.column * i as f64;
        if *cell == Truth::No {
            let middle = point(x + cells.column / 2.0, y + ROW / 2.0);
            dots.extend([Step::Move(point(middle.x - 0.9, middle.y)), Step::Line(point(middle.x + 0.9, middle.y))]);
        } else {
            let area = Area::new(x + 2.5, y + 4.0, cells.column - 5.0, ROW - 8.0);
            let title = sentence(*column, id, graph);
            marks.push(cell_mark(area, *cell == Truth::Yes, is_earliest(i), &owners.class(i), title));
        }
    }
    marks.push(Mark::Path { steps: dots, class: "n sg".into(), stroke: 1.8, dash: "", opacity: 0.5 });
    let count = holds.iter().filter(|cell| **cell == Truth::Yes).count().to_string();
    let at = cells.left + cells.column * matrix.columns.len() as f64 + 14.0;
    marks.push(text(at.min(width - MARGIN), y + 19.5, &count, 12.0, "quiet", false));
    marks
}

fn cell_mark(area: Area, certain: bool, first: bool, class: &str, title: String) -> Mark {
    let mut marks = if certain {
        vec![Mark::rounded(area, 4.0, &format!("f{class} dot s{class}"))]
    } else {
        let fill = "begat-hatch".to_string();
        vec![Mark::Box { area, round: 4.0, class: String::new(), opacity: 1.0, fill }]
    };
    if first {
        let at = point(area.x + area.width / 2.0, area.y + area.height / 2.0);
        let radius = (area.width / 3.2).min(5.5);
        marks.push(Mark::Dot { at, radius, class: "n halo".into(), stroke: 2.4 });
    }
    let doubt = if certain { "" } else { " (only possible)" };
    Mark::Group(Group { class: "m".into(), title: format!("{title}{doubt}"), stop: true, marks, ..Group::default() })
}

/// The facts that join the two, with their sources; else their names.
fn sentence(column: EntityId, row: EntityId, graph: &Graph) -> String {
    let ways = graph.schema().verbs().flat_map(|(verb, _)| [(column, verb, row), (row, verb, column)]);
    let facts = ways.filter_map(|(subject, verb, object)| {
        let fact = graph.relation(verb).fact(subject, object)?;
        Some(cite::link(graph, subject, verb, object, fact))
    });
    let words = facts.collect::<Vec<_>>().join(" · ");
    if words.is_empty() { format!("{}, {}", graph.name(column), graph.name(row)) } else { words }
}

fn signs(owners: &Owners) -> Vec<Sign> {
    let sign = |(i, name): (usize, &String)| {
        let area = Area::new(0.0, -6.0, 13.0, 12.0);
        Sign {
            marks: vec![Mark::rounded(area, 3.0, &format!("f{}", owners.colour(i)))],
            room: 13.0,
            word: name.clone(),
        }
    };
    // More owners than colours: the column heads' bars and titles must do.
    let shown = if owners.names.len() > COLOURS { 0 } else { owners.names.len() };
    let mut signs: Vec<Sign> = owners.names.iter().take(shown).enumerate().map(sign).collect();
    if !owners.names.is_empty() && owners.of.contains(&None) {
        let area = Area::new(0.0, -6.0, 13.0, 12.0);
        signs.push(Sign { marks: vec![Mark::rounded(area, 3.0, "fg")], room: 13.0, word: "owner not told".into() });
    }
    signs
}
