//! The page: whole without its script, which only adds completion, history, sorting and copying.

use super::routes::{Fields, single};
use crate::api::{Answer, Cell, Claim, Entity, Proof, RenderOptions, Shape};
use crate::database::{Database, Error, Options};
use crate::render::{Format, markup};
use crate::syntax::quote_name;
use std::fmt::Write;

/// More rows than a page shows are left to files.
const ROWS: usize = 500;
/// More facts of an entity are left to a query.
const FACTS: usize = 300;
/// Proofs of more steps are cut.
const STEPS: usize = 400;
/// The columns of messages.
const WIDTH: usize = 100;

/// What a query's answer is offered as, by the ending of a file.
const FILES: &[&str] = &["json", "csv", "tsv", "md", "svg", "html", "dot"];

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

/// The page of an entity: what is known of it, who says so, and its family. `None` where no one entity has that name.
pub fn entity(database: &Database, name: &str, options: &Options) -> Option<String> {
    let entity = database.entity(name)?;
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
    let lineage = format!("lineage of {}", quote_name(name));
    let has_family = single(database, &lineage, options).is_ok_and(|answer| answer.len() > 1);
    if has_family {
        body.push_str(&picture(&lineage, false));
    }
    body.push_str(&facts(database, entity));
    Some(framed(database, name, &format!("describe {}", quote_name(name)), false, &body))
}

/// The page of a name that nobody has.
pub fn missing(database: &Database, name: &str) -> String {
    let body = format!("<p class=\"error\">No one entity is called <q>{}</q>.</p>\n", markup(name));
    framed(database, "not found", "", false, &body)
}

fn facts(database: &Database, entity: Entity<'_>) -> String {
    let mut rows = String::new();
    let all: Vec<_> = entity.facts().collect();
    for fact in all.iter().take(FACTS) {
        let object = match (fact.object(), fact.value()) {
            (Some(object), _) => entity_link(object),
            (None, Some(value)) => markup(&value.to_string()),
            (None, None) => String::new(),
        };
        let claims: Vec<String> = fact.claims().map(|claim| claim_words(database, &claim)).collect();
        let _ = writeln!(
            rows,
            "<tr><td>{}</td><td>{}</td><td>{object}</td><td>{}</td></tr>",
            entity_link(fact.subject()),
            markup(fact.verb()),
            claims.join("<br>")
        );
    }
    let more = match all.len().saturating_sub(FACTS) {
        0 => String::new(),
        more => format!("<p>{more} more facts: {}</p>\n", query_link("describe", &describe(entity.name()))),
    };
    format!(
        "<div class=\"wide\"><table><thead><tr><th>subject</th><th>verb</th><th>object</th><th>who says so</th></tr></thead>\n\
         <tbody>\n{rows}</tbody></table></div>\n{more}"
    )
}

