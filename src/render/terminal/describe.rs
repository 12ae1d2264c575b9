//! Shows everything known about an entity, and compares two entities.

use super::tree::{Line, Narrow, aligned};
use crate::answer::{Diff, Difference, Side};
use crate::graph::{CitedFact, EntityId, FactId, Graph};
use crate::limits::in_budget;
use crate::render::words::{Emphasis, TextStyle, cell_short, citations_of, escape, value_short};
use crate::schema::PropertyId;
use crate::value::{Date, Value};

/// Shows the entity's type and aliases, its values, and its facts as subject and as object, each with citations.
pub fn describe(entity: EntityId, graph: &Graph, looks: &TextStyle) -> String {
    let type_name = &graph.schema().type_(graph.type_of(entity)).name;
    let sign = if looks.ascii { "-" } else { "·" };
    let mut title = format!("{} {sign} {type_name}", graph.name(entity));
    let aliases: Vec<&str> = graph.names().aliases(entity).collect();
    if !aliases.is_empty() {
        title += &format!(" {sign} also {}", aliases.join(", "));
    }
    let mut lines = vec![head(&escape(&title), Emphasis::Head)];
    lines.extend(values(entity, graph));
    lines.extend(links(entity, graph));
    if lines.len() == 1 {
        lines.push(head("  nothing is claimed of it", Emphasis::Aside));
    }
    aligned(&lines, 4, Narrow::Cut, looks)
}

fn head(text: &str, face: Emphasis) -> Line {
    Line { text: text.to_string(), face: Some(face), notes: Vec::new() }
}

fn cited(text: &str, facts: &[FactId], face: Option<Emphasis>, graph: &Graph) -> Line {
    let all = citations_of(graph, &facts.iter().copied().map(CitedFact::from).collect::<Vec<_>>());
    let is_doubtful = !facts.is_empty() && facts.iter().all(|fact| graph.is_doubtful(*fact));
    let text = format!("  {}{}", escape(text), if is_doubtful { " ?" } else { "" });
    let note = if all.is_empty() { String::new() } else { format!("[{}]", escape(&all)) };
    Line { text, face: face.or(is_doubtful.then_some(Emphasis::Possible)), notes: vec![(note, false)] }
}

/// Returns the stated values, in the order of the schema.
fn values(entity: EntityId, graph: &Graph) -> Vec<Line> {
    let mut lines = Vec::new();
    for id in &graph.schema().type_(graph.type_of(entity)).properties {
        let property = graph.schema().property(*id);
        let word = property.verb.clone().unwrap_or_else(|| format!("{}:", property.name));
        let values = graph.values(*id);
        for position in values.span(entity) {
            let text = format!("{word} {}", value_short(&values.stated.get(position)));
            lines.push(cited(&text, &[values.fact(position)], None, graph));
        }
        if let Some(date) = narrowed(entity, *id, graph) {
            let notes = vec![("[by what is stated of others]".to_string(), false)];
            lines.push(Line { text: format!("  {word} {date}"), face: None, notes });
        }
    }
    lines
}

/// Returns the settled date, if no source states this date.
fn narrowed(entity: EntityId, property: PropertyId, graph: &Graph) -> Option<Date> {
    let Value::Date(date) = graph.value(entity, property) else { return None };
    let values = graph.values(property);
    let is_stated = values.span(entity).any(|position| values.stated.get(position) == Value::Date(date));
    (!date.is_undated() && !is_stated).then_some(date)
}

/// Returns the facts with the entity as subject, verb by verb, then those with it as object.
fn links(entity: EntityId, graph: &Graph) -> Vec<Line> {
    let mut lines = Vec::new();
    for (id, verb) in graph.schema().verbs() {
        let relation = graph.relation(id);
        for other in relation.forward.of(entity).iter().take_while(in_budget) {
            let other = EntityId(*other);
            let text = format!("{} {}", verb.name, graph.name(other));
            lines.push(cited(&text, &Vec::from_iter(relation.fact(entity, other)), None, graph));
        }
    }
    for (id, verb) in graph.schema().verbs() {
        let relation = graph.relation(id);
        let word = verb.inverse.clone().unwrap_or_else(|| format!("^ {}", verb.name));
        for other in relation.reverse.of(entity).iter().take_while(in_budget) {
            let other = EntityId(*other);
            let text = format!("{word} {}", graph.name(other));
            lines.push(cited(&text, &Vec::from_iter(relation.fact(other, entity)), None, graph));
        }
    }
    lines
}

/// Shows what only the left entity has, what only the right one has, and what both have.
pub fn diffs(diffs: &[Diff], graph: &Graph, looks: &TextStyle) -> String {
    if diffs.is_empty() {
        return "nothing to compare: no rows\n".to_string();
    }
    let each: Vec<String> = diffs.iter().map(|diff| one_diff(diff, graph, looks)).collect();
    each.join("\n")
}

fn one_diff(diff: &Diff, graph: &Graph, looks: &TextStyle) -> String {
    let (left, right) = (graph.name(diff.left), graph.name(diff.right));
    let sides = [
        (Side::Left, format!("only {left} (removed)"), Some(Emphasis::Dropped)),
        (Side::Right, format!("only {right} (added)"), Some(Emphasis::Added)),
        (Side::Both, "both".to_string(), None),
    ];
    let mut lines = Vec::new();
    for (side, title, face) in sides {
        let entries: Vec<&Difference> = diff.entries.iter().filter(|entry| entry.side == side).collect();
        if !entries.is_empty() {
            lines.push(head(&escape(&title), Emphasis::Head));
        }
        for entry in entries {
            let text = format!("{} {}", entry.verb, cell_short(graph, &entry.cell));
            lines.push(cited(&text, &entry.facts, face, graph));
        }
    }
    if lines.is_empty() {
        lines.push(head(&escape(&format!("nothing is known of {left} and {right}")), Emphasis::Plain));
    }
    aligned(&lines, 4, Narrow::Cut, looks)
}
