//! Writes Parquet tables: one for the entities of each type, one for the facts of each verb.

use super::{Drawing, Edge, Node};
use crate::limits::{in_budget, is_over_now};
use crate::value::{Date, Number, Value, ValueType};
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;
use std::io::Write;
use std::sync::Arc;

/// The cells of a column; `None` is written as null.
pub(super) enum Cells {
    Ids(Vec<i64>),
    Ints(Vec<i32>),
    Truths(Vec<bool>),
    Numbers(Vec<Option<f64>>),
    Whole(Vec<Option<i64>>),
    /// Days since 1970-01-01.
    Days(Vec<Option<i32>>),
    Texts(Vec<Option<String>>),
}

/// Returns the files by path, with `/` between folders.
///
/// - `entities/TYPE.parquet`: `vid`, the number by which facts name the entity, `name`, a column for each property of
///   the type, and, where it is dated, `earliest` and `latest`, its bounds in days, null where they are open.
/// - `facts/VERB.parquet`: `src`, `dst`, `certain`, `claim`, the citations.
///
/// Numbers are floats; or integers if some exceed the precision of floats; or texts if there are decimals among these,
/// too. All other values are texts, dates as the sources state them. Several values of one property are joined into one
/// text.
pub fn parquet(drawing: &Drawing) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for type_name in distinct(drawing.nodes.iter().map(|node| node.type_name)) {
        let nodes: Vec<&Node> =
            drawing.nodes.iter().take_while(in_budget).filter(|node| node.type_name == type_name).collect();
        files.push((file("entities", type_name), table(entities(drawing, &nodes))?));
    }
    for verb in distinct(drawing.edges.iter().map(|edge| edge.verb)) {
        let edges: Vec<&Edge> = drawing.edges.iter().take_while(in_budget).filter(|edge| edge.verb == verb).collect();
        files.push((file("facts", verb), table(facts(drawing, &edges))?));
    }
    Ok(files)
}

pub(super) fn file(folder: &str, name: &str) -> String {
    // A name with a slash must not lead out of the folder.
    format!("{folder}/{}.parquet", name.replace(['/', '\\'], "_"))
}

/// Returns the distinct words, in order of first occurrence.
fn distinct<'w>(words: impl Iterator<Item = &'w str>) -> Vec<&'w str> {
    words.collect::<indexmap::IndexSet<_>>().into_iter().collect()
}

fn entities(drawing: &Drawing, nodes: &[&Node]) -> Vec<(String, Cells)> {
    let schema = drawing.graph.schema();
    let ids = nodes.iter().map(|node| i64::from(node.entity.0)).collect();
    let names = nodes.iter().map(|node| Some(node.name.to_string())).collect();
    let mut columns = vec![("vid".to_string(), Cells::Ids(ids)), ("name".to_string(), Cells::Texts(names))];
    let Some(type_) = nodes.first().map(|node| drawing.graph.type_of(node.entity)) else { return columns };
    for property in schema.type_(type_).properties.iter().map(|id| schema.property(*id)) {
        let value = |node: &&Node| {
            let found = node.values.iter().find(|(name, _)| *name == property.name);
            found.map(|(_, value)| value.clone())
        };
        let values = nodes.iter().map(value);
        let cells = match property.value {
            ValueType::Number => numbers(values.map(|value| value.as_ref().and_then(Value::number)).collect()),
            _ => Cells::Texts(values.map(|value| value.map(|value| value.to_string())).collect()),
        };
        columns.push((property.name.clone(), cells));
    }
    if drawing.graph.dating(type_).is_some() {
        let bound = |of: fn(Date) -> i32| {
            nodes.iter().map(|node| Some(of(node.date)).filter(|day| ![i32::MIN, i32::MAX].contains(day))).collect()
        };
        columns.push(("earliest".to_string(), Cells::Days(bound(Date::earliest))));
        columns.push(("latest".to_string(), Cells::Days(bound(Date::latest))));
    }
    columns
}

/// Returns the most compact form that keeps all numbers of a column exactly.
fn numbers(cells: Vec<Option<Number>>) -> Cells {
    if !cells.iter().flatten().any(|number| matches!(number, Number::Wide(_))) {
        return Cells::Numbers(cells.into_iter().map(|cell| cell.map(Number::to_f64)).collect());
    }
    let whole = |cell: &Option<Number>| match cell {
        Some(number) => number.whole().and_then(|whole| i64::try_from(whole).ok()).map(Some),
        None => Some(None),
    };
    match cells.iter().map(whole).collect() {
        Some(whole) => Cells::Whole(whole),
        None => Cells::Texts(cells.into_iter().map(|cell| cell.map(|number| number.to_string())).collect()),
    }
}

