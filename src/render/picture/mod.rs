//! Draws answers as SVG, and as HTML around it. Uses no drawing library; equal answers give equal bytes.
//!
//! Each view has its kind of picture: lineages and timelines with many links are families, other dated graphs are
//! timelines with lanes, adoption is small multiples; a matrix, a diff and a proof have their own; a graph without
//! dates is a layered drawing. Each is made in two steps: a layout, which tests can measure, and the marks drawn from
//! it ([`paint`]). [`paper`] ensures that a picture can be printed.

mod adoption;
mod cite;
mod diff;
mod family;
mod html;
mod layered;
mod matrix;
mod paint;
mod paper;
mod proof;
#[cfg(feature = "raster")]
pub mod raster;
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
pub use paper::{MILLIMETRE, Paper};

/// The colours of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// The reader's preference, decided where the picture is shown.
    #[default]
    Auto,
    /// Dark on white.
    Light,
    /// Light on black.
    Dark,
}

/// The layout of dated entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layout {
    /// Families for lineages, and for timelines whose links are too many for lanes or would run through labels;
    /// otherwise lanes.
    #[default]
    Auto,
    /// Trees: children hang from their parents' lines.
    Family,
    /// A lane for each owner.
    Lanes,
}

/// The links that a family shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LinkChoice {
    /// Every link.
    #[default]
    All,
    /// For each entity, the link from one parent.
    Main,
}

/// How adoption treats entities without any stated adoption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Untold {
    /// They are possible adopters.
    #[default]
    Possible,
    /// They are omitted.
    LeftOut,
}

/// Whether adoption shows its curves in one panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Panels {
    /// If there are few.
    #[default]
    Auto,
    /// All curves in one panel.
    Together,
    /// A panel for each curve.
    Apart,
}

/// The style of a picture.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PictureStyle {
    /// Everything outside the lineage of this entity is faded.
    pub focus: Option<EntityId>,
    /// The verb or inverse that leads from an entity to the owner of its lane. `None` uses that of the schema.
    pub lane: Option<String>,
    /// Whether all years are equally wide; otherwise a year is as wide as its contents need.
    pub linear_scale: bool,
    pub theme: Theme,
    /// The title; `None` for one made from the answer.
    pub title: Option<String>,
    /// The query that was answered; serves as title if there is no better one.
    pub query: String,
    /// The name of the graph, for the footer; may be empty.
    pub graph: String,
    /// The layout of dated entities.
    pub layout: Layout,
    /// The links that a family shows.
    pub links: LinkChoice,
    /// The maximum number of generations of a family, counted from the root of the query or from the first; `None` for
    /// all.
    pub depth: Option<usize>,
    /// How adoption treats entities without any stated adoption.
    pub untold: Untold,
    /// Whether adoption shows its curves in one panel.
    pub panels: Panels,
    /// The maximum number of panels of adoption; `None` for the default.
    pub top: Option<usize>,
    /// The paper for printing.
    pub paper: Option<Paper>,
}

/// The space for a drawing, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Room {
    /// `None` for any width.
    width: Option<f64>,
    /// The height of a page; `None` for any height.
    height: Option<f64>,
    /// Whether it becomes part of a page with scripts.
    is_page: bool,
}

/// Draws an answer as SVG. `subgraph` is the graph of an answer whose view has no picture of its own.
///
/// # Errors
/// The answer has neither, the lane is not a verb, or the picture needs several pages.
pub fn svg(answer: &Answer, subgraph: Option<&Subgraph>, graph: &Graph, looks: &PictureStyle) -> Result<String> {
    let mut pages = pages(answer, subgraph, graph, looks)?;
    match pages.len() {
        1 => Ok(pages.remove(0)),
        many => {
            let message = format!("this picture takes {many} pages, and the format holds one");
            let problem = Diagnostic::error(Code::NoPicture, Span::default(), message);
            Err(problem.help("write a PDF, or leave `--page` out").into())
        }
    }
}

/// Draws an answer as SVG, one for each page; a single one unless the paper has a height.
///
/// # Errors
/// The answer has no picture, the lane is not a verb, or the paper is too small.
pub fn pages(answer: &Answer, subgraph: Option<&Subgraph>, graph: &Graph, looks: &PictureStyle) -> Result<Vec<String>> {
    check_lane(graph, looks)?;
    let draw = |room: Room| pictures(answer, subgraph, graph, looks, room);
    let pictures = match looks.paper {
        Some(paper) => paper::fitted(paper, &draw)?,
        None => draw(Room::default())?,
    };
    Ok(pictures.iter().map(|picture| paint::svg::write(picture, looks.theme)).collect())
}

/// Draws an answer as a self-contained HTML page. It can be searched, navigated by keyboard, linked into and printed;
/// without script it lacks only the cards.
///
/// # Errors
/// The errors of [`svg`].
pub fn html(answer: &Answer, subgraph: Option<&Subgraph>, graph: &Graph, looks: &PictureStyle) -> Result<String> {
    check_lane(graph, looks)?;
    let mut pictures = pictures(answer, subgraph, graph, looks, Room { is_page: true, ..Room::default() })?;
    Ok(html::page(&pictures.remove(0), graph, looks))
}

