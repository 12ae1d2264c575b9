//! A graph as static pages, to be published: an index, a page for each entity and source, and for each saved query. Links are
//! relative, and nothing is loaded from elsewhere, so that the folder may lie anywhere, also on a disk.

use super::page::query_name;
use super::parts::{Links, Parts, ROWS, STEPS, title_of, web_address};
use super::routes::{STYLE, TABLES};
use crate::api::{Answer, Entity, Fact, RenderOptions, Shape, Subgraph};
use crate::database::{Database, Error, Options};
use crate::graph::Source;
use crate::limits;
use crate::render::{Format, markup};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt::Write;

/// A graph of more entities is no matter of pages.
const MOST_ENTITIES: usize = 20_000;
/// Rows with their proofs; each is a query.
const PROVEN: usize = 50;

/// A query that has a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    pub title: String,
    /// One query or several, each with its `;`.
    pub text: String,
}

/// Returns the files of a site, by their paths in its folder.
///
/// # Errors
/// A saved query is wrong, a limit stopped something, or the graph has too many entities.
pub fn site(
    database: &Database,
    title: &str,
    saved: &[Saved],
    options: &Options,
) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let count = database.entities().count();
    if count > MOST_ENTITIES {
        let words =
            format!("a site has at most {MOST_ENTITIES} entities, and the graph has {count}: export a part of it");
        return Err(Error::usage(words));
    }
    let mut site = SiteWriter { database, title, places: Places::of(database, saved), options, files: Vec::new() };
    site.add("site.css".to_string(), STYLE.to_string());
    site.add("tables.js".to_string(), TABLES.to_string());
    for entity in database.entities() {
        limits::check()?;
        site.entity(entity)?;
    }
    let whole = database.whole();
    let stated = by_source(&whole)?;
    for source in &database.graph().claims().sources {
        site.source(source, stated.get(&source.key).map(Vec::as_slice).unwrap_or_default());
    }
    for (saved, place) in saved.iter().zip(site.places.queries.clone()) {
        site.query(saved, &place)?;
    }
    site.index(saved);
    Ok(site.files)
}

/// Returns the facts by the keys of the sources that state them.
fn by_source(whole: &Subgraph) -> Result<HashMap<String, Vec<Fact<'_>>>, Error> {
    let mut stated: HashMap<String, Vec<Fact<'_>>> = HashMap::new();
    for fact in whole.facts() {
        limits::check()?;
        let sources: BTreeSet<String> = fact.claims().map(|claim| claim.source).collect();
        sources.into_iter().for_each(|source| stated.entry(source).or_default().push(fact));
    }
    Ok(stated)
}

/// The files that pages are.
#[derive(Debug)]
struct Places {
    /// By type and name.
    entities: HashMap<(String, String), String>,
    /// By key.
    sources: HashMap<String, String>,
    /// In order.
    queries: Vec<String>,
}

impl Places {
    fn of(database: &Database, saved: &[Saved]) -> Places {
        let mut taken = HashSet::new();
        let mut place = |folder: &str, name: &str| {
            let word = slug(name);
            let mut path = format!("{folder}/{word}.html");
            for number in 2.. {
                if taken.insert(path.clone()) {
                    break;
                }
                path = format!("{folder}/{word}-{number}.html");
            }
            path
        };
        let entities = database.entities().map(|entity| (key(entity), place("entity", entity.name()))).collect();
        let sources = database.graph().claims().sources.iter();
        let sources = sources.map(|source| (source.key.clone(), place("source", &source.key))).collect();
        Places { entities, sources, queries: saved.iter().map(|saved| place("query", &saved.title)).collect() }
    }
}

fn key(entity: Entity<'_>) -> (String, String) {
    (entity.type_name().to_string(), entity.name().to_string())
}

/// Returns a name as part of a path that every file system and every address can hold: small letters, digits and hyphens.
fn slug(name: &str) -> String {
    /// Longer names are cut.
    const MOST: usize = 60;
    let mut word = String::new();
    for c in name.chars() {
        match c.to_ascii_lowercase() {
            c @ ('a'..='z' | '0'..='9') => word.push(c),
            _ if word.is_empty() || word.ends_with('-') => {}
            _ => word.push('-'),
        }
        if word.len() >= MOST {
            break;
        }
    }
    let word = word.trim_end_matches('-');
    if word.is_empty() { "other".to_string() } else { word.to_string() }
}

fn counted(number: usize, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}

/// Files of a folder, as a page one folder below it reaches them. Proofs stand behind the rows.
struct Filed<'a> {
    places: &'a Places,
    up: &'static str,
    proofs: Vec<String>,
}

