//! Draws bars and sparklines.

use super::tree::{Line, Narrow, aligned};
use crate::answer::{Adoption, Cell, Curve, Rise, Share, Table};
use crate::graph::{EntityId, Graph};
use crate::render::words::{Emphasis, TextStyle, cell_short, compact, escape, fit, gap, names, width};
use crate::value::{Number, Value};

/// Returns a bar for a share of the whole, in eighths of a character.
fn bar(share: f64, length: usize, ascii: bool) -> String {
    let eighths = (share.clamp(0.0, 1.0) * length as f64 * 8.0).round() as usize;
    if ascii {
        return "#".repeat(eighths.div_ceil(8));
    }
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
    "█".repeat(eighths / 8) + rest
}

/// Returns a character with the height of a share; a dot for zero.
fn level(share: f64, ascii: bool) -> &'static str {
    let levels = if ascii {
        ["_", ".", ":", "-", "=", "+", "*", "#"]
    } else {
        ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    };
    match (share <= 0.0, ascii) {
        (true, true) => " ",
        (true, false) => "·",
        _ => levels[((share.min(1.0) * 8.0).ceil() as usize).clamp(1, 8) - 1],
    }
}

/// Returns a bar for each row, by its last numeric column; the other columns label it. `None` if no column is numeric
/// or a number is negative.
pub fn bars(table: &Table, graph: &Graph, looks: &TextStyle) -> Option<String> {
    let column = table.columns.iter().rposition(|column| column.numeric)?;
    let number = |cell: Option<&Cell>| match cell {
        Some(Cell::Value(Value::Unknown) | Cell::Absent) | None => Some(0.0),
        Some(Cell::Value(value)) => value.number().map(Number::to_f64).filter(|number| *number >= 0.0),
        _ => None,
    };
    let numbers: Vec<f64> = table.rows.iter().map(|row| number(row.cells.get(column))).collect::<Option<_>>()?;
    let most = numbers.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let labels: Vec<String> = table
        .rows
        .iter()
        .map(|row| {
            let others = row.cells.iter().enumerate().filter(|(i, _)| *i != column);
            let words: Vec<String> = others.map(|(_, cell)| cell_short(graph, cell)).collect();
            escape(&words.join(", ")).into_owned() + if row.certain { "" } else { " ?" }
        })
        .collect();
    let screen = looks.columns();
    let label_width = labels.iter().map(|label| width(label)).max().unwrap_or(0).min(screen / 2);
    let number_width = numbers.iter().map(|number| compact(*number).len()).max().unwrap_or(0);
    let length = screen.saturating_sub(label_width + number_width + 3).max(1);
    let lines = labels.iter().zip(&numbers).map(|(label, number)| {
        let label = fit(label, label_width, looks.ascii);
        let bar = bar(number / most, length, looks.ascii);
        format!("{label}{}  {bar} {}\n", gap(&label, label_width), compact(*number))
    });
    Some(lines.collect())
}

/// Draws one adopted entity as a bar for each period, several as a curve each.
pub fn adoption(adoption: &Adoption, graph: &Graph, looks: &TextStyle) -> String {
    match adoption.curves.as_slice() {
        [] => "nothing that could be adopted\n".to_string(),
        [curve] => one(adoption, curve, graph, looks),
        curves if !adoption.timed => groups(adoption, curves, graph, looks),
        curves => many(adoption, curves, graph, looks),
    }
}

/// Draws each period with the new adopters, the running total, and their names; groups have no running total.
fn one(adoption: &Adoption, curve: &Curve, graph: &Graph, looks: &TextStyle) -> String {
    let most = curve.certain.iter().zip(&curve.possible).map(|(sure, maybe)| sure.len() + maybe.len()).max();
    let most = most.unwrap_or(0).max(1) as f64;
    let length = (looks.columns() / 4).min(most as usize * 4);
    let mut lines = vec![headed(curve, graph)];
    let mut so_far = 0;
    for (i, period) in adoption.periods.iter().enumerate() {
        let (sure, maybe) = (part(&curve.certain, i), part(&curve.possible, i));
        so_far += sure.len();
        let mut drawn = bar(sure.len() as f64 / most, length, looks.ascii);
        let shade = if looks.ascii { "?" } else { "░" };
        drawn += &shade.repeat((maybe.len() as f64 / most * length as f64).round() as usize);
        let who = names(graph, sure).into_iter().chain(names(graph, maybe).into_iter().map(|name| name + "?"));
        let who = escape(&who.collect::<Vec<_>>().join(", ")).into_owned();
        lines.push(Line {
            text: format!("  {}", escape(period)),
            face: None,
            notes: vec![
                (counted(sure.len(), maybe.len()), true),
                // Groups have no order, so they have no running total.
                (if adoption.timed { so_far.to_string() } else { String::new() }, true),
                (shared(curve.shares.get(i).copied().flatten()), true),
                (drawn, false),
                (who, false),
            ],
        });
    }
    for (head, who) in [("in several", &curve.wide), ("undated", &curve.undated)] {
        if !who.is_empty() {
            let who_names = escape(&names(graph, who).join(", ")).into_owned();
            let count = (who.len().to_string(), true);
            let notes = vec![count, Default::default(), Default::default(), Default::default(), (who_names, false)];
            lines.push(Line { text: format!("  {head}"), face: None, notes });
        }
    }
    aligned(&lines, 2, Narrow::Cut, looks)
}