fn describe(name: &str) -> String {
    format!("describe {}", quote_name(name))
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
        let count: usize = graph.ranges(kind.subtypes).iter().map(|range| range.len()).sum();
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
        let second = if from == to { format!("{to} other") } else { to.clone() };
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
        body.push_str(&table(answer, fields));
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

fn table(answer: &Answer, fields: &Fields) -> String {
    let mut body = String::from("<div class=\"wide\" tabindex=\"0\"><table class=\"answer\"><thead><tr>");
    let columns: Vec<_> = answer.table().columns().collect();
    for column in &columns {
        let class = if column.numeric { " class=\"n\"" } else { "" };
        let _ = write!(body, "<th scope=\"col\"{class}>{}</th>", markup(column.title));
    }
    body.push_str("<th scope=\"col\">certainty</th></tr></thead>\n<tbody>\n");
    for (position, row) in answer.rows().take(ROWS).enumerate() {
        body.push_str(if row.is_certain() { "<tr>" } else { "<tr class=\"possible\">" });
        for (cell, column) in row.cells().zip(&columns) {
            let class = if column.numeric { " class=\"n\"" } else { "" };
            let _ = write!(body, "<td{class}>{}</td>", cell_words(&cell));
        }
        let certainty = if row.is_certain() { "certain" } else { "possible" };
        let why = address(fields.text("q"), fields.has("possibly"), Some(position));
        let _ = writeln!(body, "<td>{certainty} <a class=\"why\" href=\"{why}\">why?</a></td></tr>");
    }
    body.push_str("</tbody></table></div>\n");
    let _ = writeln!(body, "<p class=\"counts\">{}</p>", counts(answer, fields));
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

fn cell_words(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Entity(entity) => entity_link(*entity),
        Cell::Path(path) => path.iter().map(|entity| entity_link(*entity)).collect::<Vec<_>>().join(" &gt; "),
        Cell::List(items) => {
            let item = |(cell, certain): &(Cell<'_>, bool)| cell_words(cell) + if *certain { "" } else { "?" };
            items.iter().map(item).collect::<Vec<_>>().join(", ")
        }
        other => markup(&other.to_string()),
    }
}

fn reasons(database: &Database, answer: &Answer, position: usize) -> String {
    let Some(row) = answer.table().row(position) else { return String::new() };
    match answer.why(&row) {
        Ok(Some(proof)) => {
            let mut left = STEPS;
            format!(
                "<section class=\"why\"><h2>Why</h2>\n<ul>{}</ul></section>\n",
                proof_words(database, &proof, &mut left)
            )
        }
        Ok(None) => "<p class=\"note\">Such an answer has no proofs: it was counted or drawn.</p>\n".to_string(),
        Err(error) => format!("<p class=\"error\">{}</p>\n", markup(&error.to_string())),
    }
}

/// Proofs are at most so deep on a page.
const DEEPEST: usize = 60;

fn proof_words(database: &Database, proof: &Proof, left: &mut usize) -> String {
    proof_to(DEEPEST, database, proof, left)
}

fn proof_to(levels: usize, database: &Database, proof: &Proof, left: &mut usize) -> String {
    if *left == 0 || levels == 0 {
        return "<li>…</li>".to_string();
    }
    *left -= 1;
    let mut words = format!("<li>{}", markup(&proof.sentence));
    for claim in &proof.claims {
        let _ = write!(words, "<br><small>{}</small>", claim_words(database, claim));
    }
    if !proof.because.is_empty() {
        words.push_str("<ul>");
        for below in &proof.because {
            words.push_str(&proof_to(levels - 1, database, below, left));
        }
        words.push_str("</ul>");
    }
    words + "</li>"
}

/// Who says it: the source's title, as a link where it has an address; place, quote and how surely.
fn claim_words(database: &Database, claim: &Claim) -> String {
    let source = database.graph().claims().sources.iter().find(|source| source.key == claim.source);
    let title = source
        .map_or(claim.source.as_str(), |source| if source.title.is_empty() { &source.key } else { &source.title });
    let is_web = |url: &str| url.starts_with("https://") || url.starts_with("http://");
    let mut words = match source.map(|source| source.url.as_str()).filter(|url| is_web(url)) {
        Some(url) => format!("<a href=\"{}\" rel=\"noreferrer\">{}</a>", markup(url), markup(title)),
        None => markup(title),
    };
    if !claim.at.is_empty() {
        let _ = write!(words, ", {}", markup(&claim.at));
    }
    if !claim.quote.is_empty() {
        let _ = write!(words, ": <q>{}</q>", markup(&claim.quote));
    }
    if claim.trust != "direct" {
        let _ = write!(words, " ({})", markup(&claim.trust));
    }
    words
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

fn entity_link(entity: Entity<'_>) -> String {
    format!("<a href=\"/entity?name={}\">{}</a>", encoded(entity.name()), markup(entity.name()))
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
    let names = database.graph().entity_count();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{} · begat</title>\n<link rel=\"stylesheet\" href=\"/page.css\">\n<script src=\"/page.js\" defer></script>\n</head>\n\
         <body>\n<header><nav><a href=\"/\">begat</a> <span id=\"history\"></span></nav>\n\
         <form action=\"/\" method=\"get\" role=\"search\" autocomplete=\"off\">\n\
         <label for=\"q\">Query</label>\n<div class=\"box\"><textarea id=\"q\" name=\"q\" rows=\"1\" spellcheck=\"false\" \
         autocapitalize=\"off\" placeholder=\"a fact with holes, of {names} entities\">{}</textarea>\n\
         <ul id=\"offers\" role=\"listbox\" aria-label=\"Completions\" hidden></ul></div>\n\
         <label class=\"tick\"><input type=\"checkbox\" name=\"possibly\" value=\"1\"{checked}> possible answers, too</label>\n\
         <button>Ask</button>\n</form></header>\n<main>\n{body}</main>\n</body>\n</html>\n",
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
