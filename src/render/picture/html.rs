//! Writes a picture as a self-contained page: the SVG, the facts about each entity as JSON, a table of the same for
//! readers without script, and the script. The page loads nothing; its content security policy forbids it.

use super::paint::marks::{Group, Mark, Picture};
use super::paint::palette::{DARK, LIGHT, Palette};
use super::paint::svg;
use super::{PictureStyle, Theme, cite};
use crate::graph::{Direction, EntityId, Fact, FactId, Facts, Graph};
use crate::limits::in_budget;
use crate::render::words::{json_line, markup};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

const STYLE: &str = include_str!("assets/page.css");
const SCRIPT: &str = include_str!("assets/page.js");
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Above this number, verbs have no check boxes. Their row would wrap and push the picture down.
const MANY_VERBS: usize = 8;

pub fn page(picture: &Picture, graph: &Graph, looks: &PictureStyle) -> String {
    let mut shown = Shown::default();
    picture.marks.iter().for_each(|mark| shown.add(mark));
    let theme = match looks.theme {
        Theme::Auto => "",
        Theme::Light => " data-theme=\"light\"",
        Theme::Dark => " data-theme=\"dark\"",
    };
    let drawing = svg::write(picture, Theme::Auto).replacen("<svg ", &format!("<svg{theme} "), 1);
    let title = markup(&picture.title);
    let parts = [
        format!("<!DOCTYPE html>\n<html lang=\"en\"{theme}>\n<head>\n<meta charset=\"utf-8\">\n"),
        format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n"),
        "<meta name=\"viewport\" content=\"width=device-width\">\n".to_string(),
        format!("<title>{title}</title>\n<style>{}{STYLE}</style>\n</head>\n<body>\n", variables()),
        toolbar(&title, &shown),
        format!("<main>\n<figure>\n{drawing}</figure>\n{}</main>\n", table(&shown, graph)),
        "<aside aria-live=\"polite\" hidden></aside>\n".to_string(),
        format!("<script type=\"application/json\" id=\"begat-data\">{}</script>\n", data(&shown, graph)),
        format!("<script>{SCRIPT}</script>\n</body>\n</html>\n"),
    ];
    parts.concat()
}

/// The entities and verbs that the marks stand for.
#[derive(Debug, Default)]
struct Shown {
    entities: BTreeSet<EntityId>,
    /// In order of first occurrence.
    verbs: Vec<String>,
}

impl Shown {
    fn add(&mut self, mark: &Mark) {
        let Mark::Group(group) = mark else { return };
        let Group { data, marks, .. } = group;
        for (name, value) in data {
            match (*name, value.parse()) {
                ("i", Ok(id)) => drop(self.entities.insert(EntityId(id))),
                ("v", _) if !self.verbs.contains(value) => self.verbs.push(value.clone()),
                _ => {}
            }
        }
        marks.iter().for_each(|mark| self.add(mark));
    }
}

/// Returns the colours as CSS variables.
fn variables() -> String {
    let set = |p: &Palette| {
        format!("--paper:{};--ink:{};--quiet:{};--rule:{};--accent:{}", p.paper, p.ink, p.quiet, p.rule, p.accent)
    };
    let dark = set(&DARK);
    format!(
        ":root{{{}}}@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}\
         :root[data-theme=dark]{{{dark}}}",
        set(&LIGHT)
    )
}

