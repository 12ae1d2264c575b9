//! Prepares batches for the sections: resolves escapes, empties cells that mean nothing, reads lists in brackets, and
//! appends the derived columns.

use super::cells::CellNotations;
use super::input::{LIST, Problem, RawChunk, RecordBatch, TableSyntax, Tolerance};
use super::template::Template;
use std::sync::Arc;

/// The separator of the items of a list, which an item must not contain.
const LIST_SIGN: char = '\u{1f}';

/// The transformations of each batch of a file.
pub(super) struct Shape {
    pub form: Arc<TableSyntax>,
    pub cells: Arc<CellNotations>,
    /// The number of columns in the file.
    pub width: usize,
    pub derived: Vec<Template>,
}

impl Shape {
    /// Returns the rows of a chunk, each with one cell for each column and each derived column.
    pub fn page(&self, part: RawChunk) -> RecordBatch {
        let mut page = part.into_page(self.width, &self.form);
        if self.form.escape {
            page.change_cells(|page, place, column, text| {
                if !text.contains('\\') {
                    return None;
                }
                let plain = unescaped(text);
                if plain.is_none() {
                    let message = format!("`{text}` has a backslash that begins no escape");
                    page.push(Problem::new(place, column, message));
                }
                plain
            });
        }
        if !self.cells.null.is_empty() {
            let (mut count, mut first) = (0, 0);
            page.change_cells(|_, place, column, text| {
                if !self.cells.is_null(column, text) {
                    return None;
                }
                count += 1;
                first = if first == 0 { place } else { first };
                Some(String::new())
            });
            if count > 0 {
                page.tally.add_all(Tolerance::Null, count, first);
            }
        }
        if !self.cells.lists.is_empty() {
            page.change_cells(|page, place, column, text| {
                let is_list = self.cells.lists.contains(&column) && text.trim().starts_with(['[', '{']);
                let items = is_list.then(|| bracketed(text.trim()))?;
                if items.is_none() {
                    page.push(Problem::new(place, column, format!("`{text}` is no list in brackets")));
                }
                Some(items?.join(LIST))
            });
        }
        if !self.derived.is_empty() {
            page.add_columns(self.derived.len(), |row, column, text| {
                let start = text.len();
                self.derived[column].fill(row, text);
                // Removes the white space around an empty piece.
                let tidy = text[start..].split_whitespace().collect::<Vec<_>>().join(" ");
                text.truncate(start);
                text.push_str(&tidy);
            });
        }
        page
    }
}

/// Returns the items of a list as JSON, Python or PostgreSQL writes it: `["a", "b"]`, `['a', 'b']`, `{a,b}`. Empty items,
/// `null` and `None` are left out. `None` if the text is no such list.
pub fn bracketed(text: &str) -> Option<Vec<String>> {
    let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let inner = inner.or_else(|| text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')))?;
    let (mut items, mut rest) = (Vec::new(), inner.trim());
    while !rest.is_empty() {
        let (item, after) = match rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            Some(quote) => quoted_item(&rest[1..], quote)?,
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                let plain = rest[..end].trim();
                if plain.contains(['[', ']', '{', '}', '"']) {
                    return None;
                }
                let is_nothing = ["", "null", "None", "NULL"].contains(&plain);
                (if is_nothing { String::new() } else { plain.to_string() }, &rest[end..])
            }
        };
        items.extend(Some(item).filter(|item| !item.trim().is_empty()));
        rest = match after.trim_start() {
            "" => "",
            after => after.strip_prefix(',')?.trim_start(),
        };
    }
    Some(items)
}

/// Returns the text up to a closing quote, without escapes, and what follows.
fn quoted_item(text: &str, quote: char) -> Option<(String, &str)> {
    let (mut item, mut chars) = (String::new(), text.char_indices());
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Some((item, &text[at + c.len_utf8()..])),
            '\\' => match chars.next()?.1 {
                'n' => item.push('\n'),
                't' => item.push('\t'),
                'u' => {
                    let (code, length) = utf16(text.get(at..)?)?;
                    item.push(code);
                    // The first of the digits is next.
                    (0..length - 2).for_each(|_| _ = chars.next());
                }
                other => item.push(other),
            },
            LIST_SIGN => return None,
            other => item.push(other),
        }
    }
    None
}

/// Returns the character of `\u00e9` or of a pair of surrogates, and the length of the escape.
fn utf16(text: &str) -> Option<(char, usize)> {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let first = unit(0)?;
    if let Some(c) = char::from_u32(first.into()) {
        return Some((c, 6));
    }
    char::decode_utf16([first, unit(6)?]).next()?.ok().map(|c| (c, 12))
}

/// Resolves the escapes of begat's TSV; `None` if a backslash begins no escape.
fn unescaped(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        let first = after.chars().next()?;
        rest = &after[first.len_utf8()..];
        plain.push(match first {
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            '\\' => '\\',
            'u' => {
                let (digits, behind) = rest.strip_prefix('{')?.split_once('}')?;
                rest = behind;
                char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
            }
            _ => return None,
        });
    }
    plain.push_str(rest);
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::{bracketed, unescaped};

    #[test]
    fn escapes_are_resolved() {
        assert_eq!(unescaped(r"a\tb\\n\n\u{202e}é").as_deref(), Some("a\tb\\n\n\u{202e}é"));
        for wrong in [r"C:\x", r"a\", r"\u{", r"\u{110000}", r"\u0041"] {
            assert_eq!(unescaped(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn lists_in_brackets_are_read() {
        let read = |text: &str| bracketed(text).map(|items| items.join("|"));
        let cases = [
            (r#"["a", "b, c"]"#, Some("a|b, c")),
            ("['it\\'s', \"it's\"]", Some("it's|it's")),
            ("[1, 2.5, null, None]", Some("1|2.5")),
            ("{a,\"b c\",NULL}", Some("a|b c")),
            (r#"["\u00e9\ud83d\ude00x"]"#, Some("é😀x")),
            ("[]", Some("")),
            ("[ ]", Some("")),
            ("['a' 'b']", None),
            ("['a", None),
            ("[[1], [2]]", None),
            ("{'a': 1}", None),
            ("a, b", None),
        ];
        for (text, items) in cases {
            assert_eq!(read(text).as_deref(), items, "{text}");
        }
    }
}
