//! Determines which columns name the entities of a table.

use super::columns::{Column, Holds, NOTHING, listed};
use super::naming::{Key, Named};
use super::table::{Rows, Table};
use super::words;
use crate::graph::folded;
use crate::load::sample::LIST;
use std::collections::HashSet;

/// A number of rows or names that is no longer chance.
const FEW: usize = 30;
/// Maximum length of a key in characters, on average.
const KEY_LENGTH: usize = 16;

/// The entities of a table, as other tables may refer to them.
pub struct KnownTable {
    pub table: usize,
    pub type_: String,
    pub names: HashSet<String>,
    pub keys: HashSet<String>,
    pub key_header: String,
    /// The columns of name and key, to recognise cells that repeat those of their own row.
    pub own: Vec<usize>,
    /// Whether names stand for single entities, or one entity for each.
    pub is_distinct: bool,
    /// Whether most names stand in several rows, which are rather observations than entities.
    pub is_repetitive: bool,
}

/// A column whose cells refer to the entities of a table.
pub struct Link {
    pub known: usize,
    /// The number of distinct names that are not declared.
    pub missing: usize,
    pub split: Option<String>,
}

/// The tables of entities.
#[derive(Default)]
pub struct Known(pub Vec<KnownTable>);

impl KnownTable {
    pub fn of(table: usize, type_: String, (rows, named): (&Table, &Named)) -> KnownTable {
        let cells = |column: Option<usize>| -> HashSet<String> {
            let cells = column.into_iter().flat_map(|c| rows.rows.iter().map(move |row| row[c].trim().to_string()));
            cells.filter(|cell| !cell.is_empty()).collect()
        };
        let key = named.key.and_then(Key::column);
        let (names, keys) = (cells(named.column), cells(key));
        let filled = named.column.map_or(0, |c| rows.columns[c].filled);
        let key_header = key.map_or(String::new(), |key| words::parted(&rows.columns[key].name).concat());
        KnownTable {
            table,
            type_,
            is_distinct: named.key.is_none() || names.len() == filled,
            is_repetitive: named.repeated && named.key.is_none() && names.len() * 2 < filled,
            names,
            keys,
            key_header,
            own: named.column.into_iter().chain(key).collect(),
        }
    }

    /// Returns whether a word can only mean one entity of the table.
    fn has(&self, word: &str) -> bool {
        self.keys.contains(word) || self.is_distinct && self.names.contains(word)
    }

    /// Returns the share of numbers that would be keys by chance: that of keys among all numbers between nearly the least and
    /// nearly the greatest of them.
    fn chance(&self, words: &HashSet<&str>) -> f64 {
        let numbers = |words: &mut dyn Iterator<Item = &str>| {
            let mut numbers: Vec<i64> = words.filter_map(|word| word.parse().ok()).collect();
            numbers.sort_unstable();
            numbers
        };
        let (own, keys) = (numbers(&mut words.iter().copied()), numbers(&mut self.keys.iter().map(String::as_str)));
        let (Some(least), Some(most)) = (own.get(own.len() / 10), own.get(own.len() * 9 / 10)) else { return 1.0 };
        let within = keys.iter().filter(|key| (least..=most).contains(key)).count();
        within as f64 / (most - least + 1) as f64
    }

    /// Returns the number of distinct words that mean none of the entities, as the loader counts them.
    fn missing(&self, words: &HashSet<&str>) -> usize {
        let missing = words.iter().filter(|word| !self.keys.contains(**word) && !self.names.contains(**word));
        let fold = |name: &str| folded(name).collect::<String>();
        let names: HashSet<String> = self.names.iter().map(|name| fold(name)).collect();
        let missing: HashSet<String> = missing.map(|word| fold(word)).collect();
        missing.difference(&names).count()
    }

