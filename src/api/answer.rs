//! An answer, its table and its rows.

use super::{Cell, FromCell, Proof, RenderOptions, Subgraph};
use crate::answer::{self, View};
use crate::database::{Database, Error, Options, Prepared};
use crate::graph::Graph;
use crate::render::Format;
use crate::text::Diagnostic;
use crate::value::Truth;
use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

/// The answer to one query. It owns a reference to its graph. Cheap to clone.
///
/// ```
/// use begat::{Database, Date};
///
/// let answer = Database::builtin().query("Model m uses MLA show m, m.date")?;
/// for row in &answer {
///     let (model, date): (&str, Option<Date>) = row.try_into()?;
///     assert!(model.starts_with("DeepSeek") && date.is_some());
/// }
/// # Ok::<(), begat::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Answer(pub(super) Arc<Found>);

/// The result, with the statement and the options that gave it.
#[derive(Debug)]
pub(super) struct Found {
    pub prepared: Prepared,
    pub options: Options,
    pub answer: answer::Answer,
    /// Warnings and notes of the query, then those of its answer.
    notes: Vec<Diagnostic>,
}

/// What people look at an answer as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Shape {
    /// Rows and columns.
    Table,
    /// A picture ([`Format::Svg`], [`Format::Html`]), which can be drawn in characters as well.
    Picture,
    /// Characters alone ([`Format::Tree`]).
    Text,
}

impl Answer {
    pub(super) fn new(prepared: Prepared, options: Options, answer: answer::Answer) -> Answer {
        let notes = prepared.query.notes.iter().chain(&answer.notes).cloned().collect();
        Answer(Arc::new(Found { prepared, options, answer, notes }))
    }

    pub(super) fn graph(&self) -> &Graph {
        &self.0.prepared.graph
    }

    pub(super) fn database(&self) -> Database {
        Database::sharing(self.0.prepared.graph.clone())
    }

    /// Returns the table of the answer. Every answer has one; that of a picture holds the data that is drawn.
    pub fn table(&self) -> Table<'_> {
        Table { answer: self }
    }

    /// Returns the rows in their final order. A row is made when it is read.
    pub fn rows(&self) -> Rows<'_> {
        Rows { answer: self, next: 0 }
    }

    /// Returns the number of rows, certain and possible ones.
    pub fn len(&self) -> usize {
        self.0.answer.table.rows.len()
    }

    /// Returns whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the number of certain rows: those that hold whatever the days of uncertain dates are. O(rows) if some
    /// are only possible.
    pub fn certain(&self) -> usize {
        self.0.answer.table.rows.certain()
    }

    /// Returns the number of rows that [`Options::possibly`] would add; 0 if they are already shown.
    pub fn more_possible(&self) -> usize {
        self.0.answer.more_possible
    }

    /// Returns the truth of a question without holes, as `DeepSeek V3 uses MLA`; `None` for other queries.
    pub fn verdict(&self) -> Option<Truth> {
        match self.0.answer.view {
            View::Verdict(truth) => Some(truth),
            _ => None,
        }
    }

    /// Returns what people look at it as. Every answer has a table all the same.
    ///
    /// ```
    /// use begat::{Database, Shape};
    ///
    /// assert_eq!(Database::builtin().query("Model uses MLA")?.shape(), Shape::Table);
    /// assert_eq!(Database::builtin().query("timeline of Model")?.shape(), Shape::Picture);
    /// # Ok::<(), begat::Error>(())
    /// ```
    pub fn shape(&self) -> Shape {
        match &self.0.answer.view {
            View::Rows | View::Conflicts => Shape::Table,
            View::Verdict(_) | View::Describe(_) | View::Schema | View::Plan(_) => Shape::Text,
            View::Timeline(part) | View::Graph(part) if part.entities.is_empty() => Shape::Text,
            _ => Shape::Picture,
        }
    }

    /// Returns warnings and notes: how an ambiguous `and` was read, what a limit cut off.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.0.notes
    }

    /// Returns a minimal proof that a row of this answer holds: no fact of it can be left out. `None` if the query has
    /// no proofs (a view, a plan), or if the row belongs to another answer and is not a row of this one. Runs the query
    /// once more.
    ///
    /// # Errors
    /// The errors of [`Prepared::run`].
    pub fn why(&self, row: &Row<'_>) -> Result<Option<Proof>, Error> {
        let found = self.database().why(&self.0.prepared, &row.to_ids(), &self.0.options)?;
        Ok(found.map(|explained| Proof::of(&explained, self.graph())))
    }

    /// Returns the proofs that a query with `why` asks for; empty for other queries.
    pub fn proofs(&self) -> Vec<Proof> {
        match &self.0.answer.view {
            View::Why(explained) => explained.iter().map(|one| Proof::of(one, self.graph())).collect(),
            _ => Vec::new(),
        }
    }

    /// Returns the facts that took part in the answer, and the entities at their ends. Runs the query once more.
    ///
    /// # Errors
    /// The errors of [`Prepared::run`].
    pub fn subgraph(&self) -> Result<Subgraph, Error> {
        let part = self.database().subgraph(&self.0.prepared, &self.0.options)?;
        Ok(Subgraph::new(self.0.prepared.graph.clone(), part))
    }

    /// Writes the answer in a format: a table, JSON, a picture. Deterministic: equal answers give equal bytes.
    ///
    /// ```
    /// use begat::{Database, Format, RenderOptions};
    ///
    /// let answer = Database::builtin().query("lineage of DeepSeek R1")?;
    /// let svg = answer.render(Format::Svg, &RenderOptions::new())?;
    /// assert!(svg.starts_with("<svg"));
    /// # Ok::<(), begat::Error>(())
    /// ```
    ///
    /// # Errors
    /// The format cannot show such an answer, or a limit of the query's options was reached.
    pub fn render(&self, format: Format, options: &RenderOptions) -> Result<String, Error> {
        super::drawing::answer(self, format, options)
    }
}

