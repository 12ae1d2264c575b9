//! What is wrong with rows, each kind of it once.

use crate::schema::TypeSet;
use crate::text::Severity;
use indexmap::IndexMap;

/// How many further places of one problem are kept.
const MOST_PLACES: usize = 3;

/// A cell that cannot be read, or a row that says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::load::tables) struct Problem {
    pub severity: Severity,
    /// The line, or the number of the row, from 1.
    pub place: u64,
    /// From 0.
    pub column: usize,
    pub message: String,
    pub help: Vec<String>,
    /// The row, for people; it may be empty.
    pub row: String,
    /// The word that nothing is called by, for suggestions.
    pub unknown: Option<Box<Unknown>>,
}

/// A word that names nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::load::tables) enum Unknown {
    /// No entity of these types.
    Entity(String, TypeSet),
    Source(String),
}

impl Problem {
    /// An error.
    pub fn new(place: u64, column: usize, message: impl Into<String>) -> Problem {
        let (severity, message) = (Severity::Error, message.into());
        Problem { severity, place, column, message, help: Vec::new(), row: String::new(), unknown: None }
    }

    pub fn warning(place: u64, column: usize, message: impl Into<String>) -> Problem {
        Problem { severity: Severity::Warning, ..Problem::new(place, column, message) }
    }
}

/// Problems by their column and message: one that many rows have is one.
#[derive(Debug, Default)]
pub(in crate::load::tables) struct Problems {
    groups: IndexMap<(Severity, usize, String), Group>,
    errors: usize,
}

/// A problem, and where else it is.
#[derive(Debug)]
pub(in crate::load::tables) struct Group {
    pub first: Problem,
    /// The first further places.
    pub more: Vec<u64>,
    /// How many places there are in all.
    pub count: usize,
}

impl Problems {
    /// How many different errors there are.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// Adds a problem; one that is not the same as another is dropped where there are more than `most` of its severity.
    pub fn push(&mut self, most: usize, problem: Problem) {
        self.add(most, Group { first: problem, more: Vec::new(), count: 1 });
    }

    /// Adds those of rows further down.
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

    /// In the order of their places.
    pub fn into_groups(self) -> Vec<Group> {
        let mut groups: Vec<Group> = self.groups.into_values().collect();
        groups.sort_by_key(|group| (group.first.place, group.first.column));
        groups
    }
}
