//! Converts ids to text: names, values, sentences, citations; and measures the width of text.

use crate::answer::Cell;
use crate::graph::{CitedFact, Direction, EntityId, Fact, FactId, Facts, Graph, Trust};
use crate::schema::PropertyId;
use crate::value::{Number, Value, ValueType, natural};
use anstyle::{AnsiColor, Style};
use std::borrow::Cow;
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// The style of text for where an answer is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextStyle {
    /// Columns of the screen; `None` truncates nothing.
    pub width: Option<usize>,
    pub color: bool,
    /// Whether to draw with ASCII characters only.
    pub ascii: bool,
    /// Whether tables begin with a line of column titles.
    pub header: bool,
    /// Whether to show everything, even if it does not fit.
    pub wide: bool,
    /// Whether a table of single entities shows their dates.
    pub dates: bool,
    /// Whether numbers of five and more digits have thousands separators.
    pub marks: bool,
    /// Whether to prevent CSV cells from beginning like a formula.
    pub guard: bool,
}

impl Default for TextStyle {
    /// Returns the style for pipes and files: no colour, no truncation.
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
    /// Returns the width to draw in: by default 80 columns, at least 20.
    pub fn columns(&self) -> usize {
        self.width.unwrap_or(80).max(20)
    }
}

/// The role of a piece of text, for its colour. Uses only the sixteen colours of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emphasis {
    Plain,
    /// Column titles and headings.
    Head,
    /// Citations, dates beside a tree, remarks.
    Aside,
    /// What is only possible.
    Possible,
    Added,
    Dropped,
    Verb,
}

/// Returns the text in its colour. Escape sequences in the text are made visible.
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

/// Returns the number of columns of a text on a terminal: two for a wide character, none for a combining one.
pub fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// Escapes all characters that a terminal would obey or hide, as in a quoted text: `\n`, `\u{1b}`. So data can neither
/// control a terminal nor look different from what it is.
pub fn escape(text: &str) -> Cow<'_, str> {
    escape_where(text, steers)
}

/// Escapes the same characters except line breaks and tabs, for text that has its layout already.
pub fn printable(text: &str) -> Cow<'_, str> {
    escape_where(text, |c| steers(c) && !matches!(c, '\n' | '\t'))
}

/// Escapes control characters and those that change the direction of text, for TSV and Markdown. Joiners and
/// non-joiners stay: some scripts need them.
pub fn escape_data(text: &str) -> Cow<'_, str> {
    escape_where(text, controls)
}

/// Escapes text for the contents and the quoted attributes of HTML and XML. Characters that [`controls`] tells are shown
/// as escapes, except line breaks and tabs.
pub fn markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Otherwise XML would read a tab in an attribute as a space.
            '\t' => out.push_str("&#9;"),
            '\n' => out.push(c),
            // XML has no way to write these two.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if controls(c) => out.extend(c.escape_default()),
            c => out.push(c),
        }
    }
    out
}

/// Returns a JSON value as text without characters that control a terminal: each is escaped as `\u202e`, which denotes
/// the same value.
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

/// Returns whether a terminal would obey or hide a character: a control character, one that changes the direction of
/// text, or one without width and shape (Unicode's category Cf, except the visible Arabic signs).
pub fn steers(c: char) -> bool {
    match c {
        '\0'..='~' => c.is_ascii_control(),
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' => true,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
        '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}' => true,
        _ => c.is_control(),
    }
}