impl Links for Filed<'_> {
    fn entity(&self, entity: Entity<'_>) -> String {
        self.places.entities.get(&key(entity)).map_or_else(String::new, |place| format!("{}{place}", self.up))
    }

    fn source(&self, source: &Source) -> Option<String> {
        self.places.sources.get(&source.key).map(|place| format!("{}{place}", self.up))
    }

    fn why(&self, position: usize) -> String {
        self.proofs.get(position).cloned().unwrap_or_default()
    }
}

/// The way from a page in a folder to the folder of the site.
const UP: &str = "../";

struct SiteWriter<'a> {
    database: &'a Database,
    title: &'a str,
    places: Places,
    options: &'a Options,
    files: Vec<(String, Vec<u8>)>,
}

impl SiteWriter<'_> {
    fn add(&mut self, path: String, text: String) {
        self.files.push((path, text.into_bytes()));
    }

    fn entity(&mut self, entity: Entity<'_>) -> Result<(), Error> {
        let (name, kind) = (entity.name(), entity.type_name());
        let mut body = format!("<h1>{}</h1>\n<p>{}", markup(name), markup(kind));
        if !entity.date().is_undated() {
            let _ = write!(body, ", {}", markup(&entity.date().to_string()));
        }
        let aliases: Vec<&str> = entity.aliases().collect();
        if !aliases.is_empty() {
            let _ = write!(body, ", also called {}", markup(&aliases.join(", ")));
        }
        body.push_str("</p>\n");
        let place = self.places.entities.get(&key(entity)).cloned().unwrap_or_default();
        let named = query_name(self.database, entity);
        // Types without a lineage verb have none.
        let family = self.database.query_with(&format!("lineage of {named}"), self.options);
        limits::check()?;
        if let Some(family) = family.ok().filter(|family| !family.is_empty()) {
            let picture = place.replacen("entity/", "picture/of-", 1);
            body.push_str(&self.picture(&family, &format!("The family of {name}"), picture)?);
        }
        let links = Filed { places: &self.places, up: UP, proofs: Vec::new() };
        body.push_str(&Parts { database: self.database, links: &links }.facts(entity.facts()));
        let page = self.framed(name, UP, &body);
        self.add(place, page);
        Ok(())
    }

    /// Adds the file of a picture, and returns the part of a page that shows it.
    fn picture(&mut self, answer: &Answer, title: &str, path: String) -> Result<String, Error> {
        let drawn = answer.render(Format::Html, &RenderOptions::new().title(title))?;
        self.add(path.clone(), drawn);
        Ok(format!(
            "<iframe title=\"{}\" src=\"{UP}{path}\" sandbox=\"allow-scripts allow-popups\"></iframe>\n",
            markup(title)
        ))
    }

    fn source(&mut self, source: &Source, stated: &[Fact<'_>]) {
        let mut body = format!("<h1>{}</h1>\n<p>", markup(title_of(source)));
        for word in [&source.by, &source.date].into_iter().filter(|word| !word.is_empty()) {
            let _ = write!(body, "{}, ", markup(word));
        }
        let _ = write!(body, "cited as <code>{}</code>", markup(&source.key));
        if let Some(address) = web_address(source) {
            let _ = write!(body, ": <a href=\"{address}\" rel=\"noreferrer\">{}</a>", markup(&source.url));
        }
        body.push_str("</p>\n");
        let links = Filed { places: &self.places, up: UP, proofs: Vec::new() };
        body.push_str(&Parts { database: self.database, links: &links }.facts(stated.iter().copied()));
        let page = self.framed(title_of(source), UP, &body);
        if let Some(place) = self.places.sources.get(&source.key).cloned() {
            self.add(place, page);
        }
    }

    fn query(&mut self, saved: &Saved, place: &str) -> Result<(), Error> {
        let mut body = format!("<h1>{}</h1>\n", markup(&saved.title));
        if saved.title != saved.text {
            let _ = writeln!(body, "<pre class=\"wide\" tabindex=\"0\">{}</pre>", markup(saved.text.trim()));
        }
        for (number, prepared) in self.database.prepare(&saved.text, self.options)?.iter().enumerate() {
            let answer = prepared.run(self.options)?;
            let picture =
                place.replacen("query/", "picture/query-", 1).replace(".html", &format!("-{}.html", number + 1));
            body.push_str(&self.answer(&answer, &saved.title, picture)?);
        }
        let page = self.framed(&saved.title, UP, &body);
        self.add(place.to_string(), page);
        Ok(())
    }

    fn answer(&mut self, answer: &Answer, title: &str, picture: String) -> Result<String, Error> {
        let mut body = String::new();
        for note in answer.diagnostics() {
            let _ = writeln!(body, "<p class=\"note\">{}</p>", markup(&note.message));
        }
        if answer.shape() == Shape::Picture {
            body.push_str(&self.picture(answer, title, picture)?);
        }
        if answer.shape() != Shape::Table {
            let drawn = answer.render(Format::Tree, &RenderOptions::new());
            let drawn = drawn.or_else(|_| answer.render(Format::Table, &RenderOptions::new()))?;
            let _ = writeln!(body, "<pre class=\"wide\" tabindex=\"0\">{}</pre>", markup(&drawn));
            return Ok(body);
        }
        let proofs = self.proofs(answer)?;
        let links = Filed { places: &self.places, up: UP, proofs };
        body.push_str(&Parts { database: self.database, links: &links }.rows(answer));
        let (certain, possible) = (answer.certain(), answer.len() - answer.certain() + answer.more_possible());
        let possible = if possible > 0 { format!(", {possible} possible") } else { String::new() };
        let cut = if answer.len() > ROWS { format!("; the first {ROWS} are shown") } else { String::new() };
        let _ = writeln!(body, "<p class=\"counts\">{certain} certain{possible}{cut}</p>");
        Ok(body)
    }

    /// The proofs of the first rows, each to be unfolded.
    fn proofs(&self, answer: &Answer) -> Result<Vec<String>, Error> {
        let links = Filed { places: &self.places, up: UP, proofs: Vec::new() };
        let parts = Parts { database: self.database, links: &links };
        let mut proofs = Vec::new();
        for row in answer.rows().take(PROVEN) {
            let Some(proof) = answer.why(&row)? else { break };
            let mut left = STEPS;
            let items = parts.proof(&proof, &mut left);
            proofs.push(format!("<details><summary>why?</summary><ul>{items}</ul></details>"));
        }
        Ok(proofs)
    }

    fn index(&mut self, saved: &[Saved]) {
        let graph = self.database.graph();
        let mut body = format!(
            "<h1>{}</h1>\n<p>{}, {}, {}.</p>\n",
            markup(self.title),
            counted(graph.entity_count(), "entity", "entities"),
            counted(graph.fact_count(), "fact", "facts"),
            counted(graph.claims().sources.len(), "source", "sources")
        );
        if !saved.is_empty() {
            let each = saved.iter().zip(&self.places.queries);
            let items =
                each.map(|(saved, place)| format!("<li><a href=\"{place}\">{}</a></li>\n", markup(&saved.title)));
            let _ = writeln!(body, "<h2>Queries</h2>\n<ul>\n{}</ul>", items.collect::<String>());
        }
        let links = Filed { places: &self.places, up: "", proofs: Vec::new() };
        let parts = Parts { database: self.database, links: &links };
        let mut kind = "";
        for entity in self.database.entities() {
            if entity.type_name() != kind {
                body.push_str(if kind.is_empty() { "" } else { "</ul>\n" });
                kind = entity.type_name();
                let _ = writeln!(body, "<h2>{}</h2>\n<ul class=\"names\">", markup(kind));
            }
            let _ = writeln!(body, "<li>{}</li>", parts.entity(entity));
        }
        body.push_str(if kind.is_empty() { "" } else { "</ul>\n" });
        let sources = graph.claims().sources.iter();
        let items: String = sources
            .filter_map(|source| Some((links.source(source)?, title_of(source))))
            .map(|(place, title)| format!("<li><a href=\"{place}\">{}</a></li>\n", markup(title)))
            .collect();
        if !items.is_empty() {
            let _ = writeln!(body, "<h2>Sources</h2>\n<ul>\n{items}</ul>");
        }
        let page = self.framed("", "", &body);
        self.add("index.html".to_string(), page);
    }

    fn framed(&self, title: &str, up: &str, body: &str) -> String {
        let site = markup(self.title);
        let title = if title.is_empty() { site.clone() } else { format!("{} · {site}", markup(title)) };
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
             <link rel=\"stylesheet\" href=\"{up}site.css\">\n<script src=\"{up}tables.js\" defer></script>\n</head>\n\
             <body>\n<header><nav aria-label=\"Site\"><a href=\"{up}index.html\">{site}</a></nav></header>\n<main>\n{body}</main>\n\
             </body>\n</html>\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn a_name_is_a_safe_part_of_a_path() {
        for (name, expected) in [
            ("DeepSeek V3", "deepseek-v3"),
            ("../../etc/passwd", "etc-passwd"),
            ("<b>", "b"),
            ("数", "other"),
            ("con", "con"),
            ("", "other"),
        ] {
            assert_eq!(slug(name), expected);
        }
        assert!(slug(&"x".repeat(500)).len() <= 60);
    }
}
