//! Reads a file as a table: the contents of its columns, and whether its rows are entities or links.

use super::columns::{Column, Holds};
use super::dialect::{self, Contents, Dialect};
use super::kinds;
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
const CODE: usize = 12;
/// If at least one of so many rows shares its name with another, each row is an observation.
const SHARED: usize = 6;
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

/// What tells the entities of a table apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Key {
    Column(usize),
    /// The number of the row, where no column does.
    Row,
}

impl Key {
    /// Returns the column of the key, if it is one.
    pub fn column(self) -> Option<usize> {
        match self {
            Key::Column(c) => Some(c),
            Key::Row => None,
        }
    }
}

/// What tells rows apart that share their names.
#[derive(Debug, Clone, PartialEq)]
pub enum Observed {
    /// The column of what is observed, and those that tell its rows apart.
    Named(usize, Vec<usize>),
    /// The number of the row; with the column of what is observed, if most rows share it.
    Rows(Option<usize>),
}

/// How the entities of a table are named.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    /// A column, or a template with columns in braces.
    pub name: String,
    /// The column of the name; `None` if it is a template.
    pub column: Option<usize>,
    pub key: Option<Key>,
    /// Whether several rows may describe one entity.
    pub repeated: bool,
    /// If each row is an observation, the column that names what is observed.
    pub group: Option<usize>,
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

    /// Returns how the rows are named, if they are entities.
    fn named(&mut self) -> Named {
        let (rows, id) = (self.rows.len(), self.id());
        if let Some(name) = self.full_name() {
            let key = id.map(Key::Column);
            return Named { name, column: None, key, repeated: id.is_none(), group: None };
        }
        // Of equally suitable columns, the first.
        let best = (0..self.columns.len())
            .filter_map(|i| Some((self.fitness(i)?, i)))
            .max_by_key(|(fitness, i)| (*fitness, usize::MAX - i));
        let best = best.map(|(_, i)| i);
        // The key of the best name may stand in several rows.
        let key = best.and_then(|best| self.labels.iter().find(|(_, label)| *label == best)).map(|(key, _)| *key);
        if let Some((key, label)) = key.filter(|key| id.is_none_or(|id| id == *key)).zip(best) {
            let name = self.columns[label].name.clone();
            let repeated = !self.columns[key].is_unique(rows);
            return Named { name, column: Some(label), key: Some(Key::Column(key)), repeated, group: None };
        }
        // A key tells apart even what has few names.
        let is_called_name = |i: &usize| {
            let words = parted(&self.columns[*i].name);
            words.len() == 1 && ["name", "title", "label", &self.thing()].contains(&words[0].as_str())
        };
        let code = id.or_else(|| self.code());
        let is_good = |i: &usize| {
            self.columns[*i].distinct * 10 >= rows * 8 || code.is_some_and(|code| code != *i) && is_called_name(i)
        };
        if let Some(named) = best.filter(|_| id.is_none()).and_then(|best| self.named_by_outer(best)) {
            return named;
        }
        match (best.filter(is_good), id) {
            (Some(name), id) => {
                let is_unique = self.columns[name].is_unique(rows);
                let key = id.or(code.filter(|_| !is_unique)).filter(|id| *id != name);
                let nameless = rows.saturating_sub(self.columns[name].filled);
                let mut template = self.columns[name].name.clone();
                match key.map(|key| self.columns[key].name.clone()) {
                    Some(key) if nameless > 0 => {
                        let words = format!("{} no `{template}`: called by `{key}`", are(nameless, "row has"));
                        self.unsure.push(words);
                        template = format!("{{{template}|{key}}}");
                    }
                    None if nameless > 0 => {
                        let words =
                            format!("{} no `{template}`: called by the number of its line", are(nameless, "row has"));
                        self.unsure.push(words);
                        template = format!("{{{template}|#}}");
                    }
                    _ => {}
                }
                let repeated = !is_unique && key.is_none();
                Named { name: template, column: Some(name), key: key.map(Key::Column), repeated, group: None }
            }
            (None, Some(id)) => {
                let name = match self.columns[id].holds {
                    Holds::Number(..) => {
                        format!("{} {{{}}}", super::words::capital(&self.thing()), self.columns[id].name)
                    }
                    _ => self.columns[id].name.clone(),
                };
                let column = (self.columns[id].holds == Holds::Text).then_some(id);
                let key = Some(Key::Column(id)).filter(|_| column.is_none());
                Named { name, column, key, repeated: false, group: None }
            }
            (None, None) => {
                let name = best.unwrap_or(0);
                let is_index = self.columns[name].is_index;
                // What is empty in some rows does not name these.
                if best.is_none() && (is_index || self.columns[name].filled < rows) {
                    let number = if is_index { &self.columns[name].name } else { "#" };
                    let name = format!("{} {{{number}}}", super::words::type_name(&self.stem(), &[]));
                    return Named { name, column: None, key: None, repeated: false, group: None };
                }
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

    /// Returns the word for one row, by the name of the file.
    fn thing(&self) -> String {
        super::words::singular(self.stem().last().map_or("row", String::as_str))
    }

    /// Returns a template with the name of the outer row, if several items within rows have one name.
    fn named_by_outer(&self, name: usize) -> Option<Named> {
        let outer = self.columns.iter().position(|column| column.name == super::nested::OUTER)?;
        if self.columns[name].is_unique(self.rows.len()) && name != outer {
            return None;
        }
        let mut seen = HashSet::new();
        let is_told = name != outer && self.rows.iter().all(|row| seen.insert((row[outer].trim(), row[name].trim())));
        // Items without names of their own are items, too.
        let own = if is_told { &self.columns[name].name } else { "#" };
        let name = format!("{{{}}} {{{own}}}", self.columns[outer].name);
        Some(Named { name, column: None, key: None, repeated: false, group: None })
    }

    /// Returns the column of texts by which other tables may name the rows.
    pub fn naming_column(&self) -> Option<usize> {
        let Rows::Things(named) = &self.rows_are else { return None };
        let key = named.key.and_then(Key::column).filter(|key| self.columns[*key].holds == Holds::Text);
        let best = || (0..self.columns.len()).filter_map(|i| Some((self.fitness(i)?, i))).max().map(|(_, i)| i);
        key.or(named.column).or_else(best)
    }

    /// Returns the columns that identify the rows if each row is an observation of something that many rows name: the
    /// column of its name, and one or two that tell its rows apart, such as a year. Without them, numbers and dates of
    /// one row would be mixed with those of the others. If there are none, reports that.
    pub fn observed(&mut self, is_named_elsewhere: bool) -> Option<Observed> {
        let Rows::Things(Named { column: Some(group), key: None, repeated: true, .. }) = self.rows_are else {
            return None;
        };
        let mut rows_of: HashMap<&str, Vec<usize>> = HashMap::new();
        let named = self.rows.iter().enumerate().filter(|(_, row)| !row[group].trim().is_empty());
        named.for_each(|(i, row)| rows_of.entry(row[group].trim()).or_default().push(i));
        let shared: usize = rows_of.values().map(Vec::len).filter(|count| *count > 1).sum();
        let varies = |c: usize| {
            let cell = |row: &usize| self.rows[*row][c].trim();
            rows_of.values().any(|rows| rows.iter().any(|row| cell(row) != cell(&rows[0])))
        };
        let varying: Vec<usize> = (0..self.columns.len()).filter(|c| *c != group && varies(*c)).collect();
        let is_number = |c: &usize| matches!(self.columns[*c].holds, Holds::Number(..));
        if varying.len() < 2 && !varying.iter().any(is_number) {
            return None;
        }
        // A few names that occur twice are rather an oversight, and texts of one name rather its kinds.
        let is_value = |c: &usize| matches!(self.columns[*c].holds, Holds::Number(..) | Holds::Date(_));
        let is_rule = shared * SHARED >= self.rows.len() && varying.iter().any(is_value);
        let found = is_rule.then(|| self.telling(group, &varying)).flatten();
        // Who numbers the rows means each of them.
        let index = self.columns.iter().position(|column| column.is_index);
        let index = index.filter(|_| shared * SHARED >= self.rows.len());
        let found = found.or(index.map(|index| vec![index]));
        let has_values = varying.iter().any(is_value);
        if found.is_none() && has_values && is_rule {
            return Some(Observed::Rows(Some(group)));
        }
        // What others name by its name is one thing, however often it is listed.
        let is_by_row = found.is_none() && has_values && !is_named_elsewhere;
        if found.is_none() {
            let names: Vec<String> = varying.iter().map(|c| self.columns[*c].name.clone()).collect();
            let several = rows_of.iter().filter(|(_, rows)| rows.len() > 1);
            let first = several.min_by_key(|(_, rows)| rows[0]).map_or("", |(name, _)| name);
            let (own, words) = (&self.columns[group].name, super::columns::listed(&names));
            let what = match is_by_row {
                true => "each is a thing of its own",
                false => {
                    "which of these belong to the same row is not kept; a column that tells the rows apart would help"
                }
            };
            self.unsure.push(format!(
                "{shared} rows share their `{own}` with another, as `{first}` does, and differ in {words}: {what}"
            ));
        }
        if is_by_row {
            return Some(Observed::Rows(None));
        }
        found.map(|others| Observed::Named(group, others))
    }

    /// Returns at most three columns that, with that of the name, tell all rows apart: texts and days before numbers.
    fn telling(&self, group: usize, varying: &[usize]) -> Option<Vec<usize>> {
        let distinct = |columns: &[usize]| {
            let name = |row: &Vec<String>| {
                let cells = columns.iter().map(|c| row[*c].trim()).filter(|cell| !cell.is_empty());
                cells.fold(row[group].trim().to_string(), |name, cell| name + " " + cell)
            };
            self.rows.iter().map(name).collect::<HashSet<String>>().len()
        };
        let length = |c: usize| self.rows.iter().map(|row| row[c].len()).sum::<usize>();
        let plain: Vec<usize> = varying.iter().copied().filter(|c| !self.columns[*c].is_prose).collect();
        let is_word = |c: &usize| self.columns[*c].is_of_time() || self.columns[*c].holds == Holds::Text;
        let words: Vec<usize> = plain.iter().copied().filter(is_word).collect();
        [words, plain].into_iter().find_map(|candidates| {
            let mut chosen: Vec<usize> = Vec::new();
            while chosen.len() < 3 && distinct(&chosen) < self.rows.len() {
                let with = |c: usize| distinct(&[&chosen[..], &[c]].concat());
                let left = candidates.iter().copied().filter(|c| !chosen.contains(c));
                let best =
                    left.max_by_key(|c| (with(*c), self.columns[*c].is_of_time(), std::cmp::Reverse((length(*c), *c))));
                chosen.push(best?);
            }
            (distinct(&chosen) == self.rows.len()).then_some(chosen)
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

    /// Returns a column of short codes that tells all rows apart, whatever it is called: `iata`.
    fn code(&self) -> Option<usize> {
        let rows = self.rows.len();
        let is_code = |column: &Column, c: usize| {
            let cells = || self.rows.iter().map(|row| row[c].trim());
            let is_short = || cells().map(str::len).sum::<usize>() <= CODE * rows;
            match column.holds {
                Holds::Text => cells().all(|cell| !cell.contains(' ')) && is_short(),
                // Of numbers, only one in front counts the rows: others measure something.
                Holds::Number(..) => c == 0 && cells().all(|cell| cell.bytes().all(|byte| byte.is_ascii_digit())),
                _ => false,
            }
        };
        let mut columns = self.columns.iter().enumerate();
        columns.find(|(c, column)| column.is_unique(rows) && is_code(column, *c)).map(|(c, _)| c)
    }

    /// Returns whether a column of keys says nothing else.
    pub fn is_numbering(&self, c: usize) -> bool {
        let words = parted(&self.columns[c].name);
        let is_key =
            |word: &String| ["id", "ids", "key", "uuid", "identifier", "no", "nr", "number"].contains(&word.as_str());
        self.columns[c].holds != Holds::Text || words.last().is_some_and(is_key)
    }

    /// Returns a template of given name and surname: `{firstName} {lastName}`.
    fn full_name(&self) -> Option<String> {
        let find = |words: [&str; 4]| {
            let of = |column: &&Column| words.contains(&parted(&column.name).concat().as_str()) && column.filled > 0;
            self.columns.iter().find(of)
        };
        let family = find(["lastname", "surname", "familyname", "family"])
            .or_else(|| find(["surname1", "lastname1", "firstsurname", "surnames"]))?;
        let is_surname = !parted(&family.name).contains(&"family".to_string());
        let given = find(["firstname", "givenname", "given", "forename"])
            .or_else(|| find(["name", "names", "firstnames", "givennames"]).filter(|_| is_surname))?;
        let second = find(["surname2", "lastname2", "secondsurname", "surname2"]);
        let all = [Some(given), Some(family), second].into_iter().flatten();
        Some(all.map(|column| format!("{{{}}}", column.name)).collect::<Vec<_>>().join(" "))
    }

    /// Returns whether a column holds the names by which an object of JSON has its rows.
    pub fn is_found_by(&self, c: usize) -> bool {
        self.kind == Kind::Json && c == 0 && self.columns[c].name == "key"
    }

    /// Returns how suitable a column is as the name; `None` if it is not.
    fn fitness(&self, i: usize) -> Option<i32> {
        let column = &self.columns[i];
        if column.filled * 10 < self.rows.len() * 8 || column.holds != Holds::Text {
            return None;
        }
        let words = parted(&column.name);
        let thing = self.thing();
        let by_header = match words.last().map_or("", String::as_str) {
            // What a program finds an object by.
            "key" if self.is_found_by(i) => 6,
            // What has a key need not have a name of its own.
            "name" if words.len() == 1 => 10 + if self.id().is_some() { 5 } else { 0 },
            "title" | "label" => 8,
            "name" | "description" => 7,
            "id" | "key" | "code" => -4,
            _ if words.concat() == thing => 9,
            "path" | "file" | "url" | "uri" | "link" | "image" | "icon" | "photo" | "hash" | "sha" | "slug"
            | "email" | "notes" | "note" | "comment" | "bio" => -5,
            _ => 1,
        };
        // The name of a thing lies at the top of nested data.
        let depth = |column: &Column| column.name.matches('.').count() as i32;
        let top = self.columns.iter().map(depth).min().unwrap_or(0);
        let is_part = self.columns[i].name.to_lowercase().starts_with("name.");
        let deep = if is_part { -7 } else { 3 * (depth(column) - top) };
        let length: usize = self.rows.iter().map(|row| row[i].trim().chars().count()).sum();
        let code = if length < 4 * column.filled { 3 } else { 0 };
        let own = i32::from(words.first().is_some_and(|word| word.starts_with(&thing) && words.len() > 1));
        let unique = if column.is_unique(self.rows.len()) { 5 } else { 0 };
        let odd =
            if column.is_prose || self.rows.iter().take(50).all(|row| row[i].starts_with("http")) { 12 } else { 0 };
        let is_list = column.split.is_some() || self.rows.iter().any(|row| row[i].contains(LIST));
        let several = if is_list { 6 } else { 0 };
        let first = i32::from(i == 0);
        Some(by_header + own + unique + first - odd - several - deep - code)
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
