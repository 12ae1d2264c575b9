//! Reads a file as a table: the contents of its columns, and whether its rows are entities or links.

use super::columns::{Column, Holds};
use super::dialect::{self, Contents, Dialect};
use super::words::parted;
use crate::load::sample::{Kind, LIST, Sample, Written, bracketed};
use std::collections::{HashMap, HashSet};
use std::io;

/// Maximum number of rows that are examined.
const MOST_ROWS: usize = 200_000;
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
    /// Its name in the folder of the graph.
    pub file: String,
    /// The key of its source.
    pub source: String,
    pub kind: Kind,
    pub written: Written,
    /// Whether rows of another length are dropped.
    pub is_ragged: bool,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<String>>,
    pub rows_are: Rows,
    /// Columns whose cells are lists in brackets.
    pub lists: Vec<String>,
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
    /// If each row is an observation, the column that names what is observed.
    pub group: Option<usize>,
}

impl Table {
    /// Reads a file, or the rows at a path of a JSON file, and determines its dialect.
    ///
    /// # Errors
    /// The file cannot be read, or has no rows.
    pub fn open(file: &str, contents: &Contents, rows: &str) -> io::Result<Table> {
        let Dialect { written, mut unsure } = dialect::of(file, contents, rows)?;
        let mut read = contents.sample(file, &written, MOST_ROWS)?;
        if let Some(fault) = &read.fault {
            return Err(io::Error::other(fault.clone()));
        }
        if let Some(first) = &read.first_bad {
            let words = "with another number of cells: left out by `ragged: skip`, the first in line";
            unsure.push(format!("{} {words} {first}", counted(read.bad, "row")));
        }
        if read.rows.len() == MOST_ROWS {
            unsure.push(format!("only the first {MOST_ROWS} rows were looked at"));
        }
        // A line with delimiters only is not a row.
        read.rows.retain(|row| row.iter().any(|cell| !cell.trim().is_empty()));
        if read.rows.is_empty() {
            return Err(io::Error::other("it has no rows"));
        }
        let lists = lists(&mut read);
        unsure.extend(mixed_lists(&read));
        let has_lists = |name: &String| read.kind != Kind::Csv || lists.contains(name);
        let cells = |i: usize| read.rows.iter().map(|row| row[i].as_str()).collect::<Vec<_>>();
        let columns = read.columns.iter().enumerate();
        let columns: Vec<Column> = columns.map(|(i, name)| Column::of(name, &cells(i), has_lists(name))).collect();
        let mut table = Table {
            file: file.to_string(),
            source: String::new(),
            kind: read.kind,
            written,
            is_ragged: read.bad > 0,
            columns,
            rows: read.rows,
            rows_are: Rows::Links(0, 0),
            lists,
            unsure,
        };
        table.name_columns();
        table.rows_are = match table.ends() {
            Some((from, to)) => Rows::Links(from, to),
            None => Rows::Things(table.named()),
        };
        Ok(table)
    }

    /// Returns the words of the file name without its extension, or of the last step of the path in a JSON file.
    pub fn stem(&self) -> Vec<String> {
        match self.written.rows.rsplit('.').next() {
            Some(step) if !parted(step).is_empty() => parted(step),
            _ => parted(self.file.split('.').next().unwrap_or(&self.file)),
        }
    }