fn facts(drawing: &Drawing, edges: &[&Edge]) -> Vec<(String, Cells)> {
    let id = |node: usize| i64::from(drawing.nodes[node].entity.0);
    let claim = |edge: &&Edge| Some(edge.citations.clone()).filter(|words| !words.is_empty());
    let columns = [
        ("src", Cells::Ids(edges.iter().map(|edge| id(edge.subject)).collect())),
        ("dst", Cells::Ids(edges.iter().map(|edge| id(edge.object)).collect())),
        ("certain", Cells::Truths(edges.iter().map(|edge| !edge.doubtful).collect())),
        ("claim", Cells::Texts(edges.iter().map(claim).collect())),
    ];
    columns.map(|(name, cells)| (name.to_string(), cells)).into()
}

/// Returns a file with these columns, all of the same length.
fn table(columns: Vec<(String, Cells)>) -> Result<Vec<u8>> {
    write_table(Vec::new(), std::iter::once(columns))
}

/// Writes a file of groups of rows, each with the columns of the first, and returns the output.
pub(super) fn write_table<W: Write + Send>(
    out: W,
    mut groups: impl Iterator<Item = Vec<(String, Cells)>>,
) -> Result<W> {
    let first = groups.next().unwrap_or_default();
    let fields = first.iter().map(|(name, cells)| Ok(Arc::new(cells.field(name)?))).collect::<Result<_>>()?;
    let schema = Type::group_type_builder("table").with_fields(fields).build()?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties))?;
    for columns in std::iter::once(first).chain(groups) {
        let mut group = writer.next_row_group()?;
        for (_, cells) in columns {
            if is_over_now() {
                return Err(ParquetError::General("a limit stopped it".to_string()));
            }
            if let Some(mut column) = group.next_column()? {
                cells.write(&mut column)?;
                column.close()?;
            }
        }
        group.close()?;
    }
    writer.into_inner()
}

impl Cells {
    fn field(&self, name: &str) -> Result<Type> {
        let (physical, logical, repetition) = match self {
            Cells::Ids(_) => (Physical::INT64, None, Repetition::REQUIRED),
            Cells::Ints(_) => (Physical::INT32, None, Repetition::REQUIRED),
            Cells::Truths(_) => (Physical::BOOLEAN, None, Repetition::REQUIRED),
            Cells::Numbers(_) => (Physical::DOUBLE, None, Repetition::OPTIONAL),
            Cells::Whole(_) => (Physical::INT64, None, Repetition::OPTIONAL),
            Cells::Days(_) => (Physical::INT32, Some(LogicalType::Date), Repetition::OPTIONAL),
            Cells::Texts(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String), Repetition::OPTIONAL),
        };
        let field = Type::primitive_type_builder(name, physical).with_repetition(repetition);
        field.with_logical_type(logical).build()
    }

    fn write(self, column: &mut SerializedColumnWriter<'_>) -> Result<usize> {
        match self {
            Cells::Ids(ids) => column.typed::<Int64Type>().write_batch(&ids, None, None),
            Cells::Ints(ints) => column.typed::<Int32Type>().write_batch(&ints, None, None),
            Cells::Truths(truths) => column.typed::<BoolType>().write_batch(&truths, None, None),
            Cells::Numbers(cells) => {
                let (values, levels) = present(cells);
                column.typed::<DoubleType>().write_batch(&values, Some(&levels), None)
            }
            Cells::Whole(cells) => {
                let (values, levels) = present(cells);
                column.typed::<Int64Type>().write_batch(&values, Some(&levels), None)
            }
            Cells::Days(cells) => {
                let (values, levels) = present(cells);
                column.typed::<Int32Type>().write_batch(&values, Some(&levels), None)
            }
            Cells::Texts(cells) => {
                let (values, levels) = present(cells);
                let values: Vec<ByteArray> =
                    values.into_iter().map(|text| ByteArray::from(text.into_bytes())).collect();
                column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None)
            }
        }
    }
}

/// Returns the cells that are not null, and the definition level of each cell: 1, or 0 for null.
fn present<T>(cells: Vec<Option<T>>) -> (Vec<T>, Vec<i16>) {
    let levels = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
    (cells.into_iter().flatten().collect(), levels)
}