    /// Returns whether most cells that mean an entity of the table mean that of their own row, as translations of its name
    /// do.
    fn is_alias(&self, table: &Table, (c, parted): (usize, &Column)) -> bool {
        let (mut all, mut own) = (0, 0);
        for row in &table.rows {
            let mut parts = parted.parts(&row[c]);
            parts.retain(|part| self.has(part));
            let is_own = |part: &&str| self.own.iter().any(|own| row[*own].trim() == *part);
            all += usize::from(!parts.is_empty());
            own += usize::from(!parts.is_empty() && parts.iter().all(is_own));
        }
        own * 2 > all
    }
}

impl Known {
    pub fn of_table(&self, table: usize) -> Option<&KnownTable> {
        self.0.iter().find(|known| known.table == table)
    }

    /// Forgets the entities of a table, and returns their type.
    pub fn forget(&mut self, table: usize) -> Option<String> {
        let at = self.0.iter().position(|known| known.table == table)?;
        Some(self.0.remove(at).type_)
    }

    /// Returns whether a table lists the entities of a type.
    pub fn has_type(&self, type_: &str) -> bool {
        self.0.iter().any(|known| known.type_ == type_)
    }

    /// Returns whether some word may name entities of two types, so that a column could refer to either.
    pub fn may_confuse(&self, a: &str, b: &str) -> bool {
        let of = |type_: &str| self.0.iter().find(|known| known.type_ == type_);
        let Some((a, b)) = of(a).zip(of(b)) else { return false };
        let words = |known: &KnownTable| known.keys.iter().chain(&known.names).cloned().collect::<HashSet<String>>();
        !words(a).is_disjoint(&words(b))
    }

    /// Returns the table that the cells of a column refer to; `None` if they are not names of entities.
    pub fn link(&self, table: &Table, own: usize, c: usize, others_only: bool) -> Option<Link> {
        let column = &table.columns[c];
        if column.filled == 0 || matches!(column.holds, Holds::Date(_) | Holds::Nothing) {
            return None;
        }
        // An object that has a name is not what its key means elsewhere.
        let has_name = || self.of_table(own).is_some_and(|known| known.own.first().is_some_and(|name| *name != c));
        if table.is_found_by(c) && has_name() || self.repeats_own(table, own, c) {
            return None;
        }
        let signs = [None, column.split.clone()].into_iter();
        let signs = signs.chain(["|", ";", ",", " "].map(|sign| Some(sign.to_string())));
        let is_there = |sign: &Option<String>| {
            sign.as_ref()
                .is_none_or(|sign| !column.is_prose && table.rows.iter().any(|row| row[c].contains(sign.as_str())))
        };
        let mut best: Option<(f64, Link)> = None;
        for sign in signs.filter(is_there) {
            let parted = Column { split: sign.clone(), ..column.clone() };
            let parts: HashSet<&str> = table.rows.iter().flat_map(|row| parted.parts(&row[c])).collect();
            let may = |target: &KnownTable| if target.table == own { !others_only } else { !target.is_repetitive };
            for (known, target) in self.0.iter().enumerate().filter(|(_, target)| may(target)) {
                let hits = parts.iter().filter(|part| target.has(part)).count();
                let share = hits as f64 / parts.len().max(1) as f64;
                // Most names have spaces, so that only keys are told apart by them.
                let needed = if sign.as_deref() == Some(" ") || column.is_prose { 0.9 } else { 0.0 };
                // A single match is no accident in a small table, or of a name.
                let is_name = || parts.iter().any(|part| target.names.contains(*part));
                let is_enough = table.rows.len() < FEW || hits > 1 || is_name();
                let is_sure = table.is_nameless && share >= 0.9 && hits >= FEW && share - target.chance(&parts) >= 0.15;
                let is_likely = is_enough && is_likely(column, target, (share, hits), target.table == own);
                if share < needed || !is_likely && !is_sure {
                    continue;
                }
                if target.table == own && target.is_alias(table, (c, &parted)) {
                    continue;
                }
                // Splitting cells must improve the share of matches clearly.
                let more = if sign.is_some() { 0.1 } else { 0.0 };
                if best.as_ref().is_none_or(|(other, _)| share > *other + more) {
                    best = Some((share, Link { known, missing: target.missing(&parts), split: sign.clone() }));
                }
            }
        }
        best.map(|(_, link)| link)
    }