/// Returns whether data formats escape the character, too: a subset of [`steers`].
pub fn controls(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns the text truncated to `limit` columns, the last of them `…` (`~` in ASCII) if it was truncated.
pub fn fit(text: &str, limit: usize, ascii: bool) -> String {
    if width(text) <= limit {
        return text.to_string();
    }
    // The width is measured for each prefix, so only the first part of a long text is considered.
    let ends = text.char_indices().map(|(i, _)| i).take_while(|i| *i <= limit.saturating_mul(8));
    let end = ends.filter(|i| width(&text[..*i]) < limit).last().unwrap_or(0);
    let mark = if ascii { "~" } else { "…" };
    format!("{}{}", &text[..end], if limit == 0 { "" } else { mark })
}

/// Returns the spaces that pad a text to a width.
pub fn gap(text: &str, target: usize) -> String {
    " ".repeat(target.saturating_sub(width(text)))
}

/// Returns a cell as text; empty for an absent cell.
pub fn cell(graph: &Graph, cell: &Cell) -> String {
    cell_by(graph, cell, &|value| value.to_string())
}

/// Returns a cell as text for people: numbers with suffixes.
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

/// Returns a value as text for people: `671B` for 671000000000.
pub fn value_short(value: &Value) -> String {
    match value {
        Value::Number(number) => compact(*number),
        Value::Many(values) => values.iter().map(value_short).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// Inserts thousands separators from five digits on, so that years have none.
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

/// Returns a number as in a query: with `M`, `B` or `T` if it is then exact with four digits.
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

/// Returns a fact as a sentence: `DeepSeek V3 uses MLA`.
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

/// Returns the citations of a fact, grouped by source: `goose L23, L34; notes p. 3`. Empty if no claim states it.
pub fn citations(graph: &Graph, fact: impl Into<CitedFact>) -> String {
    said(graph, std::iter::once(fact.into()))
}

/// Returns the citations of several facts, each locator once, in natural order.
pub fn citations_of(graph: &Graph, facts: &[CitedFact]) -> String {
    said(graph, facts.iter().copied())
}

fn said(graph: &Graph, facts: impl Iterator<Item = CitedFact>) -> String {
    let mut by_source: Vec<(&str, Vec<String>)> = Vec::new();
    for claim in facts.flat_map(|fact| graph.claims().cited(fact)) {
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

/// Returns the owners of the lane of an entity, by the plot of its type; in id order.
pub fn owners(graph: &Graph, entity: EntityId) -> Vec<EntityId> {
    let lane = &graph.schema().type_(graph.type_of(entity)).plot.lane;
    let Some(crate::schema::Word::Verb { verb, inverse }) = graph.schema().lookup_word(lane) else { return Vec::new() };
    let owners = graph.relation(verb).adjacency(Direction::inverse_if(inverse), Facts::All).of(entity);
    owners.iter().map(|owner| EntityId(*owner)).collect()
}

/// Returns the property whose numbers are shown beside names in a drawing: the first numeric one in the schema that
/// some entity states. A drawing has a single one, which it names.
pub fn number_property(graph: &Graph, entities: &[EntityId]) -> Option<PropertyId> {
    let mut properties = graph.schema().properties().filter(|(_, property)| property.value == ValueType::Number);
    let is_stated = |id: PropertyId| entities.iter().any(|entity| number(graph, *entity, id).is_some());
    properties.find(|(id, _)| is_stated(*id)).map(|(id, _)| id)
}

/// Returns the settled number of an entity, as shown beside its name: `671B`.
pub fn number(graph: &Graph, entity: EntityId, property: PropertyId) -> Option<String> {
    let is_own = graph.schema().type_(graph.type_of(entity)).properties.contains(&property);
    let value = graph.value(entity, property);
    (is_own && value.number().is_some()).then(|| value_short(&value))
}

#[cfg(test)]
mod tests {
    use super::{Emphasis, compact, escape, escape_data, fit, json_line, marked, markup, paint, printable, width};

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
    fn text_cannot_become_markup() {
        assert_eq!(markup("a<b>&\"c\"'"), "a&lt;b&gt;&amp;&quot;c&quot;&#39;");
        assert_eq!(markup("a\tb\n\u{9b}\u{202e}\u{1}c\u{ffff}"), "a&#9;b\n\\u{9b}\\u{202e}\\u{1}c\u{fffd}");
        assert_eq!(markup("a\u{200c}b"), "a\u{200c}b");
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
