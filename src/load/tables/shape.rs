//! Prepares batches for the sections: resolves escapes, empties cells that mean nothing, and appends the derived
//! columns.

use super::cells::Cells;
use super::input::{Form, Problem, RawChunk, RecordBatch, Tolerance};
use super::template::Template;
use std::sync::Arc;

/// The transformations of each batch of a file.
pub(super) struct Shape {
    pub form: Arc<Form>,
    pub cells: Arc<Cells>,
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
    use super::unescaped;

    #[test]
    fn escapes_are_resolved() {
        assert_eq!(unescaped(r"a\tb\\n\n\u{202e}é").as_deref(), Some("a\tb\\n\n\u{202e}é"));
        for wrong in [r"C:\x", r"a\", r"\u{", r"\u{110000}", r"\u0041"] {
            assert_eq!(unescaped(wrong), None, "{wrong}");
        }
    }
}
