//! What pages are made of, for a server and for a folder of files: facts, rows, proofs, citations. Whatever stands in names
//! and quotes, it is shown, and does nothing.

use crate::api::{Answer, Cell, Claim, Entity, Fact, Proof};
use crate::database::Database;
use crate::graph::Source;
use crate::render::markup;
use std::fmt::Write;

/// Maximum number of rows on a page; files have all of them.
pub(super) const ROWS: usize = 500;
/// Maximum number of steps of a proof on a page.
pub(super) const STEPS: usize = 400;
/// Maximum depth of a proof on a page.
const DEEPEST: usize = 60;

/// Where the parts of a page lead, as addresses that stand in attributes as they are.
pub(super) trait Links {
    /// Returns the address of an entity's page.
    fn entity(&self, entity: Entity<'_>) -> String;

    /// Returns the address of a source: its page, or where it is to be read; `None` if there is neither.
    fn source(&self, source: &Source) -> Option<String>;

    /// Returns what stands behind a row's certainty: a link to its proof, or the proof itself.
    fn why(&self, position: usize) -> String;
}

/// A graph, and where the parts of its pages lead.
#[derive(Clone, Copy)]
pub(super) struct Parts<'a> {
    pub database: &'a Database,
    pub links: &'a dyn Links,
}

impl Parts<'_> {
    /// Returns facts as a table, each with who states it.
    pub fn facts<'f>(self, facts: impl Iterator<Item = Fact<'f>>) -> String {
        let mut rows = String::new();
        for fact in facts {
            let object = match (fact.object(), fact.value()) {
                (Some(object), _) => self.entity(object),
                (None, Some(value)) => markup(&value.to_string()),
                (None, None) => String::new(),
            };
            let claims: Vec<String> = fact.claims().map(|claim| self.claim(&claim)).collect();
            let (subject, verb, claims) = (self.entity(fact.subject()), markup(fact.verb()), claims.join("<br>"));
            let _ = writeln!(rows, "<tr><td>{subject}</td><td>{verb}</td><td>{object}</td><td>{claims}</td></tr>");
        }
        let heads = ["subject", "verb", "object", "who says so"].map(|head| format!("<th scope=\"col\">{head}</th>"));
        format!(
            "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Facts\"><table><thead><tr>{}</tr></thead>\n\
             <tbody>\n{rows}</tbody></table></div>\n",
            heads.concat()
        )
    }

    /// Returns the rows of an answer as a table, the first [`ROWS`] of them.
    pub fn rows(self, answer: &Answer) -> String {
        let mut body = String::from(
            "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Rows\"><table class=\"answer\"><thead><tr>",
        );
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
                let _ = write!(body, "<td{class}>{}</td>", self.cell(&cell));
            }
            let certainty = if row.is_certain() { "certain" } else { "possible" };
            let _ = writeln!(body, "<td>{certainty} {}</td></tr>", self.links.why(position));
        }
        body + "</tbody></table></div>\n"
    }

    fn cell(self, cell: &Cell<'_>) -> String {
        match cell {
            Cell::Entity(entity) => self.entity(*entity),
            Cell::Path(path) => path.iter().map(|entity| self.entity(*entity)).collect::<Vec<_>>().join(" &gt; "),
            Cell::List(items) => {
                let item = |(cell, certain): &(Cell<'_>, bool)| self.cell(cell) + if *certain { "" } else { "?" };
                items.iter().map(item).collect::<Vec<_>>().join(", ")
            }
            other => markup(&other.to_string()),
        }
    }

    /// Returns a name that leads to its entity.
    pub fn entity(self, entity: Entity<'_>) -> String {
        format!("<a href=\"{}\">{}</a>", self.links.entity(entity), markup(entity.name()))
    }

    /// Returns a proof as an item of a list, of at most `left` steps.
    pub fn proof(self, proof: &Proof, left: &mut usize) -> String {
        self.proof_to(DEEPEST, proof, left)
    }

    fn proof_to(self, levels: usize, proof: &Proof, left: &mut usize) -> String {
        if *left == 0 || levels == 0 {
            return "<li>…</li>".to_string();
        }
        *left -= 1;
        let mut words = format!("<li>{}", markup(&proof.sentence));
        for claim in &proof.claims {
            let _ = write!(words, "<br><small>{}</small>", self.claim(claim));
        }
        if !proof.because.is_empty() {
            words.push_str("<ul>");
            for below in &proof.because {
                words.push_str(&self.proof_to(levels - 1, below, left));
            }
            words.push_str("</ul>");
        }
        words + "</li>"
    }

    /// Returns who says it: the source's title, as a link where it leads somewhere; place, quote and how surely.
    pub fn claim(self, claim: &Claim) -> String {
        let source = self.database.graph().claims().sources.iter().find(|source| source.key == claim.source);
        let title = source.map_or(claim.source.as_str(), title_of);
        let mut words = match source.and_then(|source| self.links.source(source)) {
            Some(address) => format!("<a href=\"{address}\" rel=\"noreferrer\">{}</a>", markup(title)),
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
}

/// The title of a source; without one its key.
pub(super) fn title_of(source: &Source) -> &str {
    if source.title.is_empty() { &source.key } else { &source.title }
}

/// The address at which a source is to be read; `None` of what is no address of the web.
pub(super) fn web_address(source: &Source) -> Option<String> {
    let is_web = |url: &str| url.starts_with("https://") || url.starts_with("http://");
    is_web(&source.url).then(|| markup(&source.url))
}