    /// Names the columns if the file has no header.
    fn name_columns(&mut self) {
        if self.written.header || self.kind != Kind::Csv || !self.written.columns.is_empty() && !self.written.is_filled
        {
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
        // In nested data all columns may lie in one object: `data.source`, `data.target`.
        let outer = self.columns.first().and_then(|column| Some(column.name.split_once('.')?.0)).unwrap_or("");
        let outer = format!("{outer}.");
        let is_nested = self.columns.iter().all(|column| column.name.starts_with(&outer));
        let inner = |name: &str| if is_nested { name.strip_prefix(&outer).unwrap_or(name) } else { name }.to_string();
        let headers: Vec<String> = self.columns.iter().map(|column| parted(&inner(&column.name)).join(" ")).collect();
        let is_it = |header: &String, word: &str| header == word || header.strip_suffix(" id") == Some(word);
        let begins = |header: &String, word: &str| {
            ["from", "to"].contains(&word) && header.strip_prefix(word).is_some_and(|rest| rest.starts_with(' '))
        };
        let at = |word: &str| {
            let exact = headers.iter().position(|header| is_it(header, word));
            exact.or_else(|| headers.iter().position(|header| begins(header, word)))
        };
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
            return Named { name, column: None, key: id, repeated: id.is_none(), group: None };
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
                Named { name: self.columns[name].name.clone(), column: Some(name), key, repeated, group: None }
            }
            (None, Some(id)) => {
                let thing = super::words::singular(self.stem().last().map_or("row", String::as_str));
                let thing = super::words::capital(&thing);
                let name = match self.columns[id].holds {
                    Holds::Number(..) => format!("{thing} {{{}}}", self.columns[id].name),
                    _ => self.columns[id].name.clone(),
                };
                let column = (self.columns[id].holds == Holds::Text).then_some(id);
                Named { name, column, key: Some(id).filter(|_| column.is_none()), repeated: false, group: None }
            }
            (None, None) => {
                let name = best.unwrap_or(0);
                Named {
                    name: self.columns[name].name.clone(),
                    column: Some(name),
                    key: None,
                    repeated: true,
                    group: None,
                }
            }
        }
    }

    /// Returns two columns that identify the rows if each row is an observation of something that many rows name: the
    /// column of its name, and the column that tells its rows apart, such as a year. Without them, numbers and dates of
    /// one row would be mixed with those of the others. If there is no such second column, reports that.
    pub fn observed(&mut self) -> Option<(usize, usize)> {
        let Rows::Things(Named { column: Some(group), key: None, repeated: true, .. }) = self.rows_are else {
            return None;
        };
        if self.columns[group].distinct * 2 > self.rows.len() {
            return None;
        }
        let varies = |c: usize| {
            let mut first: HashMap<&str, &str> = HashMap::new();
            self.rows.iter().any(|row| *first.entry(row[group].trim()).or_insert(row[c].trim()) != row[c].trim())
        };
        let varying: Vec<usize> = (0..self.columns.len()).filter(|c| *c != group && varies(*c)).collect();
        let is_value = |c: &usize| matches!(self.columns[*c].holds, Holds::Number(..) | Holds::Date(_));
        if varying.len() < 2 || !varying.iter().any(is_value) {
            return None;
        }
        let tells_apart = |c: &&usize| {
            let mut seen = HashSet::new();
            let column = &self.columns[**c];
            column.filled == self.rows.len()
                && !column.is_prose
                && self.rows.iter().all(|row| seen.insert((row[group].trim(), row[**c].trim())))
        };
        let timely = varying.iter().filter(|c| self.columns[**c].is_of_time()).find(tells_apart);
        let found = timely.or_else(|| varying.iter().find(tells_apart)).copied();
        if found.is_none() {
            let names: Vec<String> = varying.iter().map(|c| self.columns[*c].name.clone()).collect();
            let (own, words) = (&self.columns[group].name, super::columns::listed(&names));
            self.unsure.push(format!(
                "rows of one `{own}` differ in {words}: which of these belong to the same row is not kept; a column that \
                 tells the rows apart would help"
            ));
        }
        found.map(|other| (group, other))
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

/// Replaces the cells of columns that hold lists in brackets, as programs write them; returns the names of the columns.
fn lists(read: &mut Sample) -> Vec<String> {
    if read.kind != Kind::Csv {
        return Vec::new();
    }
    let is_list = |c: &usize| {
        let mut cells = read.rows.iter().map(|row| row[*c].trim()).filter(|cell| !cell.is_empty()).peekable();
        cells.peek().is_some() && cells.all(|cell| bracketed(cell).is_some())
    };
    let columns: Vec<usize> = (0..read.columns.len()).filter(is_list).collect();
    for row in &mut read.rows {
        for c in &columns {
            row[*c] = bracketed(row[*c].trim()).unwrap_or_default().join(LIST);
        }
    }
    columns.into_iter().map(|c| read.columns[c].clone()).collect()
}

/// Returns a warning if lists of objects become several columns, whose items no longer belong together.
fn mixed_lists(read: &Sample) -> Option<String> {
    let is_list = |c: &usize| read.rows.iter().any(|row| row[*c].contains(LIST));
    let inner = (0..read.columns.len()).filter(|c| read.columns[*c].contains('.')).filter(is_list);
    let names: Vec<String> = inner.map(|c| read.columns[c].clone()).collect();
    let outer = |name: &String| name.rsplit_once('.').map_or(String::new(), |(outer, _)| outer.to_string());
    let mixed: Vec<String> = names
        .iter()
        .filter(|name| names.iter().filter(|other| outer(other) == outer(name)).count() > 1)
        .cloned()
        .collect();
    let words = "come from lists of objects: which of their items belong together is not kept";
    (!mixed.is_empty()).then(|| format!("{} {words}", super::columns::listed(&mixed)))
}

/// Returns a count with its noun.
pub fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
