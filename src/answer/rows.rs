//! Rows that stay entity numbers until they are read as cells.

use super::{Cell, Row};
use crate::graph::EntityId;
use std::borrow::Cow;
use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;

/// The rows of a table, in their final order. Dereferences to a `Vec` of [`Row`]. Certain rows that hold only entities
/// are stored as numbers and converted when first dereferenced: most of them are only counted or written out.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    entities: Option<Entities>,
    made: OnceLock<Vec<Row>>,
}

/// Entity numbers, row by row; [`Rows::NULL_SLOT`] for an optional part without a match.
#[derive(Debug, Clone)]
struct Entities {
    width: usize,
    numbers: Vec<u32>,
}

/// A row in its stored form.
#[derive(Debug, Clone, Copy)]
pub enum RowRef<'a> {
    /// The entity numbers of a certain row that holds only entities.
    Entities(&'a [u32]),
    Cells(&'a Row),
}

/// A cell in its stored form.
#[derive(Debug, Clone, Copy)]
pub enum CellRef<'a> {
    /// The number of an entity, or [`Rows::NULL_SLOT`].
    Number(u32),
    Cell(&'a Cell),
}

impl<'a> RowRef<'a> {
    pub fn is_certain(self) -> bool {
        match self {
            RowRef::Entities(_) => true,
            RowRef::Cells(row) => row.certain,
        }
    }

    /// Returns the cell at a position, from 0.
    pub fn cell(self, position: usize) -> Option<CellRef<'a>> {
        match self {
            RowRef::Entities(numbers) => numbers.get(position).map(|number| CellRef::Number(*number)),
            RowRef::Cells(row) => row.cells.get(position).map(CellRef::Cell),
        }
    }

    /// Returns the row with cells of its own.
    pub fn to_row(self) -> Row {
        match self {
            RowRef::Entities(numbers) => row_of(numbers),
            RowRef::Cells(row) => row.clone(),
        }
    }
}

impl Rows {
    /// The number that stands for an absent cell.
    pub const NULL_SLOT: u32 = u32::MAX;

    /// Returns certain rows of `width` entities each, from their numbers in row order. `width` must not be 0.
    pub fn of_entities(width: usize, numbers: Vec<u32>) -> Rows {
        Rows { entities: Some(Entities { width, numbers }), made: OnceLock::new() }
    }

    /// Returns the rows from `offset` on, at most `limit` of them.
    pub fn window(mut self, offset: usize, limit: usize) -> Rows {
        match (self.made.get_mut(), &mut self.entities) {
            (None, Some(Entities { width, numbers })) => {
                let end = offset.saturating_add(limit).saturating_mul(*width).min(numbers.len());
                numbers.truncate(end);
                numbers.drain(..offset.saturating_mul(*width).min(end));
                self
            }
            _ => self.into_iter().skip(offset).take(limit).collect(),
        }
    }

    pub fn len(&self) -> usize {
        match (self.made.get(), &self.entities) {
            (Some(rows), _) => rows.len(),
            (None, Some(entities)) => entities.numbers.len() / entities.width,
            (None, None) => 0,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the entity numbers row by row; `None` unless the rows are stored as numbers.
    pub fn entities(&self) -> Option<impl Iterator<Item = &[u32]>> {
        self.entities.as_ref().map(|entities| entities.numbers.chunks_exact(entities.width))
    }

    /// Returns the row at a position, from 0; `None` past the end. Converts nothing.
    pub fn row(&self, position: usize) -> Option<RowRef<'_>> {
        match (self.made.get(), &self.entities) {
            (Some(rows), _) => rows.get(position).map(RowRef::Cells),
            (None, Some(Entities { width, numbers })) => {
                let start = position.checked_mul(*width)?;
                numbers.get(start..start.checked_add(*width)?).map(RowRef::Entities)
            }
            (None, None) => None,
        }
    }

    /// Iterates over the rows. Rows stored as numbers are converted one by one and not kept.
    pub fn each(&self) -> impl Iterator<Item = Cow<'_, Row>> {
        let made = self.made.get();
        let numbers = if made.is_some() { None } else { self.entities() };
        let fresh = numbers.into_iter().flatten().map(|numbers| Cow::Owned(row_of(numbers)));
        made.into_iter().flatten().map(Cow::Borrowed).chain(fresh)
    }

