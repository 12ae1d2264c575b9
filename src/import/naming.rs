//! Determines what the entities of a table are called, and what tells its rows apart: a name, a key, other columns, and at last
//! the lines of the rows, so that none is lost.

use super::columns::{Column, Holds, listed};
use super::nested::OUTER;
use super::table::{CODE, Rows, Table, are};
use super::words::{capital, parted, singular, type_name};
use crate::load::sample::LIST;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

/// If at least one of so many rows shares its name with another, each row is an observation.
const SHARED: usize = 6;

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

impl Named {
    fn by_column(name: String, column: usize, key: Option<Key>) -> Named {
        Named { name, column: Some(column), key, repeated: false, group: None }
    }

    /// Each row by itself, called by a template.
    pub fn by_template(name: String, group: Option<usize>) -> Named {
        Named { name, column: None, key: None, repeated: false, group }
    }
}

impl Table {
    /// Returns how the rows are named, if they are entities.
    pub fn named(&mut self) -> Named {
        let (rows, id) = (self.rows.len(), self.id());
        if let Some(name) = self.full_name() {
            return Named { key: id.map(Key::Column), repeated: id.is_none(), ..Named::by_template(name, None) };
        }
        // Of equally suitable columns, the first.
        let best = (0..self.columns.len())
            .filter_map(|i| Some((self.fitness(i)?, i)))
            .max_by_key(|(fitness, i)| (*fitness, usize::MAX - i));
        let best = best.map(|(_, i)| i);
        // The key of the best name may stand in several rows.
        let key = best.and_then(|best| self.labels.iter().find(|(_, label)| *label == best)).map(|(key, _)| *key);
        if let Some((key, label)) = key.filter(|key| id.is_none_or(|id| id == *key)).zip(best) {
            let repeated = !self.columns[key].is_unique(rows);
            let name = self.columns[label].name.clone();
            return Named { repeated, ..Named::by_column(name, label, Some(Key::Column(key))) };
        }
        if let Some(named) = best.filter(|_| id.is_none()).and_then(|best| self.named_by_outer(best)) {
            return named;
        }
        let code = id.or_else(|| self.code());
        match (best.filter(|best| self.is_name(*best, code)), id) {
            (Some(name), id) => self.named_by(name, id, code),
            (None, Some(id)) => self.named_by_id(id),
            (None, None) => self.named_by_rows(best),
        }
    }

    /// Returns whether a column has enough names, or has them beside a code that tells the rows apart.
    fn is_name(&self, i: usize, code: Option<usize>) -> bool {
        let words = parted(&self.columns[i].name);
        let is_called_name = words.len() == 1 && ["name", "title", "label", &self.thing()].contains(&words[0].as_str());
        self.columns[i].distinct * 10 >= self.rows.len() * 8 || code.is_some_and(|code| code != i) && is_called_name
    }

    /// Names the rows by a column; what has no name by its key, or by its line.
    fn named_by(&mut self, name: usize, id: Option<usize>, code: Option<usize>) -> Named {
        let rows = self.rows.len();
        let is_unique = self.columns[name].is_unique(rows);
        let key = id.or(code.filter(|_| !is_unique)).filter(|id| *id != name);
        let template = self.with_nameless(name, key);
        Named { repeated: !is_unique && key.is_none(), ..Named::by_column(template, name, key.map(Key::Column)) }
    }

    /// Returns a column as the name, and for the rows in which it is empty their key or line, which is told.
    fn with_nameless(&mut self, name: usize, key: Option<usize>) -> String {
        let column = self.columns[name].name.clone();
        let nameless = self.rows.len().saturating_sub(self.columns[name].filled);
        if nameless == 0 {
            return column;
        }
        let (other, by) = match key.map(|key| self.columns[key].name.clone()) {
            Some(key) => (key.clone(), format!("`{key}`")),
            None => (self.place(), "the number of its line".to_string()),
        };
        self.unsure.push(format!("{} no `{column}`: called by {by}", are(nameless, "row has")));
        format!("{{{column}|{other}}}")
    }

    fn named_by_id(&self, id: usize) -> Named {
        let name = &self.columns[id].name;
        match self.columns[id].holds {
            Holds::Text => Named::by_column(name.clone(), id, None),
            Holds::Number(..) => {
                let name = format!("{} {}", capital(&self.thing()), self.brace(id));
                Named { key: Some(Key::Column(id)), ..Named::by_template(name, None) }
            }
            _ => Named { key: Some(Key::Column(id)), ..Named::by_template(name.clone(), None) },
        }
    }

    /// Names the rows by the best column, although it stands in several; without one by the numbers of the rows, or by the first
    /// column if that is filled.
    fn named_by_rows(&mut self, best: Option<usize>) -> Named {
        let column = best.unwrap_or(0);
        let is_index = self.columns[column].is_index;
        if best.is_none() && (is_index || self.columns[column].filled < self.rows.len()) {
            let number = if is_index { self.brace(column) } else { self.line() };
            return Named::by_template(format!("{} {number}", type_name(&self.stem(), &[])), None);
        }
        Named { repeated: true, ..Named::by_column(self.with_nameless(column, None), column, None) }
    }

    /// Returns the key of the rows as a section writes it.
    pub fn key_of(&self, named: &Named) -> Option<String> {
        named.key.map(|key| match key {
            Key::Column(c) => self.columns[c].name.clone(),
            Key::Row => self.line(),
        })
    }

    /// Returns how the rows are told apart, for a message.
    pub fn told_apart(&self, named: &Named) -> String {
        match named.key {
            Some(Key::Column(key)) => format!(", told apart by `{}`", self.columns[key].name),
            Some(Key::Row) => ", told apart by the numbers of their lines".to_string(),
            None => String::new(),
        }
    }

