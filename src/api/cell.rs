//! Cells of rows, and their conversion to Rust types.

use super::{Fact, fact};
use crate::answer::{self, CellRef};
use crate::graph::{EntityId, Graph};
use crate::value::{Date, Truth, Value};
use std::fmt::{self, Debug, Display, Formatter};

/// A cell of a row.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Cell<'a> {
    /// An optional part without a match.
    Absent,
    /// An entity.
    Entity(Entity<'a>),
    /// A value, which may be [`Value::Unknown`].
    Value(&'a Value),
    /// The entities of a path, in order.
    Path(Vec<Entity<'a>>),
    /// The members of a group, in order; `false` marks a member that is only possible.
    List(Vec<(Cell<'a>, bool)>),
}

impl<'a> Cell<'a> {
    pub(super) fn new(graph: &'a Graph, cell: CellRef<'a>) -> Cell<'a> {
        match cell {
            CellRef::Number(answer::Rows::NULL_SLOT) => Cell::Absent,
            CellRef::Number(number) => Cell::Entity(Entity::new(graph, EntityId(number))),
            CellRef::Cell(cell) => Cell::of(graph, cell),
        }
    }

    fn of(graph: &'a Graph, cell: &'a answer::Cell) -> Cell<'a> {
        match cell {
            answer::Cell::Absent => Cell::Absent,
            answer::Cell::Entity(entity) => Cell::Entity(Entity::new(graph, *entity)),
            answer::Cell::Value(value) => Cell::Value(value),
            answer::Cell::Path(path) => Cell::Path(path.iter().map(|entity| Entity::new(graph, *entity)).collect()),
            answer::Cell::List(items) => {
                Cell::List(items.iter().map(|(item, certain)| (Cell::of(graph, item), *certain)).collect())
            }
        }
    }

    /// Returns the kind of cell in words, for error messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Cell::Absent => "nothing",
            Cell::Entity(_) => "an entity",
            Cell::Value(Value::Unknown) => "an unknown value",
            Cell::Value(Value::Number(_) | Value::Integer(_)) => "a number",
            Cell::Value(Value::Range(..)) => "a range of numbers",
            Cell::Value(Value::Date(_)) => "a date",
            Cell::Value(Value::Text(_)) => "a text",
            Cell::Value(Value::Truth(_)) => "a truth value",
            Cell::Value(Value::Many(_)) => "several values",
            Cell::Path(_) => "a path",
            Cell::List(_) => "a list",
        }
    }
}

impl Display for Cell<'_> {
    /// Writes the cell as a table shows it, but unabbreviated; an absent cell is empty.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let joined = |words: Vec<String>, between: &str| words.join(between);
        match self {
            Cell::Absent => Ok(()),
            Cell::Entity(entity) => f.write_str(entity.name()),
            Cell::Value(value) => write!(f, "{value}"),
            Cell::Path(path) => f.write_str(&joined(path.iter().map(|entity| entity.name().into()).collect(), " > ")),
            Cell::List(items) => {
                let item = |(item, certain): &(Cell<'_>, bool)| format!("{item}{}", if *certain { "" } else { "?" });
                f.write_str(&joined(items.iter().map(item).collect(), ", "))
            }
        }
    }
}

/// An entity of a graph. Two are equal if they are the same entity of the same graph in memory.
#[derive(Clone, Copy)]
pub struct Entity<'a> {
    pub(super) graph: &'a Graph,
    pub(super) id: EntityId,
}

impl<'a> Entity<'a> {
    pub(super) fn new(graph: &'a Graph, id: EntityId) -> Entity<'a> {
        Entity { graph, id }
    }

    /// Returns the name under which the entity was declared.
    pub fn name(self) -> &'a str {
        self.graph.name(self.id)
    }

    /// Returns the other names, in the order given.
    pub fn aliases(self) -> impl Iterator<Item = &'a str> {
        self.graph.names().aliases(self.id)
    }

    /// Returns the name of the type that the entity was declared with, not of those that this type extends.
    pub fn type_name(self) -> &'a str {
        &self.graph.schema().type_(self.graph.type_of(self.id)).name
    }

    /// Returns the date, narrowed by lineage; undated if no source states one or if the type has no date.
    pub fn date(self) -> Date {
        self.graph.date_of(self.id)
    }

    /// Returns the value of a property by name; `None` if the entity's type has no such property, [`Value::Unknown`] if
    /// no source states a value.
    pub fn value(self, property: &str) -> Option<Value> {
        let id = self.graph.schema().lookup_property(property)?;
        let properties = &self.graph.schema().type_(self.graph.type_of(self.id)).properties;
        properties.contains(&id).then(|| self.graph.value(self.id, id))
    }

    /// Returns the facts whose subject or object is this entity: verb by verb, then its values. Costs the number of
    /// facts and one search for each verb.
    pub fn facts(self) -> impl Iterator<Item = Fact<'a>> {
        fact::of_entity(self.graph, self.id)
    }
}

