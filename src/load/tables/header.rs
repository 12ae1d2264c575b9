//! The columns of a table.

use super::Section;
use super::cells::CellNotations;
use super::template::Template;
use crate::load::file::Word;
use crate::load::{Reading, error, undeclared};
use crate::text::{Code, Diagnostic};
use std::sync::Arc;

/// The names of a table's columns, and which of them are used.
pub(super) struct Header {
    pub names: Vec<String>,
    pub used: Vec<bool>,
    /// Columns computed from templates; numbered after the columns of the file.
    pub derived: Vec<Template>,
    pub cells: Arc<CellNotations>,
    /// Whether cells hold lists, separated by [`LIST`](super::input::LIST).
    pub has_lists: bool,
}

impl Header {
    pub fn new(names: Vec<String>) -> Header {
        let (used, derived) = (vec![false; names.len()], Vec::new());
        Header { used, names, derived, cells: Arc::default(), has_lists: false }
    }

    /// Returns a column of names: one of the file, or a derived one if the word has braces.
    pub fn name(
        &mut self,
        reading: &mut Reading<'_>,
        section: Section<'_>,
        (field, word): (&str, Option<&Word<'_>>),
    ) -> Option<usize> {
        // The name of a column may have braces itself.
        let Some(template) =
            word.filter(|word| word.text.contains('{') && !self.names.contains(&word.text.to_string()))
        else {
            return self.column(reading, section, (field, word));
        };
        match Template::read(section.part, Some(template), self) {
            Ok(template) => {
                self.derived.push(template);
                Some(self.names.len() + self.derived.len() - 1)
            }
            Err(problem) => {
                reading.problems.push(problem);
                None
            }
        }
    }

    /// Returns the column of the file to show for a column: itself, or the first that a derived column uses.
    pub fn in_file(&self, column: usize) -> usize {
        let derived = column.checked_sub(self.names.len()).and_then(|i| self.derived.get(i));
        derived.map_or(column, |template| template.column().unwrap_or(0))
    }

    /// Returns the names that occur twice, each with its second column. Empty names do not count.
    pub fn doubles(&self) -> Vec<(usize, &str)> {
        let names = self.names.iter().enumerate().filter(|(_, name)| !name.trim().is_empty());
        let second =
            |(i, name): &(usize, &String)| self.names[..*i].iter().filter(|before| before == name).count() == 1;
        names.filter(second).map(|(i, name)| (i, name.as_str())).collect()
    }

    /// Returns the column with exactly this name, and marks it as used.
    pub fn lookup(&mut self, name: &str) -> Option<usize> {
        let found = self.names.iter().position(|column| column == name)?;
        self.used[found] = true;
        Some(found)
    }

    /// Returns the column that a field of the section names; if the field or the column is missing, adds a diagnostic.
    pub fn column(
        &mut self,
        reading: &mut Reading<'_>,
        section: Section<'_>,
        (field, word): (&str, Option<&Word<'_>>),
    ) -> Option<usize> {
        let Some(word) = word else {
            let message = format!("the field `{field}` is missing: it names a column");
            reading.problems.push(error(section.part.text, &section.table.file, Code::Ron, message));
            return None;
        };
        let found = self.lookup(&word.text);
        if found.is_none() {
            let problem = undeclared(section.part.text, word, "column", self.names.iter().map(String::as_str));
            let begins = format!("{}.", word.text);
            let inner = self.names.iter().find(|column| column.starts_with(&begins));
            let help = inner.map(|inner| format!("`{}` holds other columns: name one, as `{inner}`", word.text));
            let problem = help.into_iter().fold(problem, Diagnostic::help);
            reading.problems.push(problem.help(format!("the columns are {}", self.list())));
        }
        found
    }

    /// Returns all names for a message.
    pub fn list(&self) -> String {
        self.names.iter().map(|column| format!("`{column}`")).collect::<Vec<_>>().join(", ")
    }
}