    /// Returns a column as it stands in a template.
    pub fn brace(&self, c: usize) -> String {
        format!("{{{}}}", self.columns[c].name)
    }

    /// Returns the line of a row as it stands in a template.
    pub fn line(&self) -> String {
        format!("{{{}}}", self.place())
    }

    /// Returns what means the line of a row, and no column.
    fn place(&self) -> String {
        let is_taken = |mark: &String| {
            self.columns.iter().any(|column| column.name == *mark || column.name == format!("{{{mark}}}"))
        };
        let mut mark = "#".to_string();
        while is_taken(&mark) {
            mark.push('#');
        }
        mark
    }

    /// Returns the word for one row, by the name of the file.
    fn thing(&self) -> String {
        singular(self.stem().last().map_or("row", String::as_str))
    }

    /// Returns a template with the name of the outer row, if several items within rows have one name.
    fn named_by_outer(&self, name: usize) -> Option<Named> {
        let outer = self.columns.iter().position(|column| column.name == OUTER)?;
        if self.columns[name].is_unique(self.rows.len()) && name != outer {
            return None;
        }
        let is_told = name != outer && self.distinct_names(&[outer, name]) == self.rows.len();
        // Items without names of their own are items, too.
        let own = if is_told { self.brace(name) } else { self.line() };
        Some(Named::by_template(format!("{} {own}", self.brace(outer)), None))
    }

    /// Returns the column of texts by which other tables may name the rows.
    pub fn naming_column(&self) -> Option<usize> {
        let Rows::Things(named) = &self.rows_are else { return None };
        let key = named.key.and_then(Key::column).filter(|key| self.columns[*key].holds == Holds::Text);
        let best = || (0..self.columns.len()).filter_map(|i| Some((self.fitness(i)?, i))).max().map(|(_, i)| i);
        key.or(named.column).or_else(best)
    }

    /// Returns whether names stand in several rows, which may be observations of what they name.
    pub fn may_be_observed(&self) -> bool {
        matches!(self.rows_are, Rows::Things(Named { column: Some(_), key: None, repeated: true, .. }))
    }

    /// Returns what identifies the rows if each is an observation of something that many rows name, such as a year. Without it,
    /// numbers and dates of one row would be mixed with those of the others. Where only a few rows share their names, the lines
    /// tell these apart, unless others name them, too: what others name is one thing, however often it is listed. Tells what a
    /// few rows share.
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
        let is_value = |c: &usize| is_number(c) || matches!(self.columns[*c].holds, Holds::Date(_));
        let (are_many, has_values) = (shared * SHARED >= self.rows.len(), varying.iter().any(is_value));
        if are_many {
            let telling = has_values.then(|| self.telling(group, &varying)).flatten();
            // Who numbers the rows means each of them.
            let index = self.columns.iter().position(|column| column.is_index);
            let found = telling.or(index.map(|index| vec![index]));
            if found.is_some() || has_values {
                return Some(found.map_or(Observed::Rows(Some(group)), |others| Observed::Named(group, others)));
            }
        }
        let is_by_row = has_values && !is_named_elsewhere;
        let what = match is_by_row {
            true => "each is a thing of its own",
            false => "which of these belong to the same row is not kept; a column that tells the rows apart would help",
        };
        let names: Vec<String> = varying.iter().map(|c| self.columns[*c].name.clone()).collect();
        let several = rows_of.iter().filter(|(_, rows)| rows.len() > 1);
        let first = several.min_by_key(|(_, rows)| rows[0]).map_or("", |(name, _)| name);
        let (own, words) = (&self.columns[group].name, listed(&names));
        self.unsure.push(format!(
            "{shared} rows share their `{own}` with another, as `{first}` does, and differ in {words}: {what}"
        ));
        is_by_row.then_some(Observed::Rows(None))
    }

    /// Returns the number of distinct names that a template of these columns gives the rows, as the loader writes them: without the
    /// spaces of empty cells.
    fn distinct_names(&self, columns: &[usize]) -> usize {
        let name = |row: &Vec<String>| {
            let cells = columns.iter().flat_map(|c| row[*c].split_whitespace());
            cells.collect::<Vec<&str>>().join(" ")
        };
        self.rows.iter().map(name).filter(|name| !name.is_empty()).collect::<HashSet<String>>().len()
    }

    /// Returns at most three columns that, with that of the name, tell all rows apart: texts and days before numbers.
    fn telling(&self, group: usize, varying: &[usize]) -> Option<Vec<usize>> {
        let distinct = |columns: &[usize]| self.distinct_names(&[&[group], columns].concat());
        let length = |c: usize| self.rows.iter().map(|row| row[c].len()).sum::<usize>();
        let plain: Vec<usize> = varying.iter().copied().filter(|c| !self.columns[*c].is_prose).collect();
        let is_word = |c: &usize| self.columns[*c].is_of_time() || self.columns[*c].holds == Holds::Text;
        let words: Vec<usize> = plain.iter().copied().filter(is_word).collect();
        [words, plain].into_iter().find_map(|candidates| {
            let mut chosen: Vec<usize> = Vec::new();
            while chosen.len() < 3 && distinct(&chosen) < self.rows.len() {
                let with = |c: usize| distinct(&[&chosen[..], &[c]].concat());
                let left = candidates.iter().copied().filter(|c| !chosen.contains(c));
                let best = left.max_by_key(|c| (with(*c), self.columns[*c].is_of_time(), Reverse((length(*c), *c))));
                chosen.push(best?);
            }
            (distinct(&chosen) == self.rows.len()).then_some(chosen)
        })
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
