//! Reads a file as a table: its dialect, the contents of its columns, and whether its rows are entities or links.

use super::columns::{Column, Holds};
use super::words::parted;
use crate::load::sample::{Kind, Sample, Written, sample};
use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Maximum number of rows that are examined.
const MOST_ROWS: usize = 200_000;
/// Maximum number of rows that are examined to determine the dialect.
const FEW_ROWS: usize = 2_000;
const COMMENTS: [&str; 4] = ["#", "//", "%", "--"];
const DELIMITERS: [u8; 5] = [b',', b'\t', b';', b'|', b' '];
/// Pairs of column names in tables of links.
const ENDS: [(&str, &str); 9] = [
    ("source", "target"),
    ("from", "to"),
    ("src", "dst"),
    ("subject", "object"),
    ("citing", "cited"),
    ("parent", "child"),
    ("child", "parent"),
    ("start", "end"),
    ("head", "tail"),
];

/// A file with its properties.
#[derive(Debug)]
pub struct Table {
    pub path: PathBuf,
    /// Its name in the folder of the graph.
    pub file: String,
    pub kind: Kind,
    pub written: Written,
    /// Whether rows of another length are dropped.
    pub is_ragged: bool,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<String>>,
    pub rows_are: Rows,
    pub unsure: Vec<String>,
}

/// The meaning of a table's rows.
#[derive(Debug, Clone, PartialEq)]
pub enum Rows {
    Things(Named),
    /// Links, by the columns of their ends.
    Links(usize, usize),
}

/// How the entities of a table are named.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    /// A column, or a template with columns in braces.
    pub name: String,
    /// The column of the name; `None` if it is a template.
    pub column: Option<usize>,
    pub key: Option<usize>,
    /// Whether several rows may describe one entity.
    pub repeated: bool,
}

impl Table {
    /// Reads a file and determines its dialect.
    ///
    /// # Errors
    /// The file cannot be read, or has no rows.
    pub fn open(path: &Path) -> io::Result<Table> {
        let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut unsure = Vec::new();
        let (written, is_ragged) = written(path, &file, &mut unsure)?;
        let mut read = read(path, &file, &written, MOST_ROWS)?;
        if let Some(first) = &read.first_bad {
            unsure.push(format!("{} rows are left out by `ragged: skip`, the first at {first}", read.bad));
        }
        if read.rows.len() == MOST_ROWS {
            unsure.push(format!("only the first {MOST_ROWS} rows were looked at"));
        }
        // A line with delimiters only is not a row.
        read.rows.retain(|row| row.iter().any(|cell| !cell.trim().is_empty()));
        if read.rows.is_empty() {
            return Err(io::Error::other("it has no rows"));
        }
        let cells = |i: usize| read.rows.iter().map(|row| row[i].as_str()).collect::<Vec<_>>();
        let columns = read.columns.iter().enumerate();
        let columns: Vec<Column> =
            columns.map(|(i, name)| Column::of(name, &cells(i), read.kind == Kind::Json)).collect();
        let mut table = Table {
            path: path.to_path_buf(),
            file,
            kind: read.kind,
            written,
            is_ragged: is_ragged && read.bad > 0,
            columns,
            rows: read.rows,
            rows_are: Rows::Links(0, 0),
            unsure,
        };
        table.name_columns();
        table.rows_are = match table.ends() {
            Some((from, to)) => Rows::Links(from, to),
            None => Rows::Things(table.named()),
        };
        Ok(table)
    }

    /// Returns the words of the file name without its extension.
    pub fn stem(&self) -> Vec<String> {
        parted(self.file.split('.').next().unwrap_or(&self.file))
    }

    /// Names the columns if the file has no header.
    fn name_columns(&mut self) {
        if self.written.header || self.kind != Kind::Csv {
            return;
        }
        let count = self.columns.len();
        let mut taken = HashSet::new();
        for (i, column) in self.columns.iter_mut().enumerate() {
            let wish = match (&column.holds, count, i) {
                (_, 2, 0) => "from",
                (_, 2, 1) => "to",
                (Holds::Text, ..) if i + 1 == count && self.written.is_filled => "list",
                (Holds::Text, ..) if column.distinct * 10 > column.filled * 9 => "name",
                (Holds::Date(_), ..) => "date",
                (Holds::Number(..), ..) => "number",
                _ => "text",
            };
            column.name = if taken.insert(wish.to_string()) { wish.to_string() } else { format!("{wish}{}", i + 1) };
            taken.insert(column.name.clone());
            if wish == "list" && column.split.is_none() {
                column.split = Some(char::from(self.written.delimiter).to_string());
            }
        }
        self.written.columns = self.columns.iter().map(|column| column.name.clone()).collect();
        self.unsure.push("it has no header: the names of its columns are made up".to_string());
    }

