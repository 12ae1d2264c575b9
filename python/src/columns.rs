//! Answers as columns of Arrow, which other libraries take without a copy.
//!
//! A column has the type of all its cells: texts and entities are texts; numbers are `Int64` where all are whole, else
//! `Float64`; a date is two columns, `.earliest` and `.latest`, without a value where the end is open; a range of numbers is
//! `.low` and `.high`; a list has `.certain` beside it. Cells of several kinds are texts, as a table shows them. The last
//! column is `certainty`.

use crate::cells::{truth_word, whole};
use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, LargeStringBuilder, ListBuilder,
};
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchIterator, RecordBatchOptions};
use arrow_schema::{ArrowError, Field, Schema};
use begat::{Answer, Cell, Value};
use std::sync::Arc;

/// What all cells of a column are, but for those that are absent or unknown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Nothing,
    Text,
    Whole,
    Number,
    Range,
    Date,
    /// A path or several values, and what they hold.
    Many(Item),
    /// A list, in which items may be only possible.
    List(Item),
}

/// What all items of lists are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Item {
    Nothing,
    Text,
    Whole,
    Number,
}

impl Item {
    fn of(cell: &Cell<'_>) -> Item {
        match Kind::of(cell) {
            Kind::Nothing => Item::Nothing,
            Kind::Whole => Item::Whole,
            Kind::Number => Item::Number,
            _ => Item::Text,
        }
    }

    fn and(self, other: Item) -> Item {
        match (self, other) {
            (Item::Nothing, one) | (one, Item::Nothing) => one,
            (one, same) if one == same => one,
            (Item::Whole | Item::Number, Item::Whole | Item::Number) => Item::Number,
            _ => Item::Text,
        }
    }
}

impl Kind {
    fn of(cell: &Cell<'_>) -> Kind {
        match cell {
            Cell::Entity(_) => Kind::Text,
            Cell::Path(_) => Kind::Many(Item::Text),
            Cell::List(items) => {
                Kind::List(items.iter().map(|(item, _)| Item::of(item)).fold(Item::Nothing, Item::and))
            }
            Cell::Value(value) => match value {
                Value::Unknown => Kind::Nothing,
                Value::Number(number) if whole(*number).is_some() => Kind::Whole,
                Value::Number(_) => Kind::Number,
                Value::Integer(_) => Kind::Whole,
                Value::Range(..) => Kind::Range,
                Value::Date(_) => Kind::Date,
                Value::Many(each) => {
                    Kind::Many(each.iter().map(|one| Item::of(&Cell::Value(one))).fold(Item::Nothing, Item::and))
                }
                _ => Kind::Text,
            },
            _ => Kind::Nothing,
        }
    }

    fn and(self, other: Kind) -> Kind {
        match (self, other) {
            (Kind::Nothing, one) | (one, Kind::Nothing) => one,
            (one, same) if one == same => one,
            (Kind::Whole | Kind::Number, Kind::Whole | Kind::Number) => Kind::Number,
            (Kind::Whole | Kind::Number | Kind::Range, Kind::Whole | Kind::Number | Kind::Range) => Kind::Range,
            (Kind::Many(one), Kind::Many(other)) => Kind::Many(one.and(other)),
            (Kind::List(one), Kind::List(other)) => Kind::List(one.and(other)),
            _ => Kind::Text,
        }
    }
}

/// Returns the answer as one batch. Costs two passes over its cells.
///
/// # Errors
/// The columns do not fit together, which would be a bug.
pub fn batch(answer: &Answer) -> Result<RecordBatch, ArrowError> {
    let (mut fields, mut arrays) = (Vec::new(), Vec::new());
    let mut add = |name: String, array: ArrayRef| {
        fields.push(Field::new(name, array.data_type().clone(), true));
        arrays.push(array);
    };
    for (position, name) in answer.table().keys().into_iter().enumerate() {
        for (ending, array) in column(answer, position) {
            add(format!("{name}{ending}"), array);
        }
    }
    let mut certainty = LargeStringBuilder::new();
    for row in answer.rows() {
        certainty.append_value(if row.is_certain() { "certain" } else { "possible" });
    }
    add("certainty".to_string(), Arc::new(certainty.finish()));
    let options = RecordBatchOptions::new().with_row_count(Some(answer.len()));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)
}

/// Returns a batch as a stream of Arrow's C interface, which owns it.
pub fn stream(batch: RecordBatch) -> FFI_ArrowArrayStream {
    let schema = batch.schema();
    FFI_ArrowArrayStream::new(Box::new(RecordBatchIterator::new([Ok(batch)], schema)))
}

