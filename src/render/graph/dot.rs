//! Writes DOT for Graphviz.
//!
//! Time runs from left to right: the quarters form an invisible spine, and entities of the same quarter share a rank.
//! Every link is written from the earlier end to the later, whatever its direction (`dir=back` reverses its arrow), so
//! that no rank contradicts the spine. Shapes come from the schema; colours distinguish types and verbs; lanes are
//! clusters; dashes mark doubtful facts and vague dates.
//!
//! If all links have the same verb, a legend names it once. Beyond [`MANY`] links Graphviz takes long over labels, and
//! loses links of one rank inside clusters: such a graph has a legend of its verbs instead of labels, and its lanes in
//! the tooltips instead of clusters.

use super::{Drawing, Edge, MANY_NODES, Node, visible};
use crate::limits::{in_budget, is_over_after};
use crate::render::words::compact;
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Line colours by type and verb, in this order; the same as in the pictures.
const PALETTE: [&str; 8] = ["#0b4a16", "#626d77", "#233ba1", "#1f9aa6", "#9468ee", "#b34a08", "#ba8604", "#7d1450"];

/// The Graphviz shapes that a schema may name; others are drawn as boxes.
const SHAPES: &str = "box ellipse oval circle diamond hexagon octagon polygon point egg triangle plaintext plain \
                      parallelogram trapezium house pentagon septagon doublecircle doubleoctagon tripleoctagon \
                      invtriangle invtrapezium invhouse rect rectangle square star none underline cylinder note tab \
                      folder box3d component";

/// Above this number of links there are neither labels nor clusters.
const MANY: usize = 60;

/// Year and quarter (1 to 4).
type Quarter = (i32, u8);

/// Returns the drawing as a digraph for `dot`; valid for any names.
pub fn dot(drawing: &Drawing) -> String {
    let quarters: Vec<Option<Quarter>> = drawing.nodes.iter().map(quarter).collect();
    let mut text = String::from(HEAD);
    if drawing.nodes.len() > MANY_NODES {
        let _ = writeln!(text, "  // {}", super::too_many(drawing.nodes.len()));
    }
    if !has_labels(drawing) {
        write_legend(&mut text, drawing);
    }
    write_lanes(&mut text, drawing);
    let dated: BTreeSet<Quarter> = quarters.iter().flatten().copied().collect();
    if dated.len() > 1 {
        write_spine(&mut text, drawing, &quarters, &dated);
    }
    let has_labels = has_labels(drawing);
    for edge in drawing.edges.iter().take_while(in_budget) {
        write_edge(&mut text, drawing, edge, &quarters, dated.len() > 1, has_labels);
    }
    text + "}\n"
}

/// Returns whether links are labelled: if there are few, with different verbs.
fn has_labels(drawing: &Drawing) -> bool {
    let mut verbs = drawing.edges.iter().map(|edge| edge.verb);
    let first = verbs.next();
    drawing.edges.len() <= MANY && verbs.any(|verb| Some(verb) != first)
}

