//! String literals with their places in the file.
//!
//! A [`Word`] keeps the slice of the file that it was read from, which gives its place. So a diagnostic about a
//! character of a sentence can point at that character in the file, even behind escapes.

use crate::text::{Diagnostic, Span, Text};
use ron::value::RawValue;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// A literal of a file: a quoted text or, where [`Scalar`] allows it, a bare number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word<'t> {
    /// The literal as written, quotes included.
    raw: &'t str,
    /// The value, with escapes resolved.
    pub text: Cow<'t, str>,
}

impl<'t> Word<'t> {
    /// Returns a word whose text is a slice of the file: the name of a field.
    pub fn bare(raw: &'t str) -> Word<'t> {
        Word { raw, text: Cow::Borrowed(raw) }
    }

    /// Returns the word of a quoted text as written in a file; `None` for anything else.
    pub fn of(raw: &'t str) -> Option<Word<'t>> {
        let inside = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let text = match inside {
            Some(inside) if !inside.contains('\\') => Cow::Borrowed(inside),
            _ => Cow::Owned(ron::from_str(raw).ok()?),
        };
        Some(Word { raw, text })
    }

    fn read(raw: &'t RawValue) -> Result<Word<'t>, String> {
        let raw = trim(raw);
        if !raw.starts_with(['"', 'r']) {
            return Err(format!("a text in quotes is wanted here, not `{raw}`"));
        }
        let inside = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let text = match inside {
            Some(inside) if !inside.contains('\\') => Cow::Borrowed(inside),
            _ => Cow::Owned(ron::from_str(raw).map_err(|error| super::explain(&error.code).0)?),
        };
        Ok(Word { raw, text })
    }

    /// Returns the span of the whole literal in the file, quotes included.
    pub fn span(&self, file: &Text) -> Span {
        place_of(self.raw, file)
    }

    /// Converts a span of [`Word::text`] to its place in the file; the whole literal if that is impossible.
    pub fn place(&self, span: Span, file: &Text) -> Span {
        let whole = self.span(file);
        let marks = marks(self.raw);
        let at = |offset: u32| {
            let i = marks.partition_point(|(decoded, _)| *decoded <= offset).checked_sub(1)?;
            let (decoded, raw) = marks[i];
            Some((whole.start + raw + (offset - decoded)).min(whole.end))
        };
        match (at(span.start), at(span.end)) {
            (Some(start), Some(end)) if start <= end => Span { start, end },
            _ => whole,
        }
    }

    /// Moves the labels and fixes of a diagnostic about this text to their places in the file.
    pub fn placed(&self, mut diagnostic: Diagnostic, file: &Arc<Text>) -> Diagnostic {
        for label in diagnostic.labels.iter_mut().filter(|label| label.text.is_none()) {
            label.span = self.place(label.span, file);
            label.text = Some(file.clone());
        }
        for fix in diagnostic.help.iter_mut().filter_map(|help| help.fix.as_mut()) {
            fix.span = self.place(fix.span, file);
            // The replacement becomes part of a quoted literal; raw literals have no escapes.
            if self.raw.starts_with('"') {
                fix.replacement = fix.replacement.replace('\\', "\\\\").replace('"', "\\\"");
            }
        }
        diagnostic
    }
}

/// Returns the slice without surrounding white space and comments.
fn trim(raw: &RawValue) -> &str {
    let ron = raw.get_ron();
    if ron.len() > 1 && ron.starts_with('"') && ron.ends_with('"') { ron } else { raw.trim().get_ron() }
}

/// Returns the place of a slice of a file's text; the start of the file for any other slice.
pub(in crate::load) fn place_of(slice: &str, file: &Text) -> Span {
    let start = (slice.as_ptr() as usize).wrapping_sub(file.body.as_ptr() as usize);
    match start.checked_add(slice.len()) {
        Some(end) if end <= file.body.len() => Span::new(start, end),
        _ => Span::default(),
    }
}

/// Returns pairs of offsets, in the text and in its literal, at which both continue in step; sorted ascending.
fn marks(raw: &str) -> Vec<(u32, u32)> {
    let opening = raw.find('"').map_or(0, |quote| quote + 1);
    let mut marks = vec![(0, opening as u32)];
    if !raw.starts_with('"') {
        return marks;
    }
    let (mut decoded, mut i) = (0, opening);
    while let Some(escape) = raw[i..].find('\\') {
        let (written, meant) = escape_lengths(&raw[i + escape..]);
        decoded += escape + meant;
        i += escape + written;
        marks.push((decoded as u32, i as u32));
    }
    marks
}

/// Returns the length in bytes of the escape at the start of `rest`, and of the text that it stands for.
fn escape_lengths(rest: &str) -> (usize, usize) {
    let written = match rest[1..].chars().next() {
        Some('x') => 4,
        Some('u') => rest.find('}').map_or(2, |end| end + 1),
        Some('\n' | '\r') => return (rest.len() - rest[1..].trim_start().len(), 0),
        Some(c) => 1 + c.len_utf8(),
        None => 1,
    };
    let written = written.min(rest.len());
    // Decoded by RON itself, so that both agree on every escape.
    let meant = rest.get(..written).and_then(|escape| ron::from_str::<String>(&format!("\"{escape}\"")).ok());
    (written, meant.map_or(written, |text| text.len()))
}

impl<'de: 't, 't> Deserialize<'de> for Word<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Word<'t>, D::Error> {
        Word::read(<&RawValue>::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// A property's value: a quoted text or a bare number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::load) struct Scalar<'t>(pub Word<'t>);

impl<'de: 't, 't> Deserialize<'de> for Scalar<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Scalar<'t>, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        let bare = trim(raw);
        let number = bare.starts_with(|c: char| c.is_ascii_digit() || c == '-');
        let word = if number { Ok(Word::bare(bare)) } else { Word::read(raw) };
        word.map(Scalar).map_err(D::Error::custom)
    }
}

/// A query of `checks`: `"…"` and `(none: "…")` expect no results, `(some: "…")` expects some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::load) struct CheckPart<'t> {
    pub query: Word<'t>,
    pub wants_some: bool,
}

/// The long form; exactly one of the fields must be given.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted<'t> {
    #[serde(borrow, default)]
    none: Option<Word<'t>>,
    #[serde(borrow, default)]
    some: Option<Word<'t>>,
}