impl PartialEq for Entity<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.graph, other.graph) && self.id == other.id
    }
}

impl Eq for Entity<'_> {}

impl Debug for Entity<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "Entity({} {:?})", self.type_name(), self.name())
    }
}

impl Display for Entity<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A type that a cell can be read as.
///
/// An [`Option`] is `None` for an absent cell, an unknown value and an undated date. `&str` and [`String`] read the
/// name of an entity, and a text. [`f64`], [`i64`] and [`u64`] read numbers, integers only if the number is whole and
/// in range. A [`Vec`] reads a path, the members of a list or several values; it drops which members are only possible.
pub trait FromCell<'a>: Sized {
    /// The type's name in error messages: `date`.
    const KIND: &'static str;

    /// Converts a cell; `None` if the cell holds something else.
    fn from_cell(cell: Cell<'a>) -> Option<Self>;
}

impl<'a> FromCell<'a> for Cell<'a> {
    const KIND: &'static str = "cell";

    fn from_cell(cell: Cell<'a>) -> Option<Cell<'a>> {
        Some(cell)
    }
}

impl<'a> FromCell<'a> for Entity<'a> {
    const KIND: &'static str = "entity";

    fn from_cell(cell: Cell<'a>) -> Option<Entity<'a>> {
        if let Cell::Entity(entity) = cell { Some(entity) } else { None }
    }
}

impl<'a> FromCell<'a> for &'a str {
    const KIND: &'static str = "name or text";

    fn from_cell(cell: Cell<'a>) -> Option<&'a str> {
        match cell {
            Cell::Entity(entity) => Some(entity.name()),
            Cell::Value(Value::Text(text)) => Some(text),
            _ => None,
        }
    }
}

impl<'a> FromCell<'a> for String {
    const KIND: &'static str = "name or text";

    fn from_cell(cell: Cell<'a>) -> Option<String> {
        <&str>::from_cell(cell).map(String::from)
    }
}

impl<'a> FromCell<'a> for f64 {
    const KIND: &'static str = "number";

    fn from_cell(cell: Cell<'a>) -> Option<f64> {
        let Cell::Value(value) = cell else { return None };
        value.number().map(|number| number.to_f64())
    }
}

impl<'a> FromCell<'a> for i64 {
    const KIND: &'static str = "whole number of 64 bits";

    fn from_cell(cell: Cell<'a>) -> Option<i64> {
        let Cell::Value(value) = cell else { return None };
        value.number()?.whole()?.try_into().ok()
    }
}

impl<'a> FromCell<'a> for u64 {
    const KIND: &'static str = "whole number that is not negative";

    fn from_cell(cell: Cell<'a>) -> Option<u64> {
        i64::from_cell(cell)?.try_into().ok()
    }
}

impl<'a> FromCell<'a> for Date {
    const KIND: &'static str = "date";

    fn from_cell(cell: Cell<'a>) -> Option<Date> {
        if let Cell::Value(Value::Date(date)) = cell { Some(*date) } else { None }
    }
}

impl<'a> FromCell<'a> for Truth {
    const KIND: &'static str = "truth value";

    fn from_cell(cell: Cell<'a>) -> Option<Truth> {
        if let Cell::Value(Value::Truth(truth)) = cell { Some(*truth) } else { None }
    }
}

impl<'a> FromCell<'a> for Value {
    const KIND: &'static str = "value";

    fn from_cell(cell: Cell<'a>) -> Option<Value> {
        if let Cell::Value(value) = cell { Some(value.clone()) } else { None }
    }
}

impl<'a, T: FromCell<'a>> FromCell<'a> for Option<T> {
    const KIND: &'static str = T::KIND;

    fn from_cell(cell: Cell<'a>) -> Option<Option<T>> {
        match cell {
            Cell::Absent | Cell::Value(Value::Unknown) => Some(None),
            Cell::Value(Value::Date(date)) if date.is_undated() => Some(None),
            cell => T::from_cell(cell).map(Some),
        }
    }
}

impl<'a, T: FromCell<'a>> FromCell<'a> for Vec<T> {
    const KIND: &'static str = "path or list of such";

    fn from_cell(cell: Cell<'a>) -> Option<Vec<T>> {
        match cell {
            Cell::Path(path) => path.into_iter().map(|entity| T::from_cell(Cell::Entity(entity))).collect(),
            Cell::List(items) => items.into_iter().map(|(item, _)| T::from_cell(item)).collect(),
            Cell::Value(Value::Many(values)) => values.iter().map(|value| T::from_cell(Cell::Value(value))).collect(),
            _ => None,
        }
    }
}
