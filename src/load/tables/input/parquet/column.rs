//! Converts the values of a column to text.

use super::super::LIST;
use super::{Problem, RecordBatch, damaged, pages, reason};
use crate::date::{civil_of, format_day};
use parquet::basic::{ConvertedType, LogicalType, TimeUnit};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use parquet::data_type::{ByteArray, DataType};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::schema::types::ColumnDescriptor;
use std::fmt::Write;
use std::io;

/// A column of the current row group.
pub(super) struct Column {
    values: ColumnReader,
    meaning: CellKind,
    /// The definition level of a value that is not null.
    full: i16,
    /// Whether a row holds several values.
    is_list: bool,
}

/// The interpretation of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CellKind {
    /// Plain numbers, texts, booleans.
    Themselves,
    Unsigned,
    /// Days since 1970.
    Day,
    /// Units since 1970; the number of units in a day.
    Instant(i64),
    /// Numbers with this many decimals.
    Decimal(u32),
}

const SECONDS_OF_DAY: i64 = 86_400;

/// The Julian day number of 1970-01-01; INT96 timestamps count Julian days.
const JULIAN_1970: i64 = 2_440_588;

impl Column {
    pub fn open(chunk: &ColumnChunkMetaData, bytes: Vec<u8>, rows: i64) -> io::Result<Column> {
        let descriptor = chunk.column_descr_ptr();
        let pages = pages::open(chunk, bytes, usize::try_from(rows).unwrap_or(0)).map_err(reason)?;
        let (meaning, full, is_list) =
            (meaning(&descriptor), descriptor.max_def_level(), descriptor.max_rep_level() > 0);
        Ok(Column { values: get_column_reader(descriptor, pages), meaning, full, is_list })
    }

    /// Fills a column of a batch with the next values, one for each row; the values of a list are one cell, separated by
    /// [`LIST`].
    pub fn fill(&mut self, page: &mut RecordBatch, number: usize, rows: usize) -> io::Result<()> {
        let (meaning, full, is_list) = (self.meaning, self.full, self.is_list);
        let mut into = Filling { page, number, full, is_list, rows, text: String::new() };
        match &mut self.values {
            ColumnReader::BoolColumnReader(values) => into.fill(values, |text, value| write!(text, "{value}").is_ok()),
            ColumnReader::Int32ColumnReader(values) => into.fill(values, |text, value| match meaning {
                CellKind::Unsigned => write_whole(text, i64::from(*value as u32)),
                _ => write_number(text, meaning, i64::from(*value)),
            }),
            ColumnReader::Int64ColumnReader(values) => into.fill(values, |text, value| match meaning {
                CellKind::Unsigned => write!(text, "{}", *value as u64).is_ok(),
                _ => write_number(text, meaning, *value),
            }),
            ColumnReader::Int96ColumnReader(values) => into.fill(values, |text, value| {
                let [.., day] = *value.data() else { return false };
                write_day(text, i64::from(day) - JULIAN_1970)
            }),
            ColumnReader::FloatColumnReader(values) => into.fill(values, |text, value| write!(text, "{value}").is_ok()),
            ColumnReader::DoubleColumnReader(values) => {
                into.fill(values, |text, value| write!(text, "{value}").is_ok())
            }
            ColumnReader::ByteArrayColumnReader(values) => {
                into.fill(values, |text, value| write_bytes(text, meaning, value))
            }
            ColumnReader::FixedLenByteArrayColumnReader(values) => {
                into.fill(values, |text, value| write_bytes(text, meaning, value))
            }
        }
    }
}

/// A column of a batch that is being filled.
struct Filling<'p> {
    page: &'p mut RecordBatch,
    number: usize,
    full: i16,
    is_list: bool,
    rows: usize,
    /// Buffer for the current cell, reused to avoid allocation.
    text: String,
}

