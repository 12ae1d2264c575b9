//! Pages to read: the reference of the language, and what the graph's sources are.

use crate::database::Database;
use serde_json::{Value as Json, json};

/// A page of the reference.
pub(super) struct Page {
    pub name: &'static str,
    pub title: &'static str,
    body: &'static str,
}

macro_rules! pages {
    ($($name:literal $title:literal;)*) => {
        pub(super) static PAGES: &[Page] = &[$(Page {
            name: $name, title: $title, body: include_str!(concat!("../../tests/spec/", $name, ".md")),
        },)*];
    };
}

pages! {
    "01-words" "Words: names, types, verbs, parameters";
    "02-patterns" "Patterns: sentences and how they join";
    "03-paths" "Paths: any number of steps";
    "04-negation" "Negation";
    "05-quantifiers" "Every, at least, at most, exactly";
    "06-dates" "Dates, certain and possible";
    "07-aggregates" "Groups: count, sum, first, list";
    "08-views" "Views: lineage, adoption, timeline, matrix, diff";
    "09-reasons" "Why, why not, according to";
    "10-definitions" "Verbs of one's own";
    "11-errors" "What goes wrong, and what to write instead";
    "12-plans" "How a query is answered";
}

const REFERENCE: &str = "begat://reference/";
pub(super) const SOURCES: &str = "begat://sources";

pub(super) fn uri(page: &Page) -> String {
    format!("{REFERENCE}{}", page.name)
}

/// The text of a resource and its kind; `None` where there is none of that name.
pub(super) fn read(database: &Database, uri: &str) -> Option<(String, &'static str)> {
    if uri == SOURCES {
        return Some((sources(database), "application/json"));
    }
    let name = uri.strip_prefix(REFERENCE)?;
    PAGES.iter().find(|page| page.name == name).map(|page| (page.body.to_string(), "text/markdown"))
}

fn sources(database: &Database) -> String {
    let sources = database.graph().claims().sources.iter();
    let each: Vec<Json> = sources.map(|source| json!({ "key": source.key, "title": source.title })).collect();
    json!({ "sources": each }).to_string()
}