/// The arrays of a column, each with the ending of its name.
fn column(answer: &Answer, position: usize) -> Vec<(&'static str, ArrayRef)> {
    let cells = || answer.rows().map(|row| row.cell(position).unwrap_or(Cell::Absent));
    let kind = cells().map(|cell| Kind::of(&cell)).fold(Kind::Nothing, Kind::and);
    // Floats do not hold the greatest whole numbers: beside fractions these are texts.
    let is_kept = |cell: Cell<'_>| !matches!(cell, Cell::Value(Value::Integer(_)));
    let kind = if matches!(kind, Kind::Number | Kind::Range) && !cells().all(is_kept) { Kind::Text } else { kind };
    match kind {
        Kind::Nothing | Kind::Text => vec![("", texts(cells()))],
        Kind::Whole => vec![("", wholes(cells()))],
        Kind::Number => vec![("", numbers(cells().map(|cell| bounds(&cell).map(|(low, _)| low))))],
        Kind::Range => vec![
            (".low", numbers(cells().map(|cell| bounds(&cell).map(|(low, _)| low)))),
            (".high", numbers(cells().map(|cell| bounds(&cell).map(|(_, high)| high)))),
        ],
        Kind::Date => vec![
            (".earliest", days(cells().map(|cell| date(&cell)?.earliest_date().map(begat::Date::earliest)))),
            (".latest", days(cells().map(|cell| date(&cell)?.latest_date().map(begat::Date::latest)))),
        ],
        Kind::Many(item) => vec![("", lists(cells(), item))],
        Kind::List(item) => vec![("", lists(cells(), item)), (".certain", certainties(cells()))],
    }
}

fn is_nothing(cell: &Cell<'_>) -> bool {
    matches!(cell, Cell::Absent | Cell::Value(Value::Unknown))
}

fn words(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Value(Value::Truth(truth)) => truth_word(*truth).to_string(),
        other => other.to_string(),
    }
}

fn whole_of(cell: &Cell<'_>) -> Option<i64> {
    match cell {
        Cell::Value(Value::Integer(number)) => Some(*number),
        Cell::Value(Value::Number(number)) => whole(*number),
        _ => None,
    }
}

fn bounds(cell: &Cell<'_>) -> Option<(f64, f64)> {
    match cell {
        Cell::Value(Value::Number(number)) => Some((*number, *number)),
        Cell::Value(Value::Range(low, high)) => Some((*low, *high)),
        _ => None,
    }
}

fn date(cell: &Cell<'_>) -> Option<begat::Date> {
    if let Cell::Value(Value::Date(date)) = cell { Some(*date) } else { None }
}

fn texts<'a>(cells: impl Iterator<Item = Cell<'a>>) -> ArrayRef {
    let mut builder = LargeStringBuilder::new();
    for cell in cells {
        match &cell {
            cell if is_nothing(cell) => builder.append_null(),
            Cell::Entity(entity) => builder.append_value(entity.name()),
            Cell::Value(Value::Text(text)) => builder.append_value(text),
            other => builder.append_value(words(other)),
        }
    }
    Arc::new(builder.finish())
}

fn wholes<'a>(cells: impl Iterator<Item = Cell<'a>>) -> ArrayRef {
    let mut builder = Int64Builder::new();
    cells.for_each(|cell| builder.append_option(whole_of(&cell)));
    Arc::new(builder.finish())
}

fn numbers(each: impl Iterator<Item = Option<f64>>) -> ArrayRef {
    let mut builder = Float64Builder::new();
    each.for_each(|number| builder.append_option(number));
    Arc::new(builder.finish())
}

/// begat counts days from 1970-01-01, as Arrow does.
fn days(each: impl Iterator<Item = Option<i32>>) -> ArrayRef {
    let mut builder = Date32Builder::new();
    each.for_each(|day| builder.append_option(day));
    Arc::new(builder.finish())
}

/// The items of a path, a list or several values; those of one value are that value.
fn items<'a>(cell: &Cell<'a>) -> Vec<(Cell<'a>, bool)> {
    match cell {
        Cell::Path(path) => path.iter().map(|entity| (Cell::Entity(*entity), true)).collect(),
        Cell::List(items) => items.clone(),
        Cell::Value(Value::Many(each)) => each.iter().map(|value| (Cell::Value(value), true)).collect(),
        other => vec![(other.clone(), true)],
    }
}

fn lists<'a>(cells: impl Iterator<Item = Cell<'a>>, item: Item) -> ArrayRef {
    match item {
        Item::Nothing | Item::Text => listed(cells, LargeStringBuilder::new(), |builder, cell| {
            builder.append_option((!is_nothing(cell)).then(|| words(cell)));
        }),
        Item::Whole => listed(cells, Int64Builder::new(), |builder, cell| builder.append_option(whole_of(cell))),
        Item::Number => listed(cells, Float64Builder::new(), |builder, cell| {
            let own = bounds(cell).map(|(low, _)| low).or(whole_of(cell).map(|whole| whole as f64));
            builder.append_option(own);
        }),
    }
}

fn listed<'a, B: ArrayBuilder>(
    cells: impl Iterator<Item = Cell<'a>>,
    builder: B,
    append: impl Fn(&mut B, &Cell<'a>),
) -> ArrayRef {
    let mut builder = ListBuilder::new(builder);
    for cell in cells {
        if is_nothing(&cell) {
            builder.append_null();
            continue;
        }
        items(&cell).iter().for_each(|(item, _)| append(builder.values(), item));
        builder.append(true);
    }
    Arc::new(builder.finish())
}

fn certainties<'a>(cells: impl Iterator<Item = Cell<'a>>) -> ArrayRef {
    let mut builder = ListBuilder::new(BooleanBuilder::new());
    for cell in cells {
        if is_nothing(&cell) {
            builder.append_null();
            continue;
        }
        items(&cell).iter().for_each(|(_, certain)| builder.values().append_value(*certain));
        builder.append(true);
    }
    Arc::new(builder.finish())
}