impl<'a> IntoIterator for &'a Answer {
    type Item = Row<'a>;
    type IntoIter = Rows<'a>;

    fn into_iter(self) -> Rows<'a> {
        self.rows()
    }
}

impl Display for Answer {
    /// Writes the whole answer as a plain-text table.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Format::Table, &RenderOptions::new()).map_err(|_| fmt::Error)?)
    }
}

/// The columns and rows of an answer.
#[derive(Debug, Clone, Copy)]
pub struct Table<'a> {
    answer: &'a Answer,
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Column<'a> {
    /// The title that the table shows: `Model`, `m.date`. Two columns may have the same title.
    pub title: &'a str,
    /// Whether the column holds numbers.
    pub numeric: bool,
}

impl<'a> Table<'a> {
    /// Returns the columns, from left to right.
    pub fn columns(&self) -> impl ExactSizeIterator<Item = Column<'a>> {
        let heads = self.answer.0.answer.table.columns.iter();
        heads.map(|head| Column { title: &head.title, numeric: head.numeric })
    }

    /// Returns a key for each column, from left to right, as in JSON: its title, with a number where a title comes again or
    /// is reserved (`Model`, `Model 2`).
    pub fn keys(&self) -> Vec<String> {
        crate::render::column_keys(&self.answer.0.answer.table)
    }

    /// Returns the rows in their final order.
    pub fn rows(&self) -> Rows<'a> {
        self.answer.rows()
    }

    /// Returns a row by its position, from 0; `None` past the end.
    pub fn row(&self, position: usize) -> Option<Row<'a>> {
        let data = self.answer.0.answer.table.rows.row(position)?;
        Some(Row { answer: self.answer, data })
    }
}

/// Iterator over the rows of an answer.
#[derive(Debug, Clone)]
pub struct Rows<'a> {
    answer: &'a Answer,
    next: usize,
}

impl<'a> Iterator for Rows<'a> {
    type Item = Row<'a>;