/// Draws an answer on as many pages as the room requires, at least one.
fn pictures(
    answer: &Answer,
    subgraph: Option<&Subgraph>,
    graph: &Graph,
    looks: &PictureStyle,
    room: Room,
) -> Result<Vec<Picture>> {
    Ok(match (&answer.view, subgraph) {
        (View::Lineage(lineage), _) if looks.layout == Layout::Lanes => {
            vec![timeline::of_lineage(lineage, graph, looks, room)]
        }
        (View::Lineage(lineage), _) => family::of_lineage(lineage, graph, looks, room),
        (View::Adoption(adoption), _) => adoption::draw(adoption, graph, looks, room),
        (View::Spread(spread), Some(found)) if looks.layout == Layout::Lanes => {
            vec![timeline::of_spread(spread, found, graph, looks, room)]
        }
        (View::Spread(spread), Some(found)) => family::of_spread(spread, found, graph, looks, room),
        (View::Rise(rise), _) => adoption::draw(&rise.adoption, graph, looks, room),
        (View::Matrix(matrix), _) => vec![matrix::draw(matrix, graph, looks, room)],
        (View::Diff(diffs), _) => vec![diff::draw(diffs, graph, looks, room)],
        (View::Why(explained), _) => proof::of_why(explained, graph, looks, room),
        (View::WhyNot(why_not), _) => proof::of_why_not(why_not, graph, looks, room),
        (View::Timeline(found), _) if found.entities.iter().any(|entity| !graph.date_of(*entity).is_undated()) => {
            let title = format!("Timeline of {}", counted(found.entities.len(), &noun(graph, &found.entities)));
            timeline(found, graph, looks, room, &title)
        }
        (View::Timeline(found), _) => of_subgraph(found, graph, looks, room),
        (View::Graph(found), _) => of_subgraph(found, graph, looks, room),
        (_, Some(found)) => of_subgraph(found, graph, looks, room),
        (_, None) => return Err(no_picture().into()),
    })
}

/// Draws a timeline if at least half of the entities are dated, otherwise layers.
fn of_subgraph(subgraph: &Subgraph, graph: &Graph, looks: &PictureStyle, room: Room) -> Vec<Picture> {
    let dated = subgraph.entities.iter().filter(|entity| !graph.date_of(**entity).is_undated()).count();
    if dated > 0 && dated * 2 >= subgraph.entities.len() {
        timeline(subgraph, graph, looks, room, &title_of(subgraph, graph))
    } else {
        vec![layered::draw(subgraph, graph, looks, &title_of(subgraph, graph))]
    }
}

/// Draws lanes; or families if lanes do not suit, or a link would run through a label.
fn timeline(subgraph: &Subgraph, graph: &Graph, looks: &PictureStyle, room: Room, title: &str) -> Vec<Picture> {
    let family = || family::of_subgraph(subgraph, graph, looks, room, title);
    if family::suits(subgraph, graph, looks) {
        return family();
    }
    let (lanes, is_legible) = timeline::of_subgraph(subgraph, graph, looks, room, title);
    if is_legible || looks.layout == Layout::Lanes { vec![lanes] } else { family() }
}

/// Returns the title of a subgraph: `How 3 orgs and 10 models are joined`.
fn title_of(subgraph: &Subgraph, graph: &Graph) -> String {
    let mut by_noun: Vec<(String, usize)> = Vec::new();
    for entity in &subgraph.entities {
        let word = noun(graph, &[*entity]);
        match by_noun.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => by_noun.push((word, 1)),
        }
    }
    let counts: Vec<String> = by_noun.iter().map(|(word, count)| counted(*count, word)).collect();
    let all = listed(&counts);
    match (subgraph.entities.len(), subgraph.facts.is_empty() && subgraph.derived.is_empty()) {
        (0, _) => "Nothing to draw".to_string(),
        (1, true) | (_, true) => format!("{} in time", capital(&all)),
        _ => format!("How {all} are joined"),
    }
}

/// Joins words: `a`, `a and b`, `a, b and c`.
fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn capital(words: &str) -> String {
    let mut rest = words.chars();
    rest.next().map_or(String::new(), |first| first.to_uppercase().chain(rest).collect())
}

fn no_picture() -> Diagnostic {
    Diagnostic::error(Code::NoPicture, Span::default(), "this answer has no picture").help(
        "pictures show `graph`, `lineage of`, `timeline of`, `adoption of`, `spread of`, `rise of`, `matrix`, `diff`, and rows of entities",
    )
}

/// Checks that the lane of the style is a verb or an inverse.
fn check_lane(graph: &Graph, looks: &PictureStyle) -> Result<()> {
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

/// The texts of a picture around its marks.
struct Words<'a> {
    title: String,
    /// What is needed to read the picture: the line under its title.
    rules: Vec<String>,
    /// Further explanations and all distortions, for the description.
    notes: Vec<String>,
    desc: String,
    /// The entities that the picture shows.
    shown: &'a [EntityId],
}

/// Returns the texts around a picture: the user's title or the given one, and the footer.
fn frame(graph: &Graph, looks: &PictureStyle, words: Words) -> Frame {
    let Words { title, rules, notes, desc, shown } = words;
    let desc = [desc].into_iter().chain(notes).collect::<Vec<_>>().join(" ");
    let title = looks.title.clone().unwrap_or(title);
    let newest = cite::newest(graph, shown).map(|date| format!("newest date {date}"));
    let name = Some(looks.graph.clone()).filter(|name| !name.is_empty());
    let footer = ["begat".to_string()].into_iter().chain(name).chain(newest).collect::<Vec<_>>().join(" · ");
    Frame { title, rules, footer, desc }
}

/// Returns a number with its noun: `1 model`, `3 models`. Nouns in `y`, `s` or `h` get their English plural.
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

/// Returns the noun for entities, in lower case: the name of their topmost type, or `entity` if there are several.
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

/// Returns a name in lower case, digits and hyphens, for an anchor. Never empty, and never one that begins with
/// `begat-`, which the page itself uses.
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