    /// Returns whether most cells of a column say again what their rows are called or told apart by.
    fn repeats_own(&self, table: &Table, own: usize, c: usize) -> bool {
        let Some(known) = self.of_table(own).filter(|known| !known.own.contains(&c)) else { return false };
        let cells = table.rows.iter().filter(|row| !row[c].trim().is_empty());
        let own = cells.clone().filter(|row| known.own.iter().any(|other| row[*other].trim() == row[c].trim())).count();
        own * 2 > cells.count()
    }

    /// Returns whether some column names the entities of a table by their names.
    pub fn is_named(&self, tables: &[Table], i: usize) -> bool {
        let Some(place) = self.0.iter().position(|known| known.table == i) else { return false };
        tables.iter().enumerate().any(|(other, table)| {
            let columns = (0..table.columns.len()).filter(|c| other != i || !self.0[place].own.contains(c));
            let mut links = columns.filter_map(|c| self.link(table, other, c, false));
            links.any(|link| link.known == place)
        })
    }

    /// Returns a link to a table of which a column names at least some entities.
    pub fn partly(&self, table: &Table, c: usize, known: usize) -> Option<Link> {
        let column = &table.columns[c];
        let parts: HashSet<&str> = table.rows.iter().flat_map(|row| column.parts(&row[c])).collect();
        let target = &self.0[known];
        let hits = parts.iter().filter(|part| target.has(part)).count();
        let is_some = hits > 0 && hits * 10 >= parts.len();
        is_some.then(|| Link { known, missing: target.missing(&parts), split: column.split.clone() })
    }

    /// Reads words such as `none` as empty in columns that name entities, unless an entity is called so.
    pub fn clear_nothing(&self, i: usize, table: &mut Table) {
        let is_own_type = |column: &Column| column.holds == Holds::Text && words::own_type(&column.name).is_some();
        for c in 0..table.columns.len() {
            let link = self.link(table, i, c, false);
            if link.is_none() && !is_own_type(&table.columns[c]) {
                continue;
            }
            let is_name = |word: &str| link.as_ref().is_some_and(|link| self.0[link.known].has(word));
            // `NA` is also Namibia, and an airport.
            let words = NOTHING.iter().filter(|word| **word != "NA" && !is_name(word));
            let words = words.filter(|word| table.rows.iter().any(|row| row[c].trim() == **word));
            let words: Vec<String> = words.map(ToString::to_string).collect();
            if !words.is_empty() {
                let column = &mut table.columns[c];
                let told = format!("`{}`: {} taken for nothing, since it is no name", column.name, listed(&words));
                table.unsure.push(told);
                column.null.extend(words);
            }
        }
    }

    /// Chooses as keys columns that others refer to, where no column is called a key: `cca3` for `borders`.
    pub fn choose_keys(&mut self, tables: &mut [Table]) {
        let types: Vec<String> = self.0.iter().map(|known| known.type_.clone()).collect();
        let is_shared = |type_: &String| types.iter().filter(|other| *other == type_).count() > 1;
        for known in self.0.iter_mut().filter(|known| !is_shared(&known.type_)) {
            let table = &tables[known.table];
            let Rows::Things(named) = &table.rows_are else { continue };
            let is_used = named.key.is_some_and(|key| is_key_used(tables, known, key));
            if is_used || named.column.is_none() {
                continue;
            }
            let names_others = |c: usize| {
                let others = table.rows.iter().filter(|row| {
                    let cell = row[c].trim();
                    known.names.contains(cell) && named.column.is_some_and(|name| row[name].trim() != cell)
                });
                others.count() * 2 > table.rows.len()
            };
            let may = |c: &usize| {
                let column = &table.columns[*c];
                let length: usize = table.rows.iter().map(|row| row[*c].trim().chars().count()).sum();
                column.is_unique(table.rows.len())
                    && column.holds == Holds::Text
                    && named.column != Some(*c)
                    && words::own_type(&column.name).is_none()
                    && length <= KEY_LENGTH * table.rows.len()
                    && !table.rows.iter().any(|row| row[*c].contains(LIST))
                    && !names_others(*c)
            };
            let candidates: Vec<usize> = (0..table.columns.len()).filter(may).collect();
            let chosen = candidates.into_iter().find(|c| is_referred_to(tables, known, *c));
            if let Some(key) = chosen {
                let named = Named { key: Some(Key::Column(key)), repeated: false, ..named.clone() };
                *known = KnownTable::of(known.table, known.type_.clone(), (table, &named));
                tables[known.table].rows_are = Rows::Things(named);
            }
        }
    }
}