    /// Returns the columns of both ends if each row is a link.
    fn ends(&self) -> Option<(usize, usize)> {
        let headers: Vec<String> = self.columns.iter().map(|column| parted(&column.name).join(" ")).collect();
        let at =
            |word: &str| headers.iter().position(|header| header == word || header.strip_suffix(" id") == Some(word));
        let holds = |c: usize| self.columns[c].filled > 0 && !matches!(self.columns[c].holds, Holds::Date(_));
        ENDS.iter().find_map(|(from, to)| {
            let (a, b) = (at(from)?, at(to)?);
            // A row with a parent may describe the child, if there are further columns.
            let may_be_thing = ["parent", "child", "start"].contains(from);
            let is_thing = may_be_thing && self.columns.len() > 2 && self.columns[a].is_unique(self.rows.len());
            (holds(a) && holds(b) && !is_thing).then_some((a, b))
        })
    }

    /// Returns how the rows are named, if they are entities.
    fn named(&mut self) -> Named {
        let (rows, id) = (self.rows.len(), self.id());
        if let Some(name) = self.full_name() {
            return Named { name, column: None, key: id, repeated: id.is_none() };
        }
        // Of equally suitable columns, the first.
        let best = (0..self.columns.len())
            .filter_map(|i| Some((self.fitness(i)?, i)))
            .max_by_key(|(fitness, i)| (*fitness, usize::MAX - i));
        let best = best.map(|(_, i)| i);
        let is_good = |i: &usize| self.columns[*i].distinct * 10 >= rows * 8;
        match (best.filter(is_good), id) {
            (Some(name), id) => {
                let key = id.filter(|id| *id != name);
                let nameless = rows.saturating_sub(self.columns[name].filled);
                if nameless > 0 {
                    self.unsure.push(format!("{nameless} rows have no `{}`, and say nothing", self.columns[name].name));
                }
                let repeated = !self.columns[name].is_unique(rows) && (key.is_none() || nameless > 0);
                Named { name: self.columns[name].name.clone(), column: Some(name), key, repeated }
            }
            (None, Some(id)) => {
                let thing = super::words::singular(self.stem().last().map_or("row", String::as_str));
                let thing = super::words::capital(&thing);
                let name = match self.columns[id].holds {
                    Holds::Number(..) => format!("{thing} {{{}}}", self.columns[id].name),
                    _ => self.columns[id].name.clone(),
                };
                let column = (self.columns[id].holds == Holds::Text).then_some(id);
                Named { name, column, key: Some(id).filter(|_| column.is_none()), repeated: false }
            }
            (None, None) => {
                let name = best.unwrap_or(0);
                Named { name: self.columns[name].name.clone(), column: Some(name), key: None, repeated: true }
            }
        }
    }

    /// Returns the column of numbers or codes by which other tables may refer to the rows.
    fn id(&self) -> Option<usize> {
        let is_id = |column: &&Column| {
            let words = parted(&column.name);
            words.last().is_some_and(|last| ["id", "key", "code", "uuid", "identifier", "no"].contains(&last.as_str()))
        };
        let fits =
            |(_, column): &(usize, &Column)| is_id(column) && column.is_unique(self.rows.len()) && !column.is_prose;
        self.columns.iter().enumerate().find(fits).map(|(i, _)| i)
    }

    /// Returns a template of given name and surname: `{firstName} {lastName}`.
    fn full_name(&self) -> Option<String> {
        let find = |words: [&str; 4]| {
            let of = |column: &&Column| words.contains(&parted(&column.name).concat().as_str()) && column.filled > 0;
            self.columns.iter().find(of)
        };
        let given = find(["firstname", "givenname", "given", "forename"])?;
        let family = find(["lastname", "surname", "familyname", "family"])?;
        Some(format!("{{{}}} {{{}}}", given.name, family.name))
    }

    /// Returns how suitable a column is as the name; `None` if it is not.
    fn fitness(&self, i: usize) -> Option<i32> {
        let column = &self.columns[i];
        if column.filled * 10 < self.rows.len() * 8 || column.holds != Holds::Text {
            return None;
        }
        let words = parted(&column.name);
        let thing = super::words::singular(self.stem().last().map_or("", String::as_str));
        let by_header = match words.last().map_or("", String::as_str) {
            "name" if words.len() == 1 => 10,
            "title" | "label" => 8,
            "name" | "description" => 7,
            "id" | "key" | "code" => -4,
            _ if words.concat() == thing => 9,
            _ => 1,
        };
        let own = i32::from(words.first().is_some_and(|word| word.starts_with(&thing) && words.len() > 1));
        let unique = if column.is_unique(self.rows.len()) { 5 } else { 0 };
        let odd =
            if column.is_prose || self.rows.iter().take(50).all(|row| row[i].starts_with("http")) { 12 } else { 0 };
        let several = if column.split.is_some() { 6 } else { 0 };
        Some(by_header + own + unique - odd - several)
    }
}

