//! Templates of columns and text: `{file}:{line}`.

use super::header::Header;
use super::input::{LIST, Row};
use crate::load::file::Word;
use crate::load::{Source, error};
use crate::text::{Code, Diagnostic, suggest};

/// A text of a section with columns in braces.
#[derive(Debug, Default)]
pub(super) struct Template(Vec<Piece>);

#[derive(Debug)]
enum Piece {
    Words(String),
    Column(usize),
}

impl Template {
    /// Parses the template of a word; an empty one if there is no word.
    ///
    /// # Errors
    /// A column that is not in the header, or a brace that is not closed.
    pub fn read(file: &Source<'_>, word: Option<&Word<'_>>, header: &mut Header) -> Result<Template, Diagnostic> {
        let Some(word) = word else { return Ok(Template::default()) };
        let mut pieces = Vec::new();
        let mut rest = &*word.text;
        while let Some((words, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else {
                let problem = error(file.text, word, Code::Ron, "a brace is opened and not closed");
                return Err(problem.help("a column stands in braces: `{file}:{line}`"));
            };
            let Some(column) = header.lookup(name) else {
                let problem = error(file.text, word, Code::Undeclared, format!("no column is called `{name}`"));
                let near = suggest::nearest(name, header.names.iter().map(String::as_str));
                let near = near.first().map(|near| format!("did you mean `{{{near}}}`?"));
                let problem = near.into_iter().fold(problem, Diagnostic::help);
                return Err(problem.help(format!("the columns are {}", header.list())));
            };
            pieces.extend((!words.is_empty()).then(|| Piece::Words(words.to_string())));
            pieces.push(Piece::Column(column));
            rest = after;
        }
        pieces.extend((!rest.is_empty()).then(|| Piece::Words(rest.to_string())));
        Ok(Template(pieces))
    }

    /// Returns whether the template has no columns, so that it is the same for every row.
    pub fn is_fixed(&self) -> bool {
        self.column().is_none()
    }

    /// Returns the first column of the template.
    pub fn column(&self) -> Option<usize> {
        self.0.iter().find_map(|piece| match piece {
            Piece::Words(_) => None,
            Piece::Column(column) => Some(*column),
        })
    }

    /// Appends the text for a row.
    pub fn fill(&self, row: Row<'_>, text: &mut String) {
        for piece in &self.0 {
            match piece {
                Piece::Words(words) => text.push_str(words),
                Piece::Column(column) if row.get(*column).contains(LIST) => {
                    text.push_str(&row.get(*column).replace(LIST, ", "))
                }
                Piece::Column(column) => text.push_str(row.get(*column)),
            }
        }
    }
}
