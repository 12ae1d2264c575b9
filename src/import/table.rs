//! Reads a file as a table: the contents of its columns, and whether its rows are entities or links. What its entities are
//! called is in `naming`.

use super::columns::{Column, Holds};
use super::dialect::{self, Contents, Dialect};
use super::kinds;
use super::naming::Named;
use super::words::parted;
use crate::load::sample::{Kind, LIST, Sample, Written, bracketed};
use std::collections::{HashMap, HashSet};
use std::io;

/// Maximum number of rows that are examined.
const MOST_ROWS: usize = 200_000;
/// Maximum number of columns in a table of links without a header that tells their ends.
const WIDEST: usize = 5;
/// The least number of distinct names in a column that may be an end of links.
const ALIKE: usize = 5;
/// Maximum length of a code in bytes, on average.
pub const CODE: usize = 12;
/// Pairs of column names in tables of links.
const ENDS: [(&str, &str); 17] = [
    ("source", "target"),
    ("from", "to"),
    ("src", "dst"),
    ("subject", "object"),
    ("citing", "cited"),
    ("parent", "child"),
    ("child", "parent"),
    ("start", "end"),
    ("head", "tail"),
    ("influenced", "influencer"),
    ("influencer", "influenced"),
    ("student", "advisor"),
    ("advisor", "student"),
    ("follower", "followee"),
    ("dependent", "dependency"),
    ("ancestor", "descendant"),
    ("predecessor", "successor"),
];

/// A file with its properties.
#[derive(Debug)]
pub struct Table {
    /// Its name in the folder of the graph.
    pub file: String,
    /// What its rows are, if the name of the file does not tell it.
    pub topic: Option<String>,
    /// The column and cell of the rows that are looked at, if others are of other kinds.
    pub main_kind: Option<(String, String)>,
    /// The key of its source.
    pub source: String,
    pub kind: Kind,
    pub written: Written,
    /// Whether rows of another length are dropped.
    pub is_ragged: bool,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<String>>,
    pub rows_are: Rows,
    /// Whether the names of its columns are made up.
    pub is_nameless: bool,
    /// Columns whose cells are lists in brackets.
    pub lists: Vec<String>,
    /// Columns of keys, each with the column of their names: `item` and `itemLabel`.
    pub labels: Vec<(usize, usize)>,
    pub unsure: Vec<String>,
}

/// The meaning of a table's rows.
#[derive(Debug, Clone, PartialEq)]
pub enum Rows {
    Things(Named),
    /// Links, by the columns of their ends.
    Links(usize, usize),
}

impl Table {
    /// Reads a file, or the rows at a path of a JSON file, and determines its dialect. Columns within the paths `moved` are
    /// left out.
    ///
    /// # Errors
    /// The file cannot be read, or has no rows.
    pub fn open(file: &str, contents: &Contents, (rows, moved): (&str, &[String])) -> io::Result<Table> {
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
        leave_out(&mut read, moved);
        let main_kind = kinds::keep_main(&mut read, &mut unsure);
        let lists = lists(&mut read);
        unsure.extend(mixed_lists(&read));
        let has_lists = |name: &String| read.kind != Kind::Csv || lists.contains(name);
        let cells = |i: usize| read.rows.iter().map(|row| row[i].as_str()).collect::<Vec<_>>();
        let columns = read.columns.iter().enumerate();
        let columns: Vec<Column> = columns.map(|(i, name)| Column::of(name, &cells(i), has_lists(name))).collect();
        let columns = without_na(columns, &read.rows);
        let mut table = Table {
            file: file.to_string(),
            topic: None,
            main_kind,
            source: String::new(),
            kind: read.kind,
            written,
            is_ragged: read.bad > 0,
            columns,
            rows: read.rows,
            rows_are: Rows::Links(0, 0),
            is_nameless: false,
            lists,
            labels: Vec::new(),
            unsure,
        };
        table.name_columns();
        table.labels = labels(&table.columns, &table.rows);
        table.rows_are = match table.ends() {
            Some((from, to)) => Rows::Links(from, to),
            None => Rows::Things(table.named()),
        };
        Ok(table)
    }

