//! From ids to words: names, values, sentences, citations; and how wide words are.

use crate::answer::Cell;
use crate::graph::{Direction, EntityId, Fact, FactId, Facts, Graph, Trust};
use crate::schema::PropertyId;
use crate::value::{Number, Value, ValueType, natural};
use anstyle::{AnsiColor, Style};
use std::borrow::Cow;
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// What the place allows that an answer is shown in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextStyle {
    /// Columns of the screen; `None`: nothing is cut.
    pub width: Option<usize>,
    pub color: bool,
    /// Draw with ASCII characters only.
    pub ascii: bool,
    /// Tables begin with a line of column titles.
    pub header: bool,
    /// Cut and hide nothing, even where it does not fit.
    pub wide: bool,
    /// A table of single entities shows their dates beside them.
    pub dates: bool,
    /// Numbers of five digits and more have a comma after every third.
    pub marks: bool,
    /// No cell of CSV begins as a formula of a spreadsheet does.
    pub guard: bool,
}

impl Default for TextStyle {
    /// For pipes and files: no colour, nothing cut.
    fn default() -> TextStyle {
        TextStyle {
            width: None,
            color: false,
            ascii: false,
            header: true,
            wide: false,
            dates: false,
            marks: false,
            guard: false,
        }
    }
}

impl TextStyle {
    /// The width to draw in: 80 columns where none is given.
    pub fn columns(&self) -> usize {
        self.width.unwrap_or(80).max(20)
    }
}

/// What a piece of text is, for its colour. The sixteen colours of the terminal only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emphasis {
    Plain,
    /// Column titles and headings.
    Head,
    /// Citations, dates beside a tree, what is only remarked.
    Aside,
    /// What is only possible.
    Possible,
    Added,
    Dropped,
    Verb,
}

/// The text in its colour. Escapes in the text are no part of it: they are shown, not obeyed.
pub fn paint(face: Emphasis, text: &str, color: bool) -> String {
    let text = printable(text);
    let style = match face {
        Emphasis::Plain => return text.into_owned(),
        Emphasis::Head => Style::new().bold(),
        Emphasis::Aside => Style::new().dimmed(),
        Emphasis::Possible => AnsiColor::Yellow.on_default(),
        Emphasis::Added => AnsiColor::Green.on_default(),
        Emphasis::Dropped => AnsiColor::Red.on_default(),
        Emphasis::Verb => AnsiColor::Cyan.on_default(),
    };
    if color && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.into_owned() }
}

/// The columns that a text takes on a terminal: two for wide characters, none for combining ones.
pub fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// What a terminal would obey or hide instead of showing it, as it is written in a quoted text: `\n`, `\u{1b}`. Data can
/// therefore neither steer a terminal nor show other than they are.
pub fn escape(text: &str) -> Cow<'_, str> {
    escape_where(text, steers)
}

/// The same, but line breaks and tabs stay: text that is laid out already.
pub fn printable(text: &str) -> Cow<'_, str> {
    escape_where(text, |c| steers(c) && !matches!(c, '\n' | '\t'))
}

/// Control characters, and those that turn the direction of text: what TSV and Markdown escape wherever they go. What
/// only joins or parts letters stays, since words of some scripts are written with it.
pub fn escape_data(text: &str) -> Cow<'_, str> {
    escape_where(text, controls)
}

/// The text of a JSON value in which no character steers a terminal: each stands as `\u202e`, which is the same value.
pub fn json_line(value: &serde_json::Value) -> String {
    let text = value.to_string();
    if !text.chars().any(steers) {
        return text;
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match steers(c) {
            true => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| _ = write!(escaped, "\\u{unit:04x}")),
            false => escaped.push(c),
        }
    }
    escaped
}

fn escape_where(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_escaped(c) { escaped.extend(c.escape_default()) } else { escaped.push(c) }
    }
    Cow::Owned(escaped)
}

/// Whether a character is obeyed or left out by a terminal instead of shown: a control character, one that turns the
/// direction of text, or one without width and shape (Unicode's category Cf but for the Arabic signs that are seen).
pub fn steers(c: char) -> bool {
    match c {
        '\0'..='~' => c.is_ascii_control(),
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' => true,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
        '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}' => true,
        _ => c.is_control(),
    }
}