const HEAD: &str = "\
digraph begat {
  graph [rankdir=LR, newrank=true, ranksep=0.4, nodesep=0.15, fontname=\"Helvetica\", fontsize=10, charset=\"UTF-8\"];
  node [shape=box, style=rounded, fontname=\"Helvetica\", fontsize=10, height=0.3, margin=\"0.1,0.04\"];
  edge [fontname=\"Helvetica\", fontsize=8, arrowsize=0.6];
";

/// Writes the verbs of the links in their colours, sorted.
fn write_legend(text: &mut String, drawing: &Drawing) {
    let verbs: BTreeSet<&str> = drawing.edges.iter().map(|edge| edge.verb).collect();
    if verbs.is_empty() {
        return;
    }
    let words = verbs.iter().map(|verb| {
        let verb_words = verb.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        format!("<font color=\"{}\">{verb_words}</font>", verb_color(drawing, verb))
    });
    let _ = writeln!(text, "  label=<{}>;", words.collect::<Vec<_>>().join("   "));
}

/// Writes the nodes, each lane as a cluster unless there are many links; lanes in the order of their first node.
fn write_lanes(text: &mut String, drawing: &Drawing) {
    // Nodes without a lane come first, outside of all clusters.
    let mut lanes: Vec<(Option<&str>, Vec<&Node>)> = vec![(None, Vec::new())];
    for node in &drawing.nodes {
        if is_over_after(lanes.len()) {
            return;
        }
        match lanes.iter_mut().find(|(lane, _)| *lane == node.lane.as_deref()) {
            Some((_, nodes)) => nodes.push(node),
            None => lanes.push((node.lane.as_deref(), vec![node])),
        }
    }
    for (i, (lane, nodes)) in lanes.iter().enumerate() {
        let lane = lane.filter(|_| drawing.edges.len() <= MANY);
        let indent = if lane.is_some() { "    " } else { "  " };
        if let Some(lane) = lane {
            let _ = writeln!(text, "  subgraph cluster_{i} {{\n    label={}; color=\"#cccccc\";", quote(lane));
        }
        for node in nodes.iter().take_while(in_budget) {
            let _ = writeln!(text, "{indent}{} [{}];", quote(&node.id), node_attributes(drawing, node));
        }
        text.push_str(if lane.is_some() { "  }\n" } else { "" });
    }
}

fn node_attributes(drawing: &Drawing, node: &Node) -> String {
    let id = drawing.graph.type_of(node.entity);
    let plot = &drawing.graph.schema().type_(id).plot;
    let mut attributes = vec![format!("label={}", label(node))];
    let shape = Some(plot.shape.as_str()).filter(|shape| SHAPES.split_whitespace().any(|known| known == *shape));
    if let Some(shape) = shape.filter(|shape| *shape != "box") {
        attributes.push(format!("shape={shape}"));
    }
    if is_vague(node) {
        attributes.push("style=\"rounded,dashed\"".to_string());
    }
    attributes.push(format!("color=\"{}\"", PALETTE[id.0 as usize % PALETTE.len()]));
    attributes.push(format!("tooltip={}", quote(&node_tooltip(node))));
    attributes.join(", ")
}

/// Returns whether a date spans more than a quarter or is marked `~` or `?`.
fn is_vague(node: &Node) -> bool {
    let date = node.date;
    let hedged = date.is_approximate() || date.is_uncertain();
    !date.is_undated() && (hedged || date.quarter_of().is_none())
}

/// Returns the name with the date below it.
fn label(node: &Node) -> String {
    let date = if node.date.is_undated() { String::new() } else { format!("\n{}", node.date) };
    quote(&format!("{}{date}", node.name))
}

fn node_tooltip(node: &Node) -> String {
    let lane = node.lane.as_ref().map_or(String::new(), |lane| format!(", {lane}"));
    let mut lines = vec![format!("{} ({}{lane})", node.name, node.type_name)];
    for (name, value) in &node.values {
        let words = match value {
            Value::Number(number) => compact(*number),
            Value::Date(date) => date.describe(),
            other => other.to_string(),
        };
        lines.push(format!("{name}: {words}"));
    }
    if !node.citations.is_empty() {
        lines.push(format!("[{}]", node.citations));
    }
    lines.join("\n")
}

/// Returns the quarter of a date within one quarter; for one that spans less than a year, the quarter of its earliest
/// day; otherwise `None`.
fn quarter(node: &Node) -> Option<Quarter> {
    let date = node.date;
    let (earliest, latest) = date.bounds();
    let near = latest.checked_sub(earliest).is_some_and(|days| days < 366);
    date.quarter_of().or_else(|| {
        let (year, month, _) = crate::date::civil_of(earliest).filter(|_| near)?;
        Some((year, month.div_ceil(3)))
    })
}

/// Writes the chain of quarters, with the nodes of each at the same rank.
fn write_spine(text: &mut String, drawing: &Drawing, quarters: &[Option<Quarter>], dated: &BTreeSet<Quarter>) {
    let taken: BTreeSet<&str> = drawing.nodes.iter().map(|node| node.id.as_str()).collect();
    let marks = (0..).map(|i| " ".repeat(i));
    let free = |mark: &String| dated.iter().all(|at| !taken.contains(mark_of(*at, mark).as_str()));
    let mark = marks.into_iter().find(free).unwrap_or_default();
    let spine: Vec<String> = dated.iter().map(|at| quote(&mark_of(*at, &mark))).collect();
    text.push_str("  { node [shape=none, style=solid, fontcolor=\"#888888\", tooltip=\"\"];\n");
    let _ = writeln!(text, "    edge [style=invis, weight=100];\n    {};\n  }}", spine.join(" -> "));
    let mut ranks: BTreeMap<Quarter, Vec<String>> = BTreeMap::new();
    for (node, at) in drawing.nodes.iter().zip(quarters) {
        if let Some(at) = at {
            ranks.entry(*at).or_default().push(quote(&node.id));
        }
    }
    for (at, nodes) in ranks {
        let _ = writeln!(text, "  {{ rank=same; {}; {}; }}", quote(&mark_of(at, &mark)), nodes.join("; "));
    }
}

/// Returns the id of a quarter: `2024 Q3`, with enough spaces to differ from all names.
fn mark_of((year, quarter): Quarter, mark: &str) -> String {
    format!("{year} Q{quarter}{mark}")
}

fn write_edge(
    text: &mut String,
    drawing: &Drawing,
    edge: &Edge,
    quarters: &[Option<Quarter>],
    spine: bool,
    has_labels: bool,
) {
    let (from, to) = (quarters[edge.subject], quarters[edge.object]);
    let turned = matches!((from, to), (Some(subject), Some(object)) if object < subject);
    let (tail, head) = if turned { (edge.object, edge.subject) } else { (edge.subject, edge.object) };
    let mut attributes = Vec::new();
    if has_labels {
        attributes.push(format!("label={}", quote(edge.verb)));
    }
    attributes.push(format!("color=\"{}\"", verb_color(drawing, edge.verb)));
    if edge.doubtful {
        attributes.push("style=dashed".to_string());
    } else if edge.fact.is_none() {
        attributes.push("style=dotted".to_string());
    }
    if turned {
        attributes.push("dir=back".to_string());
    }
    if spine && (from.is_none() || to.is_none()) {
        // A link to an undated node must not move a dated one off its rank.
        attributes.push("constraint=false".to_string());
    }
    attributes.push(format!("tooltip={}", quote(&edge_tooltip(drawing, edge))));
    if let Some(url) = url(drawing, edge) {
        attributes.push(format!("URL={}", quote(url)));
    }
    let ids = [tail, head].map(|end| quote(&drawing.nodes[end].id));
    let _ = writeln!(text, "  {} -> {} [{}];", ids[0], ids[1], attributes.join(", "));
}

fn verb_color(drawing: &Drawing, verb: &str) -> &'static str {
    let position = drawing.graph.schema().lookup_verb(verb).map_or(0, |id| id.0 as usize);
    // The first type has the first colour, so that the first verb gets the next.
    PALETTE[(position + 1) % PALETTE.len()]
}

fn edge_tooltip(drawing: &Drawing, edge: &Edge) -> String {
    let (subject, object) = (drawing.nodes[edge.subject].name, drawing.nodes[edge.object].name);
    let cited = if edge.citations.is_empty() { String::new() } else { format!("\n[{}]", edge.citations) };
    format!("{subject} {} {object}{cited}", edge.verb)
}

/// Returns the URL of the first source that has one.
fn url<'g>(drawing: &Drawing<'g>, edge: &Edge) -> Option<&'g str> {
    let claims = drawing.graph.claims();
    let mut sources = edge.claims.iter().map(|claim| claims.source(claims.get(*claim).source).url.as_str());
    // Others, such as `javascript:`, could run in the browser of a reader.
    sources.find(|url| url.starts_with("https://") || url.starts_with("http://"))
}

/// Returns a double-quoted DOT string. Backslashes are doubled; labels undo that, ids do not, but ids still match since
/// all are doubled. `&` is escaped, because Graphviz reads character references. Control characters become visible
/// symbols, line breaks `\n`.
fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in visible(text).chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '&' => quoted.push_str("&amp;"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn any_name_is_quoted() {
        assert_eq!(quote("a \"b\" \\"), r#""a \"b\" \\""#);
        assert_eq!(quote("AT&T\n<b>"), r#""AT&amp;T\n<b>""#);
        assert_eq!(quote("\0\u{1b}"), "\"␀␛\"");
    }
}
