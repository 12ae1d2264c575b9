//! Problems of rows, grouped by kind.

use crate::schema::TypeSet;
use crate::text::Severity;
use indexmap::IndexMap;

/// Maximum number of further places kept for a problem. The message lists them in one line.
const MOST_PLACES: usize = 3;

/// A cell that cannot be read, or a row without meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::load::tables) struct Problem {
    pub severity: Severity,
    /// The line or row, from 1.
    pub place: u64,
    /// The column, from 0.
    pub column: usize,
    pub message: String,
    pub help: Vec<String>,
    /// The row as text for the message; may be empty.
    pub row: String,
    /// The unknown word, for suggestions.
    pub unknown: Option<Box<Unknown>>,
}

/// A word that names nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::load::tables) enum Unknown {
    /// No entity of these types has the name.
    Entity(String, TypeSet),
    Source(String),
}

impl Problem {
    /// Returns an error.
    pub fn new(place: u64, column: usize, message: impl Into<String>) -> Problem {
        let (severity, message) = (Severity::Error, message.into());
        Problem { severity, place, column, message, help: Vec::new(), row: String::new(), unknown: None }
    }

    pub fn warning(place: u64, column: usize, message: impl Into<String>) -> Problem {
        Problem { severity: Severity::Warning, ..Problem::new(place, column, message) }
    }
}

/// Problems by severity, column and message; equal ones of several rows are one group.
#[derive(Debug, Default)]
pub(in crate::load::tables) struct Problems {
    groups: IndexMap<(Severity, usize, String), Group>,
    errors: usize,
}

/// A problem with its other places.
#[derive(Debug)]
pub(in crate::load::tables) struct Group {
    pub first: Problem,
    /// Some further places.
    pub more: Vec<u64>,
    /// The total number of places.
    pub count: usize,
}

impl Problems {
    /// Returns the number of distinct errors.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// Adds a problem. A new kind is dropped if there are `most` kinds of its severity already.
    pub fn push(&mut self, most: usize, problem: Problem) {
        self.add(most, Group { first: problem, more: Vec::new(), count: 1 });
    }

    /// Adds the problems of later rows.
    pub fn append(&mut self, most: usize, others: Problems) {
        others.groups.into_values().for_each(|group| self.add(most, group));
    }

    fn add(&mut self, most: usize, group: Group) {
        let is_error = group.first.severity == Severity::Error;
        let key = (group.first.severity, group.first.column, group.first.message.clone());
        if let Some(known) = self.groups.get_mut(&key) {
            known.count += group.count;
            let places = std::iter::once(group.first.place).chain(group.more);
            known.more.extend(places.take(MOST_PLACES.saturating_sub(known.more.len())));
            return;
        }
        let others = self.groups.len() - self.errors;
        if (if is_error { self.errors } else { others }) < most {
            self.errors += usize::from(is_error);
            self.groups.insert(key, group);
        }
    }

    /// Returns the groups, sorted by first place.
    pub fn into_groups(self) -> Vec<Group> {
        let mut groups: Vec<Group> = self.groups.into_values().collect();
        groups.sort_by_key(|group| (group.first.place, group.first.column));
        groups
    }
}
