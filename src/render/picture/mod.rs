//! Pictures of answers: SVG, and HTML around it. No library draws; the same answer gives the same bytes.
//!
//! An answer chooses its own picture: lineages and dated graphs a timeline tree, adoption small multiples, a matrix
//! and a diff their own, a graph without dates a layered drawing. Each is made in two steps, a layout that tests can
//! measure, and marks drawn from it ([`paint`]).

mod adoption;
mod cite;
mod diff;
mod html;
mod layered;
mod matrix;
mod paint;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
mod timeline;

use crate::answer::{Answer, Subgraph, View};
use crate::graph::{EntityId, Graph};
use crate::text::{Code, Diagnostic, Result, Span};
use paint::frame::Frame;
use paint::marks::Picture;

/// Which colours a picture has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// Those that the reader prefers, decided where the picture is shown.
    #[default]
    Auto,
    /// Dark on white.
    Light,
    /// Light on black.
    Dark,
}

/// How a picture is to look.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PictureLooks {
    /// What does not belong to its lineage fades.
    pub focus: Option<EntityId>,
    /// The verb, or inverse, that leads from an entity to the owner of its lane. Else the schema's.
    pub lane: Option<String>,
    /// Years as wide as they are long, not as what they hold.
    pub linear_scale: bool,
    pub theme: Theme,
    /// Instead of one made from the answer.
    pub title: Option<String>,
    /// The query that was answered; a title where there is no better one.
    pub query: String,
    /// What the graph is called, for the footer. May be empty.
    pub graph: String,
}

/// The picture of an answer as SVG. `subgraph` is the graph form of an answer that has no picture of its own.
///
/// # Errors
/// For an answer that has neither, and for a lane that is no verb.
pub fn svg(answer: &Answer, subgraph: Option<&Subgraph>, graph: &Graph, looks: &PictureLooks) -> Result<String> {
    Ok(paint::svg::write(&picture(answer, subgraph, graph, looks)?, looks.theme))
}

/// The picture as a page that needs nothing else: it can be searched, followed by keyboard, linked into and printed,
/// and shows all but the cards without its script.
///
/// # Errors
/// As [`svg`].
pub fn html(answer: &Answer, subgraph: Option<&Subgraph>, graph: &Graph, looks: &PictureLooks) -> Result<String> {
    Ok(html::page(&picture(answer, subgraph, graph, looks)?, graph, looks))
}

fn picture(answer: &Answer, subgraph: Option<&Subgraph>, graph: &Graph, looks: &PictureLooks) -> Result<Picture> {
    check_lane(graph, looks)?;
    match (&answer.view, subgraph) {
        (View::Lineage(lineage), _) => Ok(timeline::of_lineage(lineage, graph, looks)),
        (View::Adoption(adoption), _) => Ok(adoption::draw(adoption, graph, looks)),
        (View::Matrix(matrix), _) => Ok(matrix::draw(matrix, graph, looks)),
        (View::Diff(diffs), _) => Ok(diff::draw(diffs, graph, looks)),
        (View::Timeline(found), _) if found.entities.iter().any(|entity| !graph.date_of(*entity).is_undated()) => {
            // The entities say more than the query does.
            let looks = PictureLooks { query: String::new(), ..looks.clone() };
            Ok(timeline::of_subgraph(found, graph, &looks))
        }
        (View::Timeline(found), _) => Ok(of_subgraph(found, graph, looks)),
        (View::Graph(found), _) => Ok(of_subgraph(found, graph, looks)),
        (_, Some(found)) => Ok(of_subgraph(found, graph, looks)),
        (_, None) => Err(no_picture().into()),
    }
}

/// A timeline where half of the entities are dated, else layers.
fn of_subgraph(subgraph: &Subgraph, graph: &Graph, looks: &PictureLooks) -> Picture {
    let dated = subgraph.entities.iter().filter(|entity| !graph.date_of(**entity).is_undated()).count();
    if dated > 0 && dated * 2 >= subgraph.entities.len() {
        timeline::of_subgraph(subgraph, graph, looks)
    } else {
        layered::draw(subgraph, graph, looks)
    }
}

fn no_picture() -> Diagnostic {
    Diagnostic::error(Code::NoPicture, Span::default(), "this answer has no picture").help(
        "pictures show `graph`, `lineage of`, `timeline of`, `adoption of`, `matrix`, `diff`, and rows of entities",
    )
}

/// A lane that the user named must be a verb or an inverse.
fn check_lane(graph: &Graph, looks: &PictureLooks) -> Result<()> {
    let Some(lane) = &looks.lane else { return Ok(()) };
    let known = matches!(graph.schema().lookup_word(lane), Some(crate::schema::Word::Verb { .. }));
    if known {
        return Ok(());
    }
    let message = format!("no verb is called `{lane}`, so it gives no lanes");
    let near = crate::text::suggest::nearest(lane, graph.schema().words());
    let problem = Diagnostic::error(Code::UnknownVerb, Span::default(), message);
    Err(match near.first() {
        Some(word) => problem.help(format!("did you mean `{word}`?")).into(),
        None => problem.help("the statement `schema` lists the verbs").into(),
    })
}

/// What a picture says around its marks.
struct Words<'a> {
    title: String,
    rules: Vec<String>,
    desc: String,
    /// Those that the picture shows.
    shown: &'a [EntityId],
}

/// The words around a picture: the user's title or its own, and the footer.
fn frame(graph: &Graph, looks: &PictureLooks, words: Words) -> Frame {
    let Words { title, rules, desc, shown } = words;
    let title = looks.title.clone().unwrap_or(title);
    let newest = cite::newest(graph, shown).map(|date| format!("newest date {date}"));
    let name = Some(looks.graph.clone()).filter(|name| !name.is_empty());
    let footer = ["begat".to_string()].into_iter().chain(name).chain(newest).collect::<Vec<_>>().join(" · ");
    Frame { title, rules, footer, desc }
}

/// `1 model`, `3 models`: a number with its noun. Nouns that end in `y`, `s` or `h` change as English has it.
fn counted(number: usize, noun: &str) -> String {
    let plural = match noun.chars().last() {
        _ if number == 1 => return format!("1 {noun}"),
        Some('y') if !noun.ends_with("ey") => format!("{}ies", &noun[..noun.len() - 1]),
        Some('s') => noun.to_string(),
        Some('h') => format!("{noun}es"),
        _ => format!("{noun}s"),
    };
    format!("{number} {plural}")
}

/// What the entities are, in lower case: the name of their topmost type, or `entity` where there are several.
fn noun(graph: &Graph, entities: &[EntityId]) -> String {
    let top = |entity: &EntityId| {
        let mut id = graph.type_of(*entity);
        while let Some(parent) = graph.schema().type_(id).parent {
            id = parent;
        }
        id
    };
    let mut tops = entities.iter().map(top);
    match tops.next() {
        Some(first) if tops.all(|id| id == first) => graph.schema().type_(first).name.to_lowercase(),
        _ => "entity".to_string(),
    }
}

/// A name in small letters, digits and hyphens, for an anchor. Never empty, and never one of the page's own, which
/// begin with `begat-`.
fn slug(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    let out = out.trim_end_matches('-');
    if out.is_empty() || out.starts_with("begat-") { format!("entity-{out}") } else { out.to_string() }
}