impl Filling<'_> {
    /// Reads the next values and writes each with `write`, which returns false for a value without a text.
    fn fill<T: DataType>(
        &mut self,
        values: &mut ColumnReaderImpl<T>,
        write: impl Fn(&mut String, &T::T) -> bool,
    ) -> io::Result<()> {
        let (mut levels, mut repeats, mut found) = (Vec::new(), Vec::new(), Vec::new());
        let wanted = self.is_list.then_some(&mut repeats);
        let (read, ..) = values.read_records(self.rows, Some(&mut levels), wanted, &mut found).map_err(reason)?;
        if read != self.rows {
            return Err(damaged("a column ends too early"));
        }
        let (mut found, mut at) = (found.iter(), 0);
        for row in 0..self.rows {
            self.text.clear();
            let begin = at;
            let mut problem = None;
            // The first value of a row has the repetition level 0, the others of its list have a higher one.
            while at == begin || repeats.get(at).is_some_and(|level| *level > 0) {
                let is_there = self.full == 0 || levels.get(at) == Some(&self.full);
                let value = is_there.then(|| found.next()).flatten();
                problem = problem.or(value.and_then(|value| self.add(value, &write).err()));
                at += 1;
            }
            match problem {
                None if self.text.is_empty() => {}
                None => self.page.set(row, self.number, &self.text),
                Some(message) => {
                    let place = self.page.place(row);
                    self.page.problems.push(Problem::new(place, self.number, message));
                }
            }
        }
        Ok(())
    }

    /// Adds a value to the current cell.
    fn add<T>(&mut self, value: &T, write: &impl Fn(&mut String, &T) -> bool) -> Result<(), String> {
        if !self.text.is_empty() {
            self.text.push_str(LIST);
        }
        let begin = self.text.len();
        if !write(&mut self.text, value) {
            return Err("this value is no text, number, date or truth".to_string());
        }
        match self.is_list && self.text[begin..].contains(LIST) {
            true => Err("the text has U+001F, which parts the items of lists".to_string()),
            false => Ok(()),
        }
    }
}

fn meaning(column: &ColumnDescriptor) -> CellKind {
    let instant = |unit: &TimeUnit| match unit {
        TimeUnit::MILLIS => CellKind::Instant(SECONDS_OF_DAY * 1_000),
        TimeUnit::MICROS => CellKind::Instant(SECONDS_OF_DAY * 1_000_000),
        TimeUnit::NANOS => CellKind::Instant(SECONDS_OF_DAY * 1_000_000_000),
    };
    let decimal = |scale: i32| CellKind::Decimal(u32::try_from(scale).unwrap_or(0));
    match (column.logical_type_ref(), column.converted_type()) {
        (Some(LogicalType::Date), _) | (None, ConvertedType::DATE) => CellKind::Day,
        (Some(LogicalType::Timestamp(type_)), _) => instant(&type_.unit),
        (None, ConvertedType::TIMESTAMP_MILLIS) => instant(&TimeUnit::MILLIS),
        (None, ConvertedType::TIMESTAMP_MICROS) => instant(&TimeUnit::MICROS),
        (Some(LogicalType::Decimal(type_)), _) => decimal(type_.scale),
        (None, ConvertedType::DECIMAL) => decimal(column.type_scale()),
        (Some(LogicalType::Integer(type_)), _) if !type_.is_signed => CellKind::Unsigned,
        (None, ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64) => {
            CellKind::Unsigned
        }
        _ => CellKind::Themselves,
    }
}

fn write_number(text: &mut String, meaning: CellKind, number: i64) -> bool {
    match meaning {
        CellKind::Day => write_day(text, number),
        CellKind::Instant(parts) => write_day(text, number.div_euclid(parts)),
        CellKind::Decimal(scale) => write_decimal(text, i128::from(number), scale),
        CellKind::Themselves | CellKind::Unsigned => write_whole(text, number),
    }
}

fn write_whole(text: &mut String, number: i64) -> bool {
    write!(text, "{number}").is_ok()
}

/// Writes a day, given as days since 1970; returns false if it is outside of the calendar.
fn write_day(text: &mut String, day: i64) -> bool {
    let day = i32::try_from(day).ok().filter(|day| civil_of(*day).is_some());
    day.is_some_and(|day| write!(text, "{}", format_day(day)).is_ok())
}

fn write_decimal(text: &mut String, number: i128, scale: u32) -> bool {
    let Some(unit) = 10_u128.checked_pow(scale) else { return false };
    let (sign, number) = (if number < 0 { "-" } else { "" }, number.unsigned_abs());
    match number % unit {
        0 => write!(text, "{sign}{}", number / unit).is_ok(),
        rest => write!(text, "{sign}{}.{rest:0width$}", number / unit, width = scale as usize).is_ok(),
    }
}

/// Writes bytes that are a text, or a big-endian decimal number.
fn write_bytes(text: &mut String, meaning: CellKind, bytes: &ByteArray) -> bool {
    let bytes = bytes.data();
    if let CellKind::Decimal(scale) = meaning {
        let Some(missing) = 16_usize.checked_sub(bytes.len()) else { return false };
        // Sign extension to 128 bits.
        let sign = if bytes.first().is_some_and(|first| *first > 127) { 0xff } else { 0 };
        let mut all = [sign; 16];
        all[missing..].copy_from_slice(bytes);
        return write_decimal(text, i128::from_be_bytes(all), scale);
    }
    std::str::from_utf8(bytes).is_ok_and(|words| {
        text.push_str(words);
        true
    })
}
