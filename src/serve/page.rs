//! The page: whole without its script, which only adds completion, history, sorting and copying.

use super::parts::{Links, Parts, ROWS, STEPS, web_address};
use super::routes::{Fields, single};
use crate::api::{Answer, Entity, RenderOptions, Shape};
use crate::database::{Database, Error, Options};
use crate::graph::Source;
use crate::render::{Format, markup};
use crate::syntax::quote_name;
use std::fmt::Write;

/// Maximum number of facts on the page of an entity; a query shows all of them.
const FACTS: usize = 300;
/// The width of messages in columns.
const WIDTH: usize = 100;

/// What a query's answer is offered as, by the ending of a file.
const FILES: &[&str] = &["json", "csv", "tsv", "md", "svg", "html", "dot"];

/// The addresses of a server; those of proofs are of a query.
struct Served<'a> {
    database: &'a Database,
    query: &'a str,
    possibly: bool,
}

impl<'a> Served<'a> {
    /// Where no query is asked.
    fn plain(database: &'a Database) -> Served<'a> {
        Served { database, query: "", possibly: false }
    }
}

impl Links for Served<'_> {
    fn entity(&self, entity: Entity<'_>) -> String {
        let is_alone = self.database.entity(entity.name()) == Some(entity);
        let kind = if is_alone { String::new() } else { format!("&amp;type={}", encoded(entity.type_name())) };
        format!("/entity?name={}{kind}", encoded(entity.name()))
    }

    fn source(&self, source: &Source) -> Option<String> {
        web_address(source)
    }

    fn why(&self, position: usize) -> String {
        format!("<a class=\"why\" href=\"{}\">why?</a>", address(self.query, self.possibly, Some(position)))
    }
}

/// The page of a query; without one, of what may be asked.
pub fn home(database: &Database, fields: &Fields, options: &Options) -> String {
    let text = fields.text("q");
    if text.trim().is_empty() {
        return framed(database, "begat", "", false, &welcome(database));
    }
    let body = match single(database, text, options) {
        Ok(answer) => answered(database, &answer, fields),
        Err(error) => mistaken(&error, text),
    };
    framed(database, text, text, fields.has("possibly"), &body)
}

/// The page of an entity: what is known of it, who says so, and its family. `None` where no one entity has that name;
/// `kind` tells entities of one name apart.
pub fn entity(database: &Database, name: &str, kind: &str, options: &Options) -> Option<String> {
    let is_meant = |one: &Entity<'_>| kind.is_empty() || one.type_name() == kind;
    let of_kind = || database.entities().find(|one| one.name() == name && is_meant(one)).filter(|_| !kind.is_empty());
    let entity = database.entity(name).filter(is_meant).or_else(of_kind)?;
    let named = query_name(database, entity);
    let name = entity.name();
    let mut body = format!("<h1>{}</h1>\n<p>{}", markup(name), query_link(entity.type_name(), entity.type_name()));
    if !entity.date().is_undated() {
        let _ = write!(body, ", {}", markup(&entity.date().to_string()));
    }
    let aliases: Vec<&str> = entity.aliases().collect();
    if !aliases.is_empty() {
        let _ = write!(body, ", also called {}", markup(&aliases.join(", ")));
    }
    body.push_str("</p>\n");
    let lineage = format!("lineage of {named}");
    let has_family = single(database, &lineage, options).is_ok_and(|answer| !answer.is_empty());
    if has_family {
        body.push_str(&picture(&lineage, false));
    }
    let describe = format!("describe {named}");
    body.push_str(&Parts { database, links: &Served::plain(database) }.facts(entity.facts().take(FACTS)));
    if let more @ 1.. = entity.facts().count().saturating_sub(FACTS) {
        let _ = writeln!(body, "<p>{more} more facts: {}</p>", query_link("describe", &describe));
    }
    Some(framed(database, name, &describe, false, &body))
}

/// Returns a name as a query has it, with its type where that tells it from others.
pub(super) fn query_name(database: &Database, entity: Entity<'_>) -> String {
    match database.entity(entity.name()) {
        Some(one) if one == entity => quote_name(entity.name()),
        _ => {
            let name = quote_name(entity.name());
            let is_quoted = name.starts_with('"');
            if is_quoted {
                format!("{} {name}", entity.type_name())
            } else {
                format!("{} \"{name}\"", entity.type_name())
            }
        }
    }
}

