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
    /// The first of these that is not empty.
    Either(Vec<Piece>),
    /// The line or number of the row.
    Place,
}

/// Whether `#`, or `##` where a column is called so, stands in braces: the line of a row, or its number where a file has no
/// lines.
fn is_place(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte == b'#')
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
            let closing: Vec<usize> = after.match_indices('}').map(|(at, _)| at).collect();
            let Some(first) = closing.first() else {
                let problem = error(file.text, word, Code::Ron, "a brace is opened and not closed");
                return Err(problem.help("a column stands in braces: `{file}:{line}`"));
            };
            // The name of a column may have braces of its own: `{mass {kg}}`.
            let found = closing.iter().find_map(|end| Some((Piece::find(header, &after[..*end])?, *end)));
            let Some((piece, end)) = found else { return Err(unknown(file, word, header, &after[..*first])) };
            pieces.extend((!words.is_empty()).then(|| Piece::Words(words.to_string())));
            pieces.push(piece);
            rest = &after[end + 1..];
        }
        pieces.extend((!rest.is_empty()).then(|| Piece::Words(rest.to_string())));
        Ok(Template(pieces))
    }

    /// Returns whether the template is the same for every row.
    pub fn is_fixed(&self) -> bool {
        self.0.iter().all(|piece| matches!(piece, Piece::Words(_)))
    }

    /// Returns the first column of the template.
    pub fn column(&self) -> Option<usize> {
        self.0.iter().find_map(Piece::column)
    }

    /// Appends the text for a row.
    pub fn fill(&self, row: Row<'_>, text: &mut String) {
        self.0.iter().for_each(|piece| piece.fill(row, text));
    }
}

impl Piece {
    /// Returns what stands in braces: a column, several of which the first that is not empty counts, or `#`. `None` if a
    /// column is not in the header.
    fn find(header: &mut Header, name: &str) -> Option<Piece> {
        if let Some(column) = header.lookup(name) {
            return Some(Piece::Column(column));
        }
        if is_place(name) {
            return Some(Piece::Place);
        }
        // The name of a column may have such a mark, too.
        name.match_indices('|').find_map(|(at, _)| {
            let first = Piece::find(header, name[..at].trim())?;
            Some(Piece::Either(vec![first, Piece::find(header, name[at + 1..].trim())?]))
        })
    }

    /// Returns the first column of which it is made.
    fn column(&self) -> Option<usize> {
        match self {
            Piece::Words(_) | Piece::Place => None,
            Piece::Column(column) => Some(*column),
            Piece::Either(pieces) => pieces.iter().find_map(Piece::column),
        }
    }

    /// Returns whether it says nothing of a row.
    fn is_empty(&self, row: Row<'_>) -> bool {
        match self {
            Piece::Words(_) | Piece::Place => false,
            Piece::Column(column) => row.get(*column).trim().is_empty(),
            Piece::Either(pieces) => pieces.iter().all(|piece| piece.is_empty(row)),
        }
    }

    fn fill(&self, row: Row<'_>, text: &mut String) {
        match self {
            Piece::Words(words) => text.push_str(words),
            Piece::Column(column) if row.get(*column).contains(LIST) => {
                text.push_str(&row.get(*column).replace(LIST, ", "))
            }
            Piece::Column(column) => text.push_str(row.get(*column)),
            Piece::Either(pieces) => {
                pieces.iter().find(|piece| !piece.is_empty(row)).into_iter().for_each(|piece| piece.fill(row, text))
            }
            Piece::Place => text.push_str(&row.place().to_string()),
        }
    }
}

/// Returns the error of a column that is not in the header: the first of several.
fn unknown(file: &Source<'_>, word: &Word<'_>, header: &Header, name: &str) -> Diagnostic {
    let is_known = |name: &&str| is_place(name) || header.names.iter().any(|column| column == name);
    let name = name.split('|').map(str::trim).find(|name| !is_known(name)).unwrap_or(name);
    let problem = error(file.text, word, Code::Undeclared, format!("no column is called `{name}`"));
    let near = suggest::nearest(name, header.names.iter().map(String::as_str));
    let near = near.first().map(|near| format!("did you mean `{{{near}}}`?"));
    let problem = near.into_iter().fold(problem, Diagnostic::help);
    problem.help(format!("the columns are {}", header.list()))
}