    /// Returns the number of certain rows.
    pub fn certain(&self) -> usize {
        if self.entities.is_some() { self.len() } else { self.iter().filter(|row| row.certain).count() }
    }

    fn make(&self) -> Vec<Row> {
        self.entities().into_iter().flatten().map(row_of).collect()
    }
}

fn row_of(numbers: &[u32]) -> Row {
    let cell = |number: &u32| match *number {
        Rows::NULL_SLOT => Cell::Absent,
        number => Cell::Entity(EntityId(number)),
    };
    Row { cells: numbers.iter().map(cell).collect(), certain: true }
}

impl Deref for Rows {
    type Target = Vec<Row>;

    fn deref(&self) -> &Vec<Row> {
        self.made.get_or_init(|| self.make())
    }
}

impl DerefMut for Rows {
    fn deref_mut(&mut self) -> &mut Vec<Row> {
        if self.made.get().is_none() {
            self.made = OnceLock::from(self.make());
        }
        self.entities = None;
        self.made.get_mut().expect("the rows have just been made")
    }
}

impl PartialEq for Rows {
    fn eq(&self, other: &Rows) -> bool {
        **self == **other
    }
}

impl From<Vec<Row>> for Rows {
    fn from(rows: Vec<Row>) -> Rows {
        Rows { entities: None, made: OnceLock::from(rows) }
    }
}

impl FromIterator<Row> for Rows {
    fn from_iter<I: IntoIterator<Item = Row>>(rows: I) -> Rows {
        rows.into_iter().collect::<Vec<Row>>().into()
    }
}

impl IntoIterator for Rows {
    type Item = Row;
    type IntoIter = std::vec::IntoIter<Row>;

    fn into_iter(self) -> std::vec::IntoIter<Row> {
        let Rows { made, .. } = &self;
        if made.get().is_none() {
            return self.make().into_iter();
        }
        self.made.into_inner().unwrap_or_default().into_iter()
    }
}

impl<'a> IntoIterator for &'a Rows {
    type Item = &'a Row;
    type IntoIter = std::slice::Iter<'a, Row>;

    fn into_iter(self) -> std::slice::Iter<'a, Row> {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_entities_read_as_cells() {
        let rows = Rows::of_entities(2, vec![1, 2, 3, Rows::NULL_SLOT]);
        assert_eq!(rows.len(), 2);
        assert_eq!(rows.certain(), 2);
        assert_eq!(rows.each().map(|row| row.into_owned()).collect::<Rows>(), rows.clone());
        assert_eq!(rows[1].cells, [Cell::Entity(EntityId(3)), Cell::Absent]);
        assert_eq!(rows, Rows::from(rows.to_vec()));
        let mut cut = rows.clone();
        cut.truncate(1);
        assert!(cut.len() == 1 && cut.entities().is_none());
    }

    #[test]
    fn a_window_of_numbers_is_that_of_rows() {
        let numbers: Vec<u32> = (0..14).collect();
        for (offset, limit) in (0..10).flat_map(|offset| (0..10).map(move |limit| (offset, limit))) {
            let limit = if limit == 9 { usize::MAX } else { limit };
            let rows = Rows::of_entities(2, numbers.clone());
            let expected: Vec<Row> = rows.iter().skip(offset).take(limit).cloned().collect();
            assert_eq!(Rows::of_entities(2, numbers.clone()).window(offset, limit).to_vec(), expected);
            assert_eq!(Rows::from(rows.to_vec()).window(offset, limit).to_vec(), expected);
        }
    }
}