/// The page of a name that nobody has.
pub fn missing(database: &Database, name: &str) -> String {
    let body = format!("<h1>Not found</h1>\n<p class=\"error\">No one entity is called <q>{}</q>.</p>\n", markup(name));
    framed(database, "not found", "", false, &body)
}

fn welcome(database: &Database) -> String {
    let graph = database.graph();
    let mut body = format!(
        "<p>{} entities, {} facts. A query is a fact with holes: a type is a hole, and a column of the answer.</p>\n\
         <table><thead><tr><th>type</th><th class=\"n\">entities</th><th>properties</th></tr></thead><tbody>\n",
        graph.entity_count(),
        graph.fact_count()
    );
    for (_, kind) in graph.schema().types() {
        let count = graph.count_of(kind.subtypes);
        let properties = kind.properties.iter().map(|property| graph.schema().property(*property).name.as_str());
        let properties = properties.collect::<Vec<_>>().join(", ");
        let name = query_link(&kind.name, &kind.name);
        let _ = writeln!(body, "<tr><td>{name}</td><td class=\"n\">{count}</td><td>{}</td></tr>", markup(&properties));
    }
    body.push_str("</tbody></table>\n<table><thead><tr><th>asked as</th><th>the other way</th></tr></thead><tbody>\n");
    for (_, verb) in graph.schema().verbs() {
        let ends = |types: crate::schema::TypeSet| types.iter().next().map(|id| graph.schema().type_(id).name.clone());
        let (Some(from), Some(to)) = (ends(verb.from), ends(verb.to)) else { continue };
        // Two columns of one type have names.
        let second = if from == to { format!("{to} x") } else { to.clone() };
        let text = format!("{from} {} {second}", verb.name);
        let inverse =
            verb.inverse.as_ref().map(|inverse| format!("{to} {inverse} {}", if from == to { second } else { from }));
        let inverse = inverse.map_or(String::new(), |text| query_link(&text, &text));
        let _ = writeln!(body, "<tr><td>{}</td><td>{inverse}</td></tr>", query_link(&text, &text));
    }
    body.push_str("</tbody></table>\n");
    body
}

fn answered(database: &Database, answer: &Answer, fields: &Fields) -> String {
    let text = fields.text("q");
    let mut body = String::new();
    for note in answer.diagnostics() {
        let _ = writeln!(body, "<p class=\"note\">{}</p>", markup(&note.message));
    }
    if let Ok(row) = fields.text("why").parse() {
        body.push_str(&reasons(database, answer, row));
    }
    let shape = answer.shape();
    if shape == Shape::Picture {
        body.push_str(&picture(text, fields.has("possibly")));
    }
    if shape == Shape::Table {
        let links = Served { database, query: text, possibly: fields.has("possibly") };
        body.push_str(&Parts { database, links: &links }.rows(answer));
        let _ = writeln!(body, "<p class=\"counts\">{}</p>", counts(answer, fields));
    } else {
        let drawn = answer.render(Format::Tree, &RenderOptions::new());
        let drawn = drawn.or_else(|_| answer.render(Format::Table, &RenderOptions::new()));
        let drawn = drawn.unwrap_or_else(|error| error.to_string());
        let _ = writeln!(body, "<pre class=\"wide\" tabindex=\"0\">{}</pre>", markup(&drawn));
    }
    let links = FILES.iter().map(|extension| {
        let possibly = if fields.has("possibly") { "&amp;possibly=1" } else { "" };
        format!("<a href=\"/answer.{extension}?q={}{possibly}\">.{extension}</a>", encoded(text))
    });
    let _ = writeln!(body, "<p class=\"files\">The same as {}</p>", links.collect::<Vec<_>>().join(" "));
    body
}

fn counts(answer: &Answer, fields: &Fields) -> String {
    let (certain, possible) = (answer.certain(), answer.len() - answer.certain());
    let mut words = format!("{certain} certain");
    if possible > 0 {
        let _ = write!(words, ", {possible} possible");
    }
    if answer.more_possible() > 0 {
        let href = address(fields.text("q"), true, None);
        let _ = write!(words, ", <a href=\"{href}\">{} only possible</a>", answer.more_possible());
    }
    if answer.len() > ROWS {
        let _ = write!(words, "; the first {ROWS} are shown, the files hold all");
    }
    words
}