/// Returns a share as text: `12% of 34`.
fn shared(share: Option<Share>) -> String {
    let Some(Share { recorded: (few, many), percent: (low, high) }) = share else { return String::new() };
    let of = if few == many { few.to_string() } else { format!("{few} to {many}") };
    let percent = if low == high { format!("{low:.0}%") } else { format!("{:.0} to {:.0}%", low.floor(), high.ceil()) };
    format!("{percent} of {of}")
}

/// Returns the adopted entity with its first adopters.
fn headed(curve: &Curve, graph: &Graph) -> Line {
    let first = first(curve, graph);
    let text = match first.is_empty() {
        true => graph.name(curve.adopted).to_string(),
        false => format!("{}, first {first}", graph.name(curve.adopted)),
    };
    Line { text: escape(&text).into_owned(), face: Some(Emphasis::Head), notes: Vec::new() }
}

fn first(curve: &Curve, graph: &Graph) -> String {
    let word = |(entity, certain): &(EntityId, bool)| {
        let date = graph.date_of(*entity);
        let date = if date.is_undated() { String::new() } else { format!(" {date}") };
        format!("{}{}{date}", graph.name(*entity), if *certain { "" } else { "?" })
    };
    let shown: Vec<String> = curve.first.iter().take(3).map(word).collect();
    let more = curve.first.len().saturating_sub(3);
    shown.join(", ") + &if more > 0 { format!(", {more} more") } else { String::new() }
}

/// Draws a line for each adopted entity: its shares by year, then the measures of the table.
pub fn rise(rise: &Rise, table: &Table, graph: &Graph, looks: &TextStyle) -> String {
    if rise.rises.is_empty() {
        return "nobody has taken up any of these\n".to_string();
    }
    let shares = |curve: &Curve| curve.shares.iter().map(|share| share.map_or(0.0, |share| share.percent.1)).collect();
    let heights: Vec<Vec<f64>> = rise.adoption.curves.iter().map(shares).collect();
    // Skips the years before the first share.
    let first = heights.iter().filter_map(|heights| heights.iter().position(|height| *height > 0.0)).min().unwrap_or(0);
    let years = &rise.adoption.periods[first..];
    let room = (looks.columns() / 3).max(8);
    let skipped = first + years.len().saturating_sub(room);
    let span = match (rise.adoption.periods.get(skipped), years.last()) {
        (Some(first), Some(last)) => format!("share {first} to {last}"),
        _ => String::new(),
    };
    let mut titles = vec![("adopted", false), (span.as_str(), false)];
    titles.extend(table.columns.iter().skip(1).map(|column| (column.title.as_str(), column.numeric)));
    let lines = table.rows.iter().zip(&heights).map(|(row, heights)| {
        let drawn: String = heights[skipped..].iter().map(|height| level(height / 100.0, looks.ascii)).collect();
        let mut cells = row.cells.iter().map(|cell| shortened(graph, cell));
        let adopted = cells.next().unwrap_or_default();
        [adopted, drawn].into_iter().chain(cells).collect()
    });
    crate::render::rows::grid(&titles, &lines.collect::<Vec<_>>(), looks).text
}

/// Returns a cell as text; a list of more than two by its first member.
fn shortened(graph: &Graph, cell: &Cell) -> String {
    match cell {
        Cell::List(items) if items.len() > 2 => {
            format!("{}, {} more", cell_short(graph, &Cell::List(items[..1].to_vec())), items.len() - 1)
        }
        cell => cell_short(graph, cell),
    }
}

fn part(periods: &[Vec<EntityId>], i: usize) -> &[EntityId] {
    periods.get(i).map_or(&[], Vec::as_slice)
}

