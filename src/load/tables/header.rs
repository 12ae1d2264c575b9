//! The columns of a table, by name.

use super::Section;
use crate::load::file::Word;
use crate::load::{Reading, error, undeclared};
use crate::text::{Code, Diagnostic};

/// The names of a table's columns, and which of them the sections speak of.
pub(super) struct Header {
    pub names: Vec<String>,
    pub used: Vec<bool>,
}

impl Header {
    pub fn new(names: Vec<String>) -> Header {
        Header { used: vec![false; names.len()], names }
    }

    /// Names that several columns have, each with its second column; an empty name is none.
    pub fn doubles(&self) -> Vec<(usize, &str)> {
        let names = self.names.iter().enumerate().filter(|(_, name)| !name.trim().is_empty());
        let second =
            |(i, name): &(usize, &String)| self.names[..*i].iter().filter(|before| before == name).count() == 1;
        names.filter(second).map(|(i, name)| (i, name.as_str())).collect()
    }

    /// The column of exactly that name, which is used from now on.
    pub fn lookup(&mut self, name: &str) -> Option<usize> {
        let found = self.names.iter().position(|column| column == name)?;
        self.used[found] = true;
        Some(found)
    }

    /// The column that a field of the section names; a diagnostic where there is none, or where the field is missing.
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

    /// All names, for people.
    pub fn list(&self) -> String {
        self.names.iter().map(|column| format!("`{column}`")).collect::<Vec<_>>().join(", ")
    }
}