/// The part of them that also data formats escape.
pub fn controls(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text cut to at most `limit` columns, the last of them `…` (`~` in ASCII) where something is cut.
pub fn fit(text: &str, limit: usize, ascii: bool) -> String {
    if width(text) <= limit {
        return text.to_string();
    }
    let ends = text.char_indices().map(|(i, _)| i).take_while(|i| *i <= limit.saturating_mul(8));
    let end = ends.filter(|i| width(&text[..*i]) < limit).last().unwrap_or(0);
    let mark = if ascii { "~" } else { "…" };
    format!("{}{}", &text[..end], if limit == 0 { "" } else { mark })
}

/// Spaces that fill a text up to a width.
pub fn gap(text: &str, target: usize) -> String {
    " ".repeat(target.saturating_sub(width(text)))
}

/// A cell in words. What an optional part did not find is empty.
pub fn cell(graph: &Graph, cell: &Cell) -> String {
    cell_by(graph, cell, &|value| value.to_string())
}

/// A cell for people: numbers with the suffix they are written with.
pub fn cell_short(graph: &Graph, cell: &Cell) -> String {
    cell_by(graph, cell, &value_short)
}

fn cell_by(graph: &Graph, cell: &Cell, value: &dyn Fn(&Value) -> String) -> String {
    match cell {
        Cell::Absent => String::new(),
        Cell::Entity(entity) => graph.name(*entity).to_string(),
        Cell::Value(inner) => value(inner),
        Cell::Path(path) => names(graph, path).join(" > "),
        Cell::List(items) => {
            let item = |(inner, certain): &(Cell, bool)| cell_by(graph, inner, value) + if *certain { "" } else { "?" };
            items.iter().map(item).collect::<Vec<_>>().join(", ")
        }
    }
}

pub fn names(graph: &Graph, entities: &[EntityId]) -> Vec<String> {
    entities.iter().map(|entity| graph.name(*entity).to_string()).collect()
}

/// A value for people: `671B` for 671000000000.
pub fn value_short(value: &Value) -> String {
    match value {
        Value::Number(number) => compact(*number),
        Value::Many(values) => values.iter().map(value_short).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// A number with a comma after every third digit before the point, from five digits on: years have none.
pub fn marked(number: &str) -> String {
    let (sign, rest) = number.split_at(usize::from(number.starts_with('-')));
    let whole = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    if whole < 5 {
        return number.to_string();
    }
    let (digits, fraction) = rest.split_at(whole);
    let mut marked = String::with_capacity(number.len() + whole / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (whole - at).is_multiple_of(3) {
            marked.push(',');
        }
        marked.push(digit);
    }
    format!("{sign}{marked}{fraction}")
}

/// A number as it is written in a query: with `M`, `B` or `T` where four digits then say it exactly.
pub fn compact(number: f64) -> String {
    let suffixes = [(1e12, "T"), (1e9, "B"), (1e6, "M")];
    let suffix = suffixes.iter().find(|(unit, _)| number.abs() >= *unit && number.abs() < unit * 1e4);
    let short = suffix.map(|(unit, suffix)| (number / unit, unit, suffix));
    match short {
        Some((short, unit, suffix)) if short.to_string().len() <= 6 && short * unit == number => {
            format!("{short}{suffix}")
        }
        _ => Number::from(number).to_string(),
    }
}

/// A fact as a sentence: `DeepSeek V3 uses MLA`.
pub fn sentence(graph: &Graph, fact: FactId) -> String {
    match graph.fact(fact) {
        Fact::Link { subject, verb, object } => {
            format!("{} {} {}", graph.name(subject), graph.schema().verb(verb).name, graph.name(object))
        }
        Fact::Value { subject, property, value } => {
            let property = graph.schema().property(property);
            let value = value_short(&value);
            match &property.verb {
                Some(verb) => format!("{} {verb} {value}", graph.name(subject)),
                None => format!("{}, {}: {value}", graph.name(subject), property.name),
            }
        }
    }
}

/// The citations of a fact, source by source: `goose L23, L34; notes p. 3`. Empty where no claim states it.
pub fn citations(graph: &Graph, fact: FactId) -> String {
    citations_of(graph, &[fact])
}

/// The citations of several facts, each place once, in natural order.
pub fn citations_of(graph: &Graph, facts: &[FactId]) -> String {
    let mut by_source: Vec<(&str, Vec<String>)> = Vec::new();
    for claim in facts.iter().flat_map(|fact| graph.claims().of(*fact)) {
        let key = graph.claims().source(claim.source).key.as_str();
        let place = match (claim.at, claim.trust) {
            (at, Trust::Doubtful) => format!("{at} doubtful").trim_start().to_string(),
            (at, _) => at.to_string(),
        };
        match by_source.iter_mut().find(|(source, _)| *source == key) {
            Some((_, places)) if places.contains(&place) => {}
            Some((_, places)) => places.push(place),
            None => by_source.push((key, vec![place])),
        }
    }
    let word = |(source, mut places): (&str, Vec<String>)| {
        places.sort_by(|a, b| natural(a, b));
        format!("{source} {}", places.join(", ")).trim_end().to_string()
    };
    by_source.into_iter().map(word).collect::<Vec<_>>().join("; ")
}

/// Whoever owns the lane that an entity stands in, by the schema's plot of its type; in id order.
pub fn owners(graph: &Graph, entity: EntityId) -> Vec<EntityId> {
    let lane = &graph.schema().type_(graph.type_of(entity)).plot.lane;
    let Some(crate::schema::Word::Verb { verb, inverse }) = graph.schema().lookup_word(lane) else { return Vec::new() };
    let owners = graph.relation(verb).adjacency(Direction::inverse_if(inverse), Facts::All).of(entity);
    owners.iter().map(|owner| EntityId(*owner)).collect()
}

/// The property whose numbers stand beside names in a drawing: the first number, as the schema has them, that one of
/// the entities states. It is one for the whole drawing, which tells its name.
pub fn number_property(graph: &Graph, entities: &[EntityId]) -> Option<PropertyId> {
    let mut properties = graph.schema().properties().filter(|(_, property)| property.value == ValueType::Number);
    let is_stated = |id: PropertyId| entities.iter().any(|entity| number(graph, *entity, id).is_some());
    properties.find(|(id, _)| is_stated(*id)).map(|(id, _)| id)
}

/// The settled number of an entity, beside its name in drawings: `671B`.
pub fn number(graph: &Graph, entity: EntityId, property: PropertyId) -> Option<String> {
    let is_own = graph.schema().type_(graph.type_of(entity)).properties.contains(&property);
    let value = graph.value(entity, property);
    (is_own && value.number().is_some()).then(|| value_short(&value))
}

#[cfg(test)]
mod tests {
    use super::{Emphasis, compact, escape, escape_data, fit, json_line, marked, paint, printable, width};

    #[test]
    fn wide_and_combining_characters() {
        assert_eq!(width("数据"), 4);
        assert_eq!(width("e\u{301}"), 1);
        assert_eq!(fit("数据库", 5, false), "数据…");
        assert_eq!(fit("数据库", 4, false), "数…");
        assert_eq!(fit("abc", 3, false), "abc");
        assert_eq!(fit("abcd", 3, true), "ab~");
        assert_eq!(fit("abcd", 0, true), "");
    }

    #[test]
    fn data_cannot_steer() {
        assert_eq!(escape("a\x1b[31m\n"), "a\\u{1b}[31m\\n");
        assert_eq!(escape("数据 👍🏽 é"), "数据 👍🏽 é");
        assert_eq!(escape("\u{85}\u{202e}\u{200b}\u{e0041}"), "\\u{85}\\u{202e}\\u{200b}\\u{e0041}");
        assert_eq!(printable("a\tb\n\r\u{7f}"), "a\tb\n\\r\\u{7f}");
        assert_eq!(escape_data("a\u{200c}b\u{202e}"), "a\u{200c}b\\u{202e}");
        assert_eq!(paint(Emphasis::Verb, "\u{1b}[1m", true), "\u{1b}[36m\\u{1b}[1m\u{1b}[0m");
    }

    #[test]
    fn json_is_the_same_value() {
        let value = serde_json::json!({ "a\u{9b}": "\u{202e}x\u{e0041}\n\u{7f}é" });
        let text = json_line(&value);
        assert_eq!(text, "{\"a\\u009b\":\"\\u202ex\\udb40\\udc41\\n\\u007fé\"}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).expect("JSON"), value);
    }

    #[test]
    fn numbers_as_written() {
        assert_eq!(compact(671e9), "671B");
        assert_eq!(compact(1.5e12), "1.5T");
        assert_eq!(compact(2048.0), "2048");
        assert_eq!(compact(1234567.0), "1234567");
        assert_eq!(compact(7.3e9), "7.3B");
        assert_eq!([marked("2024"), marked("12345"), marked("-1234567.891")], ["2024", "12,345", "-1,234,567.891"]);
        assert_eq!([marked("671B"), marked("unknown"), marked("100000000000")], ["671B", "unknown", "100,000,000,000"]);
    }
}