fn read(path: &Path, name: &str, written: &Written, most: usize) -> io::Result<Sample> {
    sample(Box::new(File::open(path)?), name, written, most)
}

/// Returns the dialect of a file, and whether rows of another length are dropped.
fn written(path: &Path, name: &str, unsure: &mut Vec<String>) -> io::Result<(Written, bool)> {
    // A first reading shows the format of the file and its comments.
    let bare = Written { header: false, ..Written::default() };
    let first = match read(path, name, &bare, FEW_ROWS) {
        Ok(sample) if sample.kind != Kind::Csv => return Ok((Written::default(), false)),
        other => other?,
    };
    let comment = comments(&first);
    let trial = |delimiter: u8| {
        let written = Written { delimiter, comment: comment.clone(), ..bare.clone() };
        let read = read(path, name, &written, FEW_ROWS).ok()?;
        let (good, all) = (read.rows.len(), read.rows.len() + read.bad);
        // Spaces also occur within cells, so all rows must have the same length.
        let needed = if delimiter == b' ' { all } else { all / 2 };
        (read.columns.len() > 1 && good >= needed.max(1)).then_some((good * 1000 / all, read, written))
    };
    let best = DELIMITERS.into_iter().filter_map(trial);
    let best = best.reduce(|best, other| if other.0 > best.0 { other } else { best });
    let Some((_, read, mut written)) = best else {
        return Ok(ragged_or_plain(path, name, &comment, unsure));
    };
    written.header = is_header(&read.rows);
    if !written.header && read.bad * 10 > read.rows.len() {
        return Ok(ragged_or_plain(path, name, &comment, unsure));
    }
    Ok((written, read.bad > 0))
}

/// Returns the dialect of a file whose rows differ in length, or of one with a single column.
fn ragged_or_plain(path: &Path, name: &str, comment: &[String], unsure: &mut Vec<String>) -> (Written, bool) {
    // A delimiter that no cell contains makes each row a single cell.
    let whole = Written { delimiter: b'\x01', header: false, comment: comment.to_vec(), ..Written::default() };
    let rows = read(path, name, &whole, FEW_ROWS).map_or(Vec::new(), |read| read.rows);
    let count = |sign: u8| rows.iter().map(move |row| row[0].bytes().filter(|byte| *byte == sign).count());
    let sign = DELIMITERS.into_iter().max_by_key(|sign| (count(*sign).filter(|n| *n > 0).count(), u8::MAX - sign));
    let delimiter = sign.filter(|sign| count(*sign).any(|n| n > 0)).unwrap_or(b',');
    let fewest = count(delimiter).min().unwrap_or(0);
    if count(delimiter).all(|n| n == fewest) {
        return (Written { delimiter, header: true, comment: comment.to_vec(), ..Written::default() }, true);
    }
    unsure.push(format!("its rows have {} cells or more: what follows is taken for a list", fewest + 1));
    let columns = (1..=fewest + 2).map(|i| i.to_string()).collect();
    (Written { delimiter, header: false, comment: comment.to_vec(), is_filled: true, columns }, false)
}

/// Returns the prefixes of comments, by the rows at the start.
fn comments(read: &Sample) -> Vec<String> {
    let mut signs: Vec<String> = Vec::new();
    let mut count = 0;
    for first in read.rows.iter().filter_map(|row| row.first()).filter(|cell| !cell.is_empty()).take(200) {
        let Some(sign) = COMMENTS.iter().find(|sign| first.starts_with(**sign)) else { break };
        count += 1;
        if !signs.iter().any(|known| known == sign) {
            signs.push(sign.to_string());
        }
    }
    // A single row may be the header.
    if count == 1 && read.columns.len() > 1 { Vec::new() } else { signs }
}

/// Returns whether the first row is a header: its cells differ, and none of them is a number or date.
fn is_header(rows: &[Vec<String>]) -> bool {
    use crate::load::is_value;
    use crate::value::ValueType;
    let Some(first) = rows.first() else { return true };
    let cells: Vec<&str> = first.iter().map(|cell| cell.trim()).collect();
    let named = cells.iter().filter(|cell| !cell.is_empty()).collect::<HashSet<_>>().len();
    let is_word = |cell: &&str| !is_value(ValueType::Number, cell) && !is_value(ValueType::Date, cell);
    named * 5 >= cells.len() * 4 && cells.iter().all(is_word)
}