fn reasons(database: &Database, answer: &Answer, position: usize) -> String {
    let Some(row) = answer.table().row(position) else { return String::new() };
    match answer.why(&row) {
        Ok(Some(proof)) => {
            let mut left = STEPS;
            let proof = Parts { database, links: &Served::plain(database) }.proof(&proof, &mut left);
            format!("<section class=\"why\"><h2>Why</h2>\n<ul>{proof}</ul></section>\n")
        }
        Ok(None) => {
            "<p class=\"note\">Such a row has no proof of its own: ask `why` of the sentence.</p>\n".to_string()
        }
        Err(error) => format!("<p class=\"error\">{}</p>\n", markup(&error.to_string())),
    }
}

fn mistaken(error: &Error, text: &str) -> String {
    let mut body = format!("<pre class=\"error wide\" tabindex=\"0\">{}</pre>\n", markup(&error.render(false, WIDTH)));
    let fixes = error.diagnostics().iter().flat_map(|problem| &problem.help).filter_map(|help| help.fix.as_ref());
    let mut texts: Vec<String> = fixes.filter_map(|fix| fix.apply(text)).collect();
    texts.dedup();
    if !texts.is_empty() {
        let items = texts.iter().map(|text| format!("<li>{}</li>", query_link(text, text)));
        let _ = writeln!(body, "<p>Ask instead:</p>\n<ul class=\"fixes\">{}</ul>", items.collect::<String>());
    }
    body
}

fn picture(text: &str, possibly: bool) -> String {
    let possibly = if possibly { "&amp;possibly=1" } else { "" };
    format!(
        "<iframe title=\"{}\" src=\"/answer.html?q={}{possibly}\" sandbox=\"allow-scripts allow-popups\"></iframe>\n",
        markup(text),
        encoded(text)
    )
}

fn query_link(words: &str, text: &str) -> String {
    format!("<a href=\"{}\">{}</a>", address(text, false, None), markup(words))
}

/// The address of a query's page.
fn address(text: &str, possibly: bool, why: Option<usize>) -> String {
    let possibly = if possibly { "&amp;possibly=1" } else { "" };
    let why = why.map_or(String::new(), |row| format!("&amp;why={row}"));
    format!("/?q={}{possibly}{why}", encoded(text))
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn framed(database: &Database, title: &str, query: &str, possibly: bool, body: &str) -> String {
    let checked = if possibly { " checked" } else { "" };
    // Who hears the page is told its title; who sees it sees the query.
    let heading = match body.starts_with("<h1>") {
        true => String::new(),
        false => format!("<h1 class=\"unseen\">{}</h1>\n", markup(title)),
    };
    let names = database.graph().entity_count();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{} · begat</title>\n<link rel=\"stylesheet\" href=\"/page.css\">\n<script src=\"/page.js\" defer></script>\n\
         <script src=\"/tables.js\" defer></script>\n</head>\n\
         <body>\n<header><nav><a href=\"/\">begat</a> <span id=\"history\"></span></nav>\n\
         <form action=\"/\" method=\"get\" role=\"search\" autocomplete=\"off\">\n\
         <label for=\"q\">Query</label>\n<div class=\"box\"><textarea id=\"q\" name=\"q\" rows=\"1\" spellcheck=\"false\" \
         autocapitalize=\"off\" placeholder=\"a fact with holes, of {names} entities\">{}</textarea>\n\
         <ul id=\"offers\" role=\"listbox\" aria-label=\"Completions\" hidden></ul></div>\n\
         <label class=\"tick\"><input type=\"checkbox\" name=\"possibly\" value=\"1\"{checked}> possible answers, too</label>\n\
         <button>Ask</button>\n</form></header>\n<main>\n{heading}{body}</main>\n</body>\n</html>\n",
        markup(title),
        markup(query)
    )
}

#[cfg(test)]
mod tests {
    use super::markup;

    #[test]
    fn markup_is_shown_and_does_nothing() {
        assert_eq!(markup("<b a=\"x\">&'\u{202e}\u{0}"), "&lt;b a=&quot;x&quot;&gt;&amp;&#39;\\u{202e}\\u{0}");
    }
}