/// Returns the toolbar, which stays hidden until the script runs, because all of it needs the script.
fn toolbar(title: &str, shown: &Shown) -> String {
    let boxes: String = shown
        .verbs
        .iter()
        .filter(|_| (2..=MANY_VERBS).contains(&shown.verbs.len()))
        .map(|verb| {
            let verb = markup(verb);
            format!("<label><input type=\"checkbox\" value=\"{verb}\" checked>{verb}</label>")
        })
        .collect();
    format!(
        "<header hidden><b>{title}</b><input type=\"search\" placeholder=\"Find … ( / )\" aria-label=\"find\">\
         <span class=\"set\"><span id=\"begat-count\" aria-live=\"polite\"></span>\
         <button id=\"begat-previous\" title=\"the one before (↑)\">↑</button>\
         <button id=\"begat-next\" title=\"the next (↓)\">↓</button></span>{boxes}\
         <span class=\"set\"><button id=\"begat-out\" title=\"smaller (-)\">−</button>\
         <button id=\"begat-in\" title=\"larger (+)\">+</button>\
         <button id=\"begat-whole\" title=\"the whole picture, or its own size (0)\">Whole</button></span>\
         <button id=\"begat-theme\">Dark or light</button><button id=\"begat-save\">Save SVG</button></header>\n"
    )
}

/// An entry of a card: text, sources with locators, and the entity if it is one.
type CardEntry = (String, Vec<cite::Cited>, Option<EntityId>);

/// Returns everything that the graph states about an entity: values by property and entities by verb, with sources.
fn rows(entity: EntityId, graph: &Graph) -> Vec<(String, Vec<CardEntry>)> {
    let kind = graph.schema().type_(graph.type_of(entity));
    let mut rows = Vec::new();
    for property in &kind.properties {
        let (values, declared) = (graph.values(*property), graph.schema().property(*property));
        let items = values.span(entity).map(|i| {
            let words = cite::short_value(&values.stated.get(i));
            (words, cite::sources(graph, values.fact(i)), None)
        });
        rows.push((declared.verb.clone().unwrap_or_else(|| declared.name.clone()), items.collect::<Vec<CardEntry>>()));
    }
    let date = graph.date_of(entity);
    let says = |words: &str| rows.iter().any(|(_, items)| items.iter().any(|item| item.0 == words));
    // Unless a source states it in the same words.
    if !date.is_undated() && !says(&date.describe()) {
        let word = if says(&date.to_string()) { "that is" } else { "by lineage" };
        rows.insert(1.min(rows.len()), (word.to_string(), vec![(date.describe(), Vec::new(), None)]));
    }
    for inverse in [false, true] {
        for (verb, declared) in graph.schema().verbs() {
            let relation = graph.relation(verb);
            let near = relation.adjacency(Direction::inverse_if(inverse), Facts::All).of(entity);
            let items = near.iter().take_while(in_budget).map(|id| EntityId(*id)).map(|other| {
                let fact = if inverse { relation.fact(other, entity) } else { relation.fact(entity, other) };
                let sources = fact.map(|fact| cite::sources(graph, fact)).unwrap_or_default();
                (graph.name(other).to_string(), sources, Some(other))
            });
            let back = declared.inverse.clone().unwrap_or_else(|| format!("^{}", declared.name));
            rows.push((if inverse { back } else { declared.name.clone() }, items.collect()));
        }
    }
    rows.retain(|(_, items)| !items.is_empty());
    rows
}

/// Returns the rows of all entities and the sources that they cite, as JSON. `<` is escaped, so that no text can end
/// the element.
fn data(shown: &Shown, graph: &Graph) -> String {
    let mut entities = serde_json::Map::new();
    for entity in shown.entities.iter().take_while(in_budget) {
        let rows = rows(*entity, graph);
        let places = |cited: &cite::Cited| match cited.places.is_empty() {
            true => json!([cited.key, [["", cited.url]]]),
            false => json!([cited.key, cited.places]),
        };
        let cell = |(words, sources, other): &CardEntry| {
            json!([words, sources.iter().map(places).collect::<Vec<Json>>(), other.map(|id| id.0)])
        };
        let row =
            |(word, items): &(String, Vec<CardEntry>)| json!([word, items.iter().map(cell).collect::<Vec<Json>>()]);
        let names: Vec<&str> = [graph.name(*entity)].into_iter().chain(graph.names().aliases(*entity)).collect();
        entities.insert(
            entity.0.to_string(),
            json!({
                "name": graph.name(*entity),
                "names": names,
                "kind": graph.schema().type_(graph.type_of(*entity)).name,
                "rows": rows.iter().map(row).collect::<Vec<Json>>(),
                "sources": sources(*entity, graph),
            }),
        );
    }
    let source = |source: &crate::graph::Source| {
        (source.key.clone(), json!({ "title": source.title, "by": source.by, "url": source.url }))
    };
    let known: serde_json::Map<String, Json> = graph.claims().sources.iter().map(source).collect();
    json_line(&json!({ "entities": entities, "sources": known })).replace('<', "\\u003c")
}