impl<'de: 't, 't> Deserialize<'de> for CheckPart<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<CheckPart<'t>, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        let bare = trim(raw);
        if !bare.starts_with('(') {
            return Word::read(raw).map(|query| CheckPart { query, wants_some: false }).map_err(D::Error::custom);
        }
        let options = ron::Options::default().with_default_extension(ron::extensions::Extensions::IMPLICIT_SOME);
        let wanted: Wanted<'t> =
            options.from_str(bare).map_err(|error| D::Error::custom(super::explain(&error.code).0))?;
        match (wanted.none, wanted.some) {
            (Some(query), None) => Ok(CheckPart { query, wants_some: false }),
            (None, Some(query)) => Ok(CheckPart { query, wants_some: true }),
            _ => Err(D::Error::custom("a check is a query in quotes, `(none: \"…\")`, or `(some: \"…\")`")),
        }
    }
}

/// The entries of a map in the order written; repeated keys are kept.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::load) struct Entries<'t, V>(pub Vec<(Word<'t>, V)>);

impl<V> Default for Entries<'_, V> {
    fn default() -> Self {
        Entries(Vec::new())
    }
}

impl<'de: 't, 't, V: Deserialize<'de>> Deserialize<'de> for Entries<'t, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor(PhantomData))
    }
}

struct EntriesVisitor<'t, V>(PhantomData<(&'t str, V)>);

impl<'de: 't, 't, V: Deserialize<'de>> Visitor<'de> for EntriesVisitor<'t, V> {
    type Value = Entries<'t, V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}

/// The name of a field as written in the file.
pub(in crate::load) struct FieldName<'t>(pub &'t str);

impl<'de: 't, 't> Deserialize<'de> for FieldName<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<FieldName<'t>, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = &'de str;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field's name")
            }

            fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<&'de str, E> {
                Ok(name)
            }
        }
        deserializer.deserialize_identifier(NameVisitor).map(FieldName)
    }
}

#[cfg(test)]
mod tests {
    use super::{Span, Text, Word};

    /// Returns the place in the file of a word of a literal's text.
    fn place(literal: &str, word: &str) -> String {
        let file = Text::new("file", format!("[/* \"a\" */ {literal} /* \"b\" */, // \"c\"\n]"));
        let words: Vec<Word<'_>> = ron::from_str(&file.body).unwrap();
        let start = words[0].text.find(word).unwrap();
        assert_eq!(words[0].span(&file).of(&file.body), literal);
        words[0].place(Span::new(start, start + word.len()), &file).of(&file.body).to_string()
    }

    #[test]
    fn words_are_found_in_their_literals() {
        assert_eq!(place(r#""GPT-2 uses MLA""#, "MLA"), "MLA");
        assert_eq!(place(r#""\"GPT\" uses \u{e9}MLA""#, "MLA"), "MLA");
        assert_eq!(place(r#""\\ \x41\n\té uses MLA""#, "é uses"), "é uses");
        assert_eq!(place(r##"r#"a "b" MLA"#"##, "MLA"), "MLA");
        assert_eq!(place("\"a \\\n    MLA b\"", "MLA"), "MLA");
        assert_eq!(place(r#""a\"b""#, "\""), r#"\""#);
    }
}