fn counted(sure: usize, maybe: usize) -> String {
    if maybe == 0 { sure.to_string() } else { format!("{sure} to {}", sure + maybe) }
}

/// Draws a line for each adopted entity: the running total by period, the current total, the first adopters.
fn many(adoption: &Adoption, curves: &[Curve], graph: &Graph, looks: &TextStyle) -> String {
    let counts = |curve: &Curve| -> Vec<usize> {
        let mut so_far = 0;
        let new = (0..adoption.periods.len()).map(|i| part(&curve.certain, i).len());
        new.map(|new| {
            so_far += new;
            so_far
        })
        .collect()
    };
    let heights: Vec<Vec<usize>> = curves.iter().map(counts).collect();
    let most = heights.iter().flatten().copied().max().unwrap_or(0).max(1) as f64;
    let room = (looks.columns() / 3).max(8);
    let skipped = adoption.periods.len().saturating_sub(room);
    let each = (room / (adoption.periods.len() - skipped).max(1)).clamp(1, 5);
    let periods = &adoption.periods[skipped..];
    let titles = ["in all", "possible", "first"].map(String::from);
    let [all, possible, first_title] = titles;
    let mut lines = vec![Line {
        text: String::new(),
        face: None,
        notes: vec![(period_titles(periods, each), false), (all, true), (possible, true), (first_title, false)],
    }];
    for (curve, heights) in curves.iter().zip(&heights) {
        let drawn = heights[skipped..].iter().map(|height| level(*height as f64 / most, looks.ascii).repeat(each));
        let sure: usize = curve.certain.iter().map(Vec::len).sum::<usize>() + curve.wide.len() + curve.undated.len();
        let maybe = possible_only(curve);
        let upper = if maybe == 0 {
            String::new()
        } else {
            format!("{} {}", if looks.ascii { "<=" } else { "≤" }, sure + maybe)
        };
        let notes =
            vec![(drawn.collect(), false), (sure.to_string(), true), (upper, true), (first(curve, graph), false)];
        lines.push(Line { text: escape(graph.name(curve.adopted)).into_owned(), face: None, notes });
    }
    aligned(&lines, 2, Narrow::Cut, looks)
}

/// Draws a line for each adopted entity, with the number of adopters of each group.
fn groups(adoption: &Adoption, curves: &[Curve], graph: &Graph, looks: &TextStyle) -> String {
    let groups = adoption.periods.iter().map(|group| (group.as_str(), true));
    let titles: Vec<(&str, bool)> = [("", false)].into_iter().chain(groups).chain([("first", false)]).collect();
    let line = |curve: &Curve| {
        let counts = (0..adoption.periods.len()).map(|i| {
            let (sure, maybe) = (part(&curve.certain, i).len(), part(&curve.possible, i).len());
            if sure + maybe == 0 { String::new() } else { counted(sure, maybe) }
        });
        let name = graph.name(curve.adopted).to_string();
        [name].into_iter().chain(counts).chain([first(curve, graph)]).collect()
    };
    let lines: Vec<Vec<String>> = curves.iter().map(line).collect();
    crate::render::rows::grid(&titles, &lines, looks).text
}

/// Returns the number of adopters that are possible somewhere and certain nowhere.
fn possible_only(curve: &Curve) -> usize {
    let mut maybe: Vec<EntityId> = curve.possible.iter().flatten().copied().collect();
    maybe.sort();
    maybe.dedup();
    let sure = |entity: &EntityId| {
        curve.certain.iter().flatten().chain(&curve.wide).chain(&curve.undated).any(|known| known == entity)
    };
    maybe.into_iter().filter(|entity| !sure(entity)).count()
}

/// Returns the titles of the periods above their columns, as many as fit.
fn period_titles(periods: &[String], each: usize) -> String {
    let mut titles = String::new();
    for (i, period) in periods.iter().enumerate() {
        let at = i * each;
        if titles.is_empty() || width(&titles) < at {
            titles += &gap(&titles, at);
            titles += period;
        }
    }
    titles
}

#[cfg(test)]
mod tests {
    use super::{bar, level};

    #[test]
    fn eighths() {
        assert_eq!(bar(1.0, 3, false), "███");
        assert_eq!(bar(0.5, 3, false), "█▌");
        assert_eq!(bar(0.01, 3, true), "");
        assert_eq!((level(0.0, false), level(0.01, false), level(1.0, false)), ("·", "▁", "█"));
    }
}
