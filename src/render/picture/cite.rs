//! Writes facts with their sources, for the titles of marks.

use crate::graph::{CitedFact, Direction, EntityId, Fact, FactId, Facts, Graph};
use crate::render::words::{compact, marked};
use crate::schema::{PropertyId, VerbId, Word};
use crate::value::{Date, Value};

/// A source with its non-empty locators.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cited {
    /// The key; the title if there is no key.
    pub key: String,
    /// The URL; `None` if there is none.
    pub url: Option<String>,
    /// Locators, each with its URL.
    pub places: Vec<(String, Option<String>)>,
}

/// Returns the sources of a fact with their locators, in the order of the claims.
pub fn sources(graph: &Graph, fact: FactId) -> Vec<Cited> {
    sources_by(graph, fact, &[])
}

/// Returns those of the sources of a fact that are cited, all if none is named, with their locators.
fn sources_by(graph: &Graph, fact: FactId, by: &[CitedFact]) -> Vec<Cited> {
    let mut sources: Vec<Cited> = Vec::new();
    for claim in graph.claims().numbers_by(fact, by).map(|claim| graph.claims().get(claim)) {
        let source = graph.claims().source(claim.source);
        let key = if source.key.is_empty() { &source.title } else { &source.key };
        let place = sources.iter().position(|known| known.key == *key).unwrap_or_else(|| {
            sources.push(Cited { key: key.clone(), url: address(&source.url, ""), places: Vec::new() });
            sources.len() - 1
        });
        let places = &mut sources[place].places;
        if !claim.at.is_empty() && places.iter().all(|(known, _)| known != claim.at) {
            places.push((claim.at.to_string(), address(&source.url, claim.at)));
        }
    }
    sources
}

/// Returns the URL of a locator: itself if it is a URL; that of the paper if it is an identifier such as
/// `arXiv:1706.03762`; below the source's URL if that ends in `/` and the locator is a path, optionally with a line as
/// in `a/b.py:12`; otherwise the source's URL.
pub fn address(url: &str, place: &str) -> Option<String> {
    let is_web = |url: &str| {
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        rest.is_some_and(|rest| !rest.is_empty()) && !url.contains(char::is_whitespace)
    };
    if is_web(place) {
        return Some(place.to_string());
    }
    if let Some(paper) = paper(place) {
        return Some(paper);
    }
    let path = if url.ends_with('/') { path(place).unwrap_or_default() } else { String::new() };
    is_web(url).then(|| format!("{url}{path}"))
}

/// Prefixes of identifiers, and the URLs that they stand for.
const PAPERS: [(&str, &str); 2] = [("arXiv:", "https://arxiv.org/abs/"), ("doi:", "https://doi.org/")];

/// Returns the URL of the paper that a locator begins with.
fn paper(place: &str) -> Option<String> {
    let word = place.split([' ', ',', ';']).next()?;
    let (prefix, url) = PAPERS
        .iter()
        .find(|(prefix, _)| word.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)))?;
    let id = &word[prefix.len()..];
    // What else stands in a locator must not become part of an address.
    let is_plain = id.chars().all(|c| c.is_ascii_alphanumeric() || "./-_()".contains(c));
    (id.starts_with(|c: char| c.is_ascii_alphanumeric()) && is_plain).then(|| format!("{url}{id}"))
}

/// Returns the path at the start of a locator: `a/b.py#L12` for `a/b.py:12 Model`.
fn path(place: &str) -> Option<String> {
    let word = place.split([' ', ',', ';']).next()?;
    let (file, line) = match word.rsplit_once(':') {
        Some((file, line)) if !line.is_empty() && line.chars().all(|c| c.is_ascii_digit()) => {
            (file, format!("#L{line}"))
        }
        _ => (word, String::new()),
    };
    let is_plain = |part: &str| {
        // A locator must not lead above the address of its source.
        !part.is_empty() && part != ".." && part.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    };
    let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
    let is_file = extension.len() > 1 && extension.chars().all(|c| c.is_ascii_alphabetic());
    (file.split('/').all(is_plain) && (is_file || file.contains('/'))).then(|| format!("{file}{line}"))
}

/// Returns the citations of a fact, grouped by source: `goose L23, L34; notes p. 7`. Empty if no claim states it.
pub fn citations(graph: &Graph, fact: FactId) -> String {
    citations_by(graph, fact, &[])
}

fn citations_by(graph: &Graph, fact: FactId, by: &[CitedFact]) -> String {
    let part = |cited: &Cited| {
        let places: Vec<&str> = cited.places.iter().map(|(place, _)| place.as_str()).collect();
        format!("{} {}", cited.key, places.join(", ")).trim().to_string()
    };
    sources_by(graph, fact, by).iter().map(part).collect::<Vec<_>>().join("; ")
}

/// Returns the text followed by its citations: `DeepSeek V3 dated 2024-12 [goose L23]`.
pub fn cited(graph: &Graph, words: &str, fact: FactId) -> String {
    cited_by(graph, words, fact, &[])
}

/// Returns the text followed by the citations of these sources, of all if none is named.
pub fn cited_by(graph: &Graph, words: &str, fact: FactId, by: &[CitedFact]) -> String {
    match citations_by(graph, fact, by) {
        sources if sources.is_empty() => words.to_string(),
        sources => format!("{words} [{sources}]"),
    }
}

/// Returns a link as a sentence with its sources.
pub fn link(graph: &Graph, subject: EntityId, verb: VerbId, object: EntityId, fact: FactId) -> String {
    let verb = &graph.schema().verb(verb).name;
    cited(graph, &format!("{} {verb} {}", graph.name(subject), graph.name(object)), fact)
}