/// Returns the keys of all sources for facts about an entity.
fn sources(entity: EntityId, graph: &Graph) -> BTreeSet<String> {
    let facts = facts_of(entity, graph);
    let keys = facts.into_iter().flat_map(|fact| {
        graph.claims().of(fact).map(|claim| graph.claims().source(claim.source).key.clone()).collect::<Vec<_>>()
    });
    keys.collect()
}

fn facts_of(entity: EntityId, graph: &Graph) -> Vec<FactId> {
    let mut facts = Vec::new();
    for (verb, _) in graph.schema().verbs() {
        let relation = graph.relation(verb);
        let out = relation
            .forward
            .of(entity)
            .iter()
            .take_while(in_budget)
            .filter_map(|other| relation.fact(entity, EntityId(*other)));
        let back = relation
            .reverse
            .of(entity)
            .iter()
            .take_while(in_budget)
            .filter_map(|other| relation.fact(EntityId(*other), entity));
        facts.extend(out.chain(back));
    }
    for (property, _) in graph.schema().properties() {
        let values = graph.values(property);
        facts.extend(values.span(entity).map(|i| values.fact(i)));
    }
    facts
}

/// Returns the same facts for readers without script or sight: one line for each.
fn table(shown: &Shown, graph: &Graph) -> String {
    let mut lines = String::new();
    for entity in shown.entities.iter().take_while(in_budget) {
        let name = markup(graph.name(*entity));
        let own = facts_of(*entity, graph).into_iter().filter(|fact| match graph.fact(*fact) {
            Fact::Link { subject, .. } | Fact::Value { subject, .. } => subject == *entity,
        });
        let cited: Vec<String> = own.map(|fact| markup(&cite::cited(graph, &cite::fact(graph, fact), fact))).collect();
        let kind = markup(&graph.schema().type_(graph.type_of(*entity)).name);
        let date = markup(&graph.date_of(*entity).describe());
        lines += &format!("<tr><th>{name}</th><td>{kind}</td><td>{date}</td><td>{}</td></tr>\n", cited.join("<br>"));
    }
    format!(
        "<details><summary>As a table, with sources</summary>\n<table>\n<tr><th>name</th><th>type</th><th>date</th>\
         <th>what the sources say</th></tr>\n{lines}</table>\n</details>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::super::sample::{World, lineages};
    use super::super::timeline;
    use super::*;

    fn sample() -> String {
        let graph = World::of(12, 3).graph();
        let looks = PictureStyle::default();
        page(
            &timeline::of_subgraph(&lineages(&graph), &graph, &looks, super::super::Room::default(), "Models").0,
            &graph,
            &looks,
        )
    }

    #[test]
    fn the_page_needs_nothing_else() {
        let page = sample();
        assert!(page.contains("default-src 'none'"));
        let outside = ["src=\"", "@import", "<link", "url(http"];
        outside.iter().for_each(|word| assert!(!page.contains(word), "{word}"));
        assert!(page.matches("http://").all(|_| true) && page.matches("http://").count() == 1, "the namespace alone");
    }

    #[test]
    fn its_data_are_json() {
        let page = sample();
        let (_, rest) = page.split_once("id=\"begat-data\">").expect("data");
        let (text, _) = rest.split_once("</script>").expect("an end");
        let data: Json = serde_json::from_str(text).expect("valid JSON");
        assert_eq!(data["entities"].as_object().map(|all| all.len()), Some(12));
        assert_eq!(page, sample());
    }
}