/// Returns whether a key is one of texts, or a column of another table is called like it or like the entities: numbers of
/// rows that nothing refers to tell nothing apart that a code would not.
fn is_key_used(tables: &[Table], known: &KnownTable, key: Key) -> bool {
    let own = &tables[known.table];
    let Some(c) = key.column().filter(|c| matches!(own.columns[*c].holds, Holds::Number(..))) else { return true };
    let header = words::parted(&own.columns[c].name).concat();
    let type_ = known.type_.to_lowercase();
    let refers = |column: &Column| {
        let other = words::parted(&column.name).concat();
        let is_number = matches!(column.holds, Holds::Number(..));
        is_number && (other == header && header != "id" || other.starts_with(&type_) && !type_.is_empty())
    };
    let mut others = tables.iter().enumerate().filter(|(i, _)| *i != known.table);
    others.any(|(_, table)| table.columns.iter().any(refers))
}

/// Returns whether nearly all cells of some column are cells of a column, other than those of their own row.
fn is_referred_to(tables: &[Table], known: &KnownTable, key: usize) -> bool {
    let own = &tables[known.table];
    let keys: HashSet<&str> = own.rows.iter().map(|row| row[key].trim()).collect();
    tables.iter().enumerate().any(|(i, table)| {
        let refers = |c: usize| {
            let column = &table.columns[c];
            if column.is_prose || column.holds != Holds::Text || (i, c) == (known.table, key) {
                return false;
            }
            // Names that stand in the column show that it is a link to other rows, not that they refer to it.
            if i == known.table && known.own.contains(&c) {
                return false;
            }
            let (mut all, mut hits, mut own, mut rows) = (HashSet::new(), HashSet::new(), 0, 0);
            for row in &table.rows {
                let parts = column.parts(&row[c]);
                rows += usize::from(!parts.is_empty());
                own += usize::from(i == known.table && parts == [row[key].trim()]);
                hits.extend(parts.iter().copied().filter(|part| keys.contains(part)));
                all.extend(parts.into_iter().filter(|part| !known.names.contains(*part)));
            }
            hits.len() >= 3 && hits.len() * 20 >= all.len() * 19 && own * 2 < rows
        };
        (0..table.columns.len()).any(refers)
    })
}

/// Returns whether the number of matches shows that a column refers to the entities of a table.
fn is_likely(column: &Column, target: &KnownTable, (share, hits): (f64, usize), is_own: bool) -> bool {
    let header = words::parted(&column.name);
    match column.holds {
        // Small numbers match the keys of any table.
        Holds::Number(..) => {
            let names_key =
                !target.key_header.is_empty() && header.concat() == target.key_header && target.key_header != "id";
            let names_type = header.concat().starts_with(&target.type_.to_lowercase());
            let is_kin = is_own && words::is_of_kin(&column.name);
            share >= 0.5 && (!is_own && (names_key || names_type) || is_kin)
        }
        _ => {
            // A column such as `influenced by` may name many that the table does not list.
            let is_kin = is_own && words::is_of_kin(&column.name) && share >= 0.1;
            let needed = if is_own { 0.75 } else { 0.5 };
            (share >= needed && hits > 1 || share > 0.999 || !is_own && share >= 0.3 && hits >= 20 || is_kin)
                // A second name of each row is a permutation of the names; so is who is married to whom.
                && (is_kin
                    || !(is_own && share > 0.999 && hits == target.names.len() && column.distinct == column.filled))
        }
    }
}