/// Returns an entity with its type, its stated values and their sources, on one line.
pub fn entity(graph: &Graph, entity: EntityId) -> String {
    let kind = graph.schema().type_(graph.type_of(entity));
    let mut parts = vec![format!("{}, {}", graph.name(entity), kind.name)];
    for property in &kind.properties {
        parts.extend(values(graph, entity, *property));
    }
    let date = graph.date_of(entity);
    if parts.len() == 1 && !date.is_undated() {
        parts.push(format!("dated {} by its lineage", date.describe()));
    }
    parts.join(" · ")
}

/// Returns each stated value of a property with its sources: `dated 2024-12 [goose L23]`.
pub fn values(graph: &Graph, entity: EntityId, property: PropertyId) -> Vec<String> {
    let declared = graph.schema().property(property);
    let word = declared.verb.as_deref().unwrap_or(&declared.name);
    let stated = graph.values(property).span(entity).map(|i| {
        let value = graph.values(property).stated.get(i);
        cited(graph, &format!("{word} {}", short_value(&value)), graph.values(property).fact(i))
    });
    stated.collect()
}

/// Returns a value for a label: dates and texts as written, numbers short.
pub fn short_value(value: &Value) -> String {
    match value {
        Value::Number(number) => short_number(*number),
        value => value.to_string(),
    }
}

/// Returns a number with the digits of a table: `671B`, `1.5B`, `32,000`.
pub fn short_number(number: f64) -> String {
    marked(&compact(number))
}

/// Returns the entities that an entity is joined to by a word (`developed by`, `member of`), certainly or possibly, in
/// id order.
pub fn reached(graph: &Graph, entity: EntityId, word: Word) -> Vec<EntityId> {
    match word {
        Word::Verb { verb, inverse } => {
            let targets = graph.relation(verb).adjacency(Direction::inverse_if(inverse), Facts::All).of(entity);
            targets.iter().map(|id| EntityId(*id)).collect()
        }
        Word::Property(_) => Vec::new(),
    }
}

/// Returns a setting of the type's plot, or that of its nearest supertype that has it.
pub fn plot<'g>(graph: &'g Graph, entity: EntityId, setting: impl Fn(&'g crate::schema::Plot) -> &'g str) -> &'g str {
    let mut id = Some(graph.type_of(entity));
    while let Some(kind) = id.map(|id| graph.schema().type_(id)) {
        if !setting(&kind.plot).is_empty() {
            return setting(&kind.plot);
        }
        id = kind.parent;
    }
    ""
}

/// Returns the newest date of some entities, by latest day; `None` if all are undated.
pub fn newest(graph: &Graph, entities: &[EntityId]) -> Option<Date> {
    let dates = entities.iter().map(|entity| graph.date_of(*entity)).filter(|date| !date.is_undated());
    dates.max_by_key(|date| match date.bounds() {
        (earliest, Date::OPEN_END) => (earliest, earliest),
        (earliest, latest) => (latest, earliest),
    })
}

/// Returns the day at which a date is drawn: the middle of its reach, or its only bound; `None` if undated.
pub fn middle(date: Date) -> Option<f64> {
    let (earliest, latest) = date.reach();
    match (earliest != Date::OPEN_START, latest != Date::OPEN_END) {
        (true, true) => Some((f64::from(earliest) + f64::from(latest)) / 2.0),
        (true, false) => Some(f64::from(earliest)),
        (false, true) => Some(f64::from(latest)),
        (false, false) => None,
    }
}

/// Returns the sentence of a fact without its sources.
pub fn fact(graph: &Graph, fact: FactId) -> String {
    match graph.fact(fact) {
        Fact::Link { subject, verb, object } => {
            format!("{} {} {}", graph.name(subject), graph.schema().verb(verb).name, graph.name(object))
        }
        Fact::Value { subject, property, value } => {
            let declared = graph.schema().property(property);
            let word = declared.verb.as_deref().unwrap_or(&declared.name);
            format!("{} {word} {}", graph.name(subject), short_value(&value))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{address, short_number};

    #[test]
    fn places_are_below_roots_that_say_so() {
        let root = "https://x.org/src/";
        let cases = [
            (root, "models/a_b.py:12 A, B and 2 more", Some("https://x.org/src/models/a_b.py#L12")),
            (root, "notes.md", Some("https://x.org/src/notes.md")),
            (root, "L23", Some(root)),
            (root, "p. 7", Some(root)),
            (root, "3.1", Some(root)),
            (root, "../../etc/passwd", Some(root)),
            ("https://x.org", "models/a.py", Some("https://x.org")),
            ("javascript:alert(1)/", "a/b", None),
            ("", "https://y.org/1", Some("https://y.org/1")),
            ("", "arXiv:1706.03762", Some("https://arxiv.org/abs/1706.03762")),
            (root, "arXiv:hep-th/9901001v2, p. 3", Some("https://arxiv.org/abs/hep-th/9901001v2")),
            ("", "doi:10.1000/182", Some("https://doi.org/10.1000/182")),
            ("", "arXiv:\" onclick=\"x", None),
            ("", "L1", None),
        ];
        cases.iter().for_each(|(url, place, to)| assert_eq!(address(url, place).as_deref(), *to, "{url} {place}"));
    }

    #[test]
    fn numbers_are_short_where_nothing_is_lost() {
        let cases = [
            (671e9, "671B"),
            (1.5e9, "1.5B"),
            (15e12, "15T"),
            (32000.0, "32,000"),
            (8192.0, "8192"),
            (7_360_010_000_000_001e6, "7,360,010,000,000,001,000,000"),
            (128.0, "128"),
            (0.25, "0.25"),
            (1_234_567.0, "1,234,567"),
            (-40960.0, "-40,960"),
        ];
        cases.iter().for_each(|(number, text)| assert_eq!(short_number(*number), *text));
    }
}