    fn next(&mut self) -> Option<Row<'a>> {
        let row = self.answer.table().row(self.next)?;
        self.next += 1;
        Some(row)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.answer.len() - self.next;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Rows<'_> {}

/// A row of an answer. The row and the names that it gives borrow from the answer.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    pub(super) answer: &'a Answer,
    pub(super) data: answer::RowRef<'a>,
}

impl<'a> Row<'a> {
    /// Returns the number of columns.
    pub fn len(&self) -> usize {
        self.answer.0.answer.table.columns.len()
    }

    /// Returns whether there are no columns: true only for a question without holes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns whether the row is certain: it holds whatever the days of uncertain dates are. Otherwise it is only
    /// possible.
    pub fn is_certain(&self) -> bool {
        self.data.is_certain()
    }

    /// Returns a cell without conversion, by position from 0 or by the title of its column; `None` if there is no such
    /// column. If several columns have this title, the first is read.
    pub fn cell(&self, column: impl ColumnIndex) -> Option<Cell<'a>> {
        let position = column.position(self.answer.table())?;
        Some(Cell::new(self.answer.graph(), self.data.cell(position)?))
    }

    /// Returns a cell converted to a type, by position from 0 or by the title of its column.
    ///
    /// # Errors
    /// There is no such column, or its cell does not convert to `T`. Read a cell that may be absent or unknown as an
    /// [`Option`].
    pub fn get<T: FromCell<'a>>(&self, column: impl ColumnIndex) -> Result<T, Error> {
        let Some(cell) = self.cell(column) else {
            let titles: Vec<_> = self.answer.table().columns().map(|column| format!("`{}`", column.title)).collect();
            let words = format!("no column is {}; the columns are {}", column.words(), titles.join(", "));
            return Err(Error::usage(words));
        };
        let wrong = || Error::usage(format!("{} holds {}, which is no {}", column.words(), cell.kind(), T::KIND));
        T::from_cell(cell.clone()).ok_or_else(wrong)
    }

    /// Returns the cells, from left to right.
    pub fn cells(&self) -> impl Iterator<Item = Cell<'a>> + use<'a> {
        let row = *self;
        (0..self.len()).filter_map(move |position| row.cell(position))
    }

    pub(super) fn to_ids(self) -> answer::Row {
        self.data.to_row()
    }
}

/// Names a column, by its position from 0 or by its title.
pub trait ColumnIndex: Copy + sealed::Sealed {
    /// Returns the position in a table; `None` where the table has no such column.
    #[doc(hidden)]
    fn position(self, table: Table<'_>) -> Option<usize>;

    #[doc(hidden)]
    fn words(self) -> String;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for usize {}
    impl Sealed for &str {}
}

impl ColumnIndex for usize {
    fn position(self, table: Table<'_>) -> Option<usize> {
        (self < table.columns().len()).then_some(self)
    }

    fn words(self) -> String {
        format!("number {self}, counted from 0")
    }
}

impl ColumnIndex for &str {
    fn position(self, table: Table<'_>) -> Option<usize> {
        table.columns().position(|column| column.title == self)
    }

    fn words(self) -> String {
        format!("`{self}`")
    }
}

/// Implements the conversion of rows into tuples; the row must have as many columns as the tuple has members.
macro_rules! tuples {
    ($(($($name:ident),+) $count:literal;)*) => { $(
        impl<'a, $($name: FromCell<'a>),+> TryFrom<Row<'a>> for ($($name,)+) {
            type Error = Error;

            fn try_from(row: Row<'a>) -> Result<($($name,)+), Error> {
                if row.len() != $count {
                    return Err(Error::usage(format!("the row has {} columns, not {}", row.len(), $count)));
                }
                let mut position = 0..;
                Ok(($(row.get::<$name>(position.next().unwrap_or_default())?,)+))
            }
        }
    )* };
}

tuples! {
    (A) 1;
    (A, B) 2;
    (A, B, C) 3;
    (A, B, C, D) 4;
    (A, B, C, D, E) 5;
    (A, B, C, D, E, F) 6;
    (A, B, C, D, E, F, G) 7;
    (A, B, C, D, E, F, G, H) 8;
}