    /// Returns the words of the file name without its extension, or of the last step of the path in a JSON file.
    pub fn stem(&self) -> Vec<String> {
        let step = self.topic.as_deref().or(self.written.rows.rsplit('.').next());
        match step {
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
        let (count, rows) = (self.columns.len(), self.rows.len());
        let is_list_of_codes = self.is_list_of_codes();
        let mut taken = HashSet::new();
        for (i, column) in self.columns.iter_mut().enumerate() {
            let is_key = i == 0 && matches!(column.holds, Holds::Number(..)) && column.is_unique(rows);
            let wish = match (&column.holds, count, i) {
                _ if is_key => "id",
                (_, 2, 0) if is_list_of_codes => "code",
                (_, 2, 1) if is_list_of_codes => "name",
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
        self.is_nameless = true;
        self.unsure.push("it has no header: the names of its columns are made up".to_string());
    }

    /// Returns whether the rows are short codes and what they stand for, each once.
    fn is_list_of_codes(&self) -> bool {
        let [code, name] = &self.columns[..] else { return false };
        let rows = self.rows.len();
        let is_text = [code, name].iter().all(|column| column.holds == Holds::Text && column.is_unique(rows));
        let length = |c: usize| self.rows.iter().map(|row| row[c].trim().len()).sum::<usize>();
        let codes: HashSet<&str> = self.rows.iter().map(|row| row[0].trim()).collect();
        is_text
            && length(0) <= CODE * rows
            && length(0) < length(1)
            && !self.rows.iter().any(|row| codes.contains(row[1].trim()))
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
        let is_number = |c: usize| matches!(self.columns[c].holds, Holds::Number(..));
        let has_decimals = |c: usize| is_number(c) && self.rows.iter().any(|row| row[c].contains('.'));
        let holds = |c: usize| {
            let column = &self.columns[c];
            column.filled > 0 && !matches!(column.holds, Holds::Date(_)) && !has_decimals(c)
        };
        ENDS.iter().find_map(|(from, to)| {
            let (a, b) = (at(from)?, at(to)?);
            // A row with a parent may describe the child, if there are further columns.
            let may_be_thing = ["parent", "child", "start"].contains(from);
            let is_thing = may_be_thing && self.columns.len() > 2 && self.columns[a].is_unique(self.rows.len());
            // Where a thing starts and ends, in numbers beside its name, is no link.
            let others = || (0..self.columns.len()).filter(|c| *c != a && *c != b);
            let is_place = *from == "start"
                && is_number(a)
                && is_number(b)
                && others().any(|c| self.columns[c].holds == Holds::Text);
            (holds(a) && holds(b) && !is_thing && !is_place).then_some((a, b))
        })
    }

    /// Returns whether many rows have the same two ends, and columns of numbers or dates beside these.
    pub fn is_of_events(&self, (from, to): (usize, usize)) -> bool {
        let pairs: HashSet<(&str, &str)> = self.rows.iter().map(|row| (row[from].trim(), row[to].trim())).collect();
        let is_value = |c: &usize| {
            let column = &self.columns[*c];
            matches!(column.holds, Holds::Number(..) | Holds::Date(_)) && column.filled > 0 && !column.is_index
        };
        let has_values = (0..self.columns.len()).filter(|c| *c != from && *c != to).any(|c| is_value(&c));
        has_values && pairs.len() * 10 < self.rows.len() * 9
    }

    /// Returns two columns that share much of their vocabulary, as the ends of links do whatever they are called.
    pub fn alike(&self) -> Option<(usize, usize)> {
        let rows = self.rows.len();
        // Tables of many columns describe entities.
        if self.columns.iter().filter(|column| column.filled > 0).count() > WIDEST {
            return None;
        }
        let may = |c: &usize| {
            let column = &self.columns[*c];
            let is_full = column.filled * 2 >= rows && column.distinct * 5 < rows * 4;
            column.holds == Holds::Text
                && !column.is_prose
                && is_full
                && column.distinct >= ALIKE
                && column.split.is_none()
        };
        let columns: Vec<usize> = (0..self.columns.len()).filter(may).collect();
        let cells = |c: usize| -> HashSet<&str> {
            self.rows.iter().map(|row| row[c].trim()).filter(|cell| !cell.is_empty()).collect()
        };
        let sets: Vec<(usize, HashSet<&str>)> = columns.into_iter().map(|c| (c, cells(c))).collect();
        let pairs = sets.iter().enumerate().flat_map(|(i, a)| sets[i + 1..].iter().map(move |b| (a, b)));
        let share = |a: &HashSet<&str>, b: &HashSet<&str>| a.intersection(b).count() * 10 / a.len().min(b.len()).max(1);
        let alike = pairs.map(|((a, of_a), (b, of_b))| (share(of_a, of_b), (*a, *b))).filter(|(share, _)| *share >= 3);
        alike.max_by_key(|(share, (a, b))| (*share, std::cmp::Reverse((*a, *b)))).map(|(_, pair)| pair)
    }

    /// Returns the column of names for a column of keys.
    pub fn label_of(&self, key: usize) -> Option<usize> {
        self.labels.iter().find(|(own, _)| *own == key).map(|(_, label)| *label)
    }

    pub fn is_label(&self, c: usize) -> bool {
        self.labels.iter().any(|(_, label)| *label == c)
    }

    /// Returns whether some row has a key without a name.
    pub fn has_nameless(&self, (key, label): (usize, usize)) -> bool {
        self.rows.iter().any(|row| !row[key].trim().is_empty() && row[label].trim().is_empty())
    }

    /// Tells of the rows in which an end is empty; `None` if there are none.
    pub fn lone(&self, ends: [usize; 2]) -> Option<String> {
        let is_lone = |row: &&Vec<String>| ends.into_iter().any(|end| row[end].trim().is_empty());
        let count = self.rows.iter().filter(is_lone).count();
        let words = "no link, since an end is empty: what else stands there is left out";
        (count > 0).then(|| format!("{} {words}", are(count, "row is")))
    }

    /// Returns whether a column of keys says nothing else.
    pub fn is_numbering(&self, c: usize) -> bool {
        let words = parted(&self.columns[c].name);
        let is_key =
            |word: &String| ["id", "ids", "key", "uuid", "identifier", "no", "nr", "number"].contains(&word.as_str());
        words.last().is_some_and(is_key)
    }

    /// Returns whether a column holds the names by which an object of JSON has its rows.
    pub fn is_found_by(&self, c: usize) -> bool {
        self.kind == Kind::Json && c == 0 && self.columns[c].name == "key"
    }
}

/// Reads `NA` as empty among texts, too, where it is so among the numbers or dates of the file; not among codes of two
/// letters, where it may be Namibia.
fn without_na(mut columns: Vec<Column>, rows: &[Vec<String>]) -> Vec<Column> {
    const NA: &str = "NA";
    let is_nothing =
        |column: &Column| column.holds != Holds::Text && column.null.iter().any(|word| word == NA) && column.filled > 0;
    if !columns.iter().any(is_nothing) {
        return columns;
    }
    for (c, column) in columns.iter_mut().enumerate().filter(|(_, column)| column.holds == Holds::Text) {
        let cells = || rows.iter().map(|row| row[c].trim()).filter(|cell| !cell.is_empty() && *cell != NA);
        let is_code = |cell: &str| cell.len() == 2 && cell.chars().all(char::is_uppercase);
        let has_na = rows.iter().any(|row| row[c].trim() == NA);
        if has_na && !cells().any(is_code) {
            column.null.push(NA.to_string());
            column.filled = cells().count();
            column.distinct = cells().collect::<HashSet<_>>().len();
        }
    }
    columns
}

/// Returns the columns of keys with the column that names them: each key has one name, and stands in several rows or is
/// named like its label.
fn labels(columns: &[Column], rows: &[Vec<String>]) -> Vec<(usize, usize)> {
    let words: Vec<Vec<String>> = columns.iter().map(|column| parted(&column.name)).collect();
    let keys = ["id", "key", "code", "uri", "iri", "qid"];
    let is_pair = |key: usize, label: usize| {
        let Some((last, rest)) = words[label].split_last() else { return false };
        let base = match words[key].split_last() {
            Some((last, rest)) if !rest.is_empty() && keys.contains(&last.as_str()) => rest,
            _ => &words[key][..],
        };
        let is_text = columns[label].holds == Holds::Text && !columns[label].is_prose;
        !rest.is_empty() && rest == base && ["label", "lab", "name"].contains(&last.as_str()) && is_text
    };
    let is_function = |key: usize, label: usize| {
        let mut names: HashMap<&str, &str> = HashMap::new();
        rows.iter()
            .map(|row| (row[key].trim(), row[label].trim()))
            .filter(|(key, label)| !key.is_empty() && !label.is_empty())
            .all(|(key, label)| *names.entry(key).or_insert(label) == label)
    };
    let pairs = (0..columns.len()).flat_map(|key| (0..columns.len()).map(move |label| (key, label)));
    // Within nested data, a pair belongs to an object that is part of the row.
    let may = |c: usize| {
        let column = &columns[c];
        let is_plain = !column.name.contains('.') && column.split.is_none();
        is_plain && column.filled > 0 && !matches!(column.holds, Holds::Date(_))
    };
    pairs
        .filter(|(key, label)| key != label && may(*key) && may(*label) && is_pair(*key, *label))
        .filter(|(key, label)| columns[*key].distinct > 1 && is_function(*key, *label))
        .collect()
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

/// Removes the columns within some paths.
fn leave_out(read: &mut Sample, moved: &[String]) {
    let is_moved = |column: &String| {
        moved.iter().any(|path| column.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
    };
    let kept: Vec<bool> = read.columns.iter().map(|column| !is_moved(column)).collect();
    let mut at = kept.iter();
    read.columns.retain(|_| at.next() == Some(&true));
    for row in &mut read.rows {
        let mut at = kept.iter();
        row.retain(|_| at.next() == Some(&true));
    }
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

/// Returns a count with its noun and verb: `1 row has`, `2 rows have`.
pub fn are(count: usize, words: &str) -> String {
    match (count, words.split_once(' ')) {
        (1, _) | (_, None) => format!("{count} {words}"),
        (_, Some((noun, verb))) => {
            let verb = match verb {
                "has" => "have",
                "is" => "are",
                other => other.strip_suffix('s').unwrap_or(other),
            };
            format!("{count} {noun}s {verb}")
        }
    }
}

/// Returns a count with its noun.
pub fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
