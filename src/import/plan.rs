//! Derives a schema from tables: types, verbs, and the sections that state facts.

use super::columns::{Column, Holds};
use super::links::{Known, KnownTable, Link};
use super::naming::{Key, Named, Observed};
use super::table::{Rows, Table};
use super::words;
use indexmap::IndexMap;
use std::collections::BTreeMap;

/// Last words of file names that tell nothing of the rows.
const GENERIC: [&str; 12] = [
    "datasets", "tables", "lists", "files", "exports", "results", "records", "rows", "entries", "items", "nodes",
    "details",
];

/// A graph before it is written.
#[derive(Debug, Default)]
pub struct Plan {
    pub types: IndexMap<String, TypePlan>,
    pub verbs: IndexMap<String, VerbPlan>,
    pub sections: Vec<SectionPlan>,
    /// The decisions, and what the user should check; each with its file.
    pub decided: Vec<String>,
    pub unsure: Vec<String>,
}

#[derive(Debug, Default)]
pub struct TypePlan {
    pub doc: String,
    pub properties: IndexMap<String, PropertyPlan>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct PropertyPlan {
    /// `Date`, `Number` or `Text`.
    pub value: &'static str,
    pub verb: Option<String>,
}

#[derive(Debug, Default)]
pub struct VerbPlan {
    pub from: Vec<String>,
    pub to: Vec<String>,
    pub inverse: Option<String>,
    pub lineage: bool,
}

/// A section of `tables`: its fields in order, as written.
#[derive(Debug, Default)]
pub struct SectionPlan {
    /// The index of its table.
    pub table: usize,
    pub fields: Vec<(&'static str, String)>,
    pub splits: BTreeMap<String, String>,
}

/// Plans the graph of some tables.
pub fn plan(tables: &mut [Table]) -> Plan {
    let mut planner = Planner { prefix: prefix(tables), ..Planner::default() };
    for (i, table) in tables.iter().enumerate() {
        if let Rows::Things(named) = table.rows_are.clone() {
            planner.know(i, table, &named);
        }
    }
    planner.share_types(tables);
    planner.known.choose_keys(tables);
    for (i, table) in tables.iter_mut().enumerate() {
        planner.turn_into_links(i, table);
    }
    for i in 0..tables.len() {
        let is_named = tables[i].may_be_observed() && planner.known.is_named(tables, i);
        planner.turn_into_observations(i, &mut tables[i], is_named);
    }
    for (i, table) in tables.iter_mut().enumerate() {
        planner.known.clear_nothing(i, table);
    }
    // Declarations come before the facts that refer to them, for the reader's sake.
    for (i, table) in tables.iter().enumerate() {
        planner.own_verbs.clear();
        planner.own_properties.clear();
        match table.rows_are.clone() {
            Rows::Things(named) => planner.things(i, table, &named),
            Rows::Links(from, to) => planner.links(i, table, (from, to)),
        }
        planner.plan.unsure.extend(table.unsure.iter().map(|unsure| format!("{}: {unsure}", table.file)));
    }
    planner.plan
}

/// Returns the number of words with which all file names begin, at least one less than the shortest has.
fn prefix(tables: &[Table]) -> usize {
    let stems: Vec<Vec<String>> = tables.iter().map(Table::stem).collect();
    let shortest = stems.iter().map(Vec::len).min().filter(|_| stems.len() > 1).unwrap_or(0);
    let is_common = |at: &usize| stems.iter().all(|stem| stem[*at] == stems[0][*at]);
    (0..shortest.saturating_sub(1)).take_while(is_common).count()
}

#[derive(Default)]
struct Planner {
    plan: Plan,
    known: Known,
    /// The number of words with which the names of all files begin.
    prefix: usize,
    /// The verbs and properties of the current table, each of one column.
    own_verbs: Vec<String>,
    own_properties: Vec<String>,
}

impl Planner {
    fn type_name(&self, table: &Table, named: Option<&Named>) -> String {
        let taken: Vec<String> = self.plan.types.keys().cloned().collect();
        let header =
            named.and_then(|named| Some(words::parted(&table.columns[named.column?].name))).unwrap_or_default();
        let plain = [
            "name", "title", "label", "id", "key", "code", "text", "list", "from", "to", "date", "day", "year",
            "month", "time",
        ];
        let stem = table.stem().split_off(self.prefix);
        // `addresses.csv` tells more than its column `street`, `data.csv` less than its column `country`.
        let is_plural =
            stem.last().is_some_and(|last| words::singular(last) != *last && !GENERIC.contains(&last.as_str()));
        let is_telling = header.len() == 1 && !plain.contains(&header[0].as_str()) && !is_plural;
        words::type_name(if is_telling { &header } else { &stem }, &taken)
    }

    fn know(&mut self, i: usize, table: &Table, named: &Named) {
        let type_ = self.type_name(table, Some(named));
        self.plan
            .types
            .insert(type_.clone(), TypePlan { doc: format!("a row of {}", table.file), ..TypePlan::default() });
        self.known.0.push(KnownTable::of(i, type_, (table, named)));
    }

    /// Makes one type of the rows of several tables that list the same names under the same word: `country, population` and
    /// `country, area`.
    fn share_types(&mut self, tables: &mut [Table]) {
        for at in 1..self.known.0.len() {
            let (before, rest) = self.known.0.split_at_mut(at);
            let own = &mut rest[0];
            let word = |known: &KnownTable| {
                let Rows::Things(Named { column: Some(c), key: None, .. }) = &tables[known.table].rows_are else {
                    return None;
                };
                Some(words::parted(&tables[known.table].columns[*c].name))
            };
            let is_same = |other: &&mut KnownTable| {
                let shared = own.names.intersection(&other.names).count();
                let least = own.names.len().min(other.names.len());
                // `name` stands in all kinds of tables.
                let is_telling =
                    |word: &[String]| !word.iter().all(|word| ["name", "title", "label"].contains(&&**word));
                let alike = word(own).filter(|word| is_telling(word)).is_some_and(|own| word(other) == Some(own));
                alike && shared * 10 >= least * 7 && least > 1 && !own.is_repetitive && !other.is_repetitive
            };
            let Some(other) = before.iter_mut().find(is_same) else { continue };
            self.plan.types.shift_remove(&own.type_);
            own.type_ = other.type_.clone();
            for i in [own.table, other.table] {
                if let Rows::Things(named) = &mut tables[i].rows_are {
                    named.repeated = true;
                }
            }
        }
    }

    /// Forgets the entities of a table, and their type unless other tables list it, too.
    fn forget(&mut self, i: usize) {
        if let Some(gone) = self.known.forget(i).filter(|gone| !self.known.has_type(gone)) {
            self.plan.types.shift_remove(&gone);
        }
    }

    /// Reclassifies rows as links if they have neither a name nor a key of their own and refer to two entities.
    fn turn_into_links(&mut self, i: usize, table: &mut Table) {
        let Rows::Things(named) = &table.rows_are else { return };
        let filled = (0..table.columns.len()).filter(|c| table.columns[*c].filled > 0);
        let is_bare = named.repeated
            && named.column.is_some()
            && !table.columns.iter().any(|column| column.is_unique(table.rows.len()));
        let names_others =
            || filled.clone().count() > 1 && filled.clone().all(|c| self.known.link(table, i, c, true).is_some());
        if !is_bare && !names_others() {
            return;
        }
        let ends = filled.clone().filter(|c| self.known.link(table, i, *c, true).is_some());
        // Of several ends, two of one kind: the airports of a flight rather than its airline.
        let ends: Vec<usize> = ends.collect();
        let kind = |c: usize| self.known.link(table, i, c, true).map(|link| link.known);
        let pair = ends.iter().enumerate().find_map(|(at, from)| {
            let to = ends[at + 1..].iter().find(|to| kind(**to) == kind(*from))?;
            Some((*from, *to))
        });
        let pair = pair.or_else(|| ends.first().copied().zip(ends.get(1).copied()));
        let pair = pair.or_else(|| table.alike().filter(|_| is_bare));
        let Some((from, to)) = pair else { return };
        if is_bare && ends.len() > 1 && table.is_of_events((from, to)) {
            // What happens again and again between two things has days and numbers of its own.
            let name = format!("{} {}", words::type_name(&table.stem(), &[]), table.line());
            return self.as_observations(i, table, Named::by_template(name, None));
        }
        table.rows_are = Rows::Links(from, to);
        self.forget(i);
    }

    /// Makes each row an entity of its own if several rows tell different numbers or dates of what they name.
    fn turn_into_observations(&mut self, i: usize, table: &mut Table, is_named_elsewhere: bool) {
        let Some(observed) = table.observed(is_named_elsewhere) else { return };
        let named = match observed {
            // Of names that a few rows share, the number of the row tells which is meant.
            Observed::Rows(None) => {
                if let Rows::Things(named) = &mut table.rows_are {
                    (named.key, named.repeated) = (Some(Key::Row), false);
                }
                return;
            }
            Observed::Rows(Some(group)) => {
                Named::by_template(format!("{} {}", table.brace(group), table.line()), Some(group))
            }
            Observed::Named(group, others) => {
                let parts = std::iter::once(group).chain(others).map(|c| table.brace(c));
                Named::by_template(parts.collect::<Vec<_>>().join(" "), Some(group))
            }
        };
        self.as_observations(i, table, named);
    }

    /// Makes each row an entity of its own, of a type called by the file.
    fn as_observations(&mut self, i: usize, table: &mut Table, named: Named) {
        self.forget(i);
        let of_group = named.group.map(|group| words::type_name(&group_words(table, group), &[]));
        let taken: Vec<String> = self.plan.types.keys().cloned().chain(of_group).collect();
        let type_ = words::type_name(&table.stem(), &taken);
        let doc = format!("a row of {}", table.file);
        self.plan.types.insert(type_.clone(), TypePlan { doc, ..TypePlan::default() });
        self.known.0.push(KnownTable::of(i, type_, (table, &named)));
        table.rows_are = Rows::Things(named);
    }

    fn things(&mut self, i: usize, table: &Table, named: &Named) {
        let Some(type_) = self.known.of_table(i).map(|known| known.type_.clone()) else { return };
        let what = if named.repeated { "each name is" } else { "each row is" };
        let (a_type, key) = (words::article(&type_), table.told_apart(named));
        self.plan.decided.push(format!("{}: {what} {a_type}, called by `{}`{key}", table.file, named.name));
        let mut section = SectionPlan { table: i, ..SectionPlan::default() };
        section.fields.push(("entity", text(&type_)));
        section.fields.push(("name", text(&named.name)));
        section.fields.extend(table.key_of(named).map(|key| ("key", text(&key))));
        section.fields.extend(named.repeated.then(|| ("repeated", "true".to_string())));
        let (mut properties, mut facts) = (Vec::new(), Vec::new());
        // A key such as a code of a country says more than that it is one.
        let is_key = |c: usize| named.key == Some(Key::Column(c));
        let is_plain_key = |c: usize| is_key(c) && table.is_numbering(c) && !table.is_found_by(c);
        for (c, column) in table.columns.iter().enumerate() {
            // A day is asked as a date, too.
            let is_called = named.column == Some(c) || is_key(c) && named.name.contains(&table.brace(c));
            let is_name = (is_called || is_plain_key(c)) && !matches!(column.holds, Holds::Date(_));
            if is_name || table.is_label(c) {
                continue;
            }
            if let Some(label) = table.label_of(c) {
                self.labelled(i, table, named, &type_, (c, label));
                continue;
            }
            match self.known.link(table, i, c, false) {
                Some(link) => facts.push((c, link)),
                None if named.group == Some(c) => {
                    self.named_by_column(i, table, named, &type_, (column, &group_words(table, c)));
                }
                None if column.is_index => {
                    let words = "counts the rows, and is left out";
                    self.plan.decided.push(format!("{}: `{}` {words}", table.file, column.name));
                }
                None if column.holds == Holds::Nothing => {
                    self.plan.decided.push(format!("{}: `{}` says nothing, and is left out", table.file, column.name));
                }
                None => match self.own_type(column) {
                    true => {
                        let words = [words::own_type(&column.name).unwrap_or("Name").to_string()];
                        self.named_by_column(i, table, named, &type_, (column, &words));
                    }
                    false => {
                        let property = self.property(&table.file, &type_, column);
                        section.splits.extend(column.split.clone().map(|split| (column.name.clone(), split)));
                        properties.push(format!("{}: {}", text(&property), text(&column.name)));
                    }
                },
            }
        }
        if !properties.is_empty() {
            section.fields.push(("properties", format!("{{{}}}", properties.join(", "))));
        }
        let at = self.plan.sections.iter().position(|section| section.table == i).unwrap_or(self.plan.sections.len());
        self.plan.sections.insert(at, section);
        facts.into_iter().for_each(|(c, link)| self.fact(i, table, named, (c, &link)));
    }

    /// Returns whether a column refers to entities that no table lists.
    fn own_type(&self, column: &Column) -> bool {
        column.holds == Holds::Text && !column.is_prose && words::own_type(&column.name).is_some() && column.filled > 0
    }

    /// Adds a type for the entities that a column refers to, and a verb that leads to them.
    fn named_by_column(
        &mut self,
        i: usize,
        table: &Table,
        named: &Named,
        type_: &str,
        (column, words): (&Column, &[String]),
    ) {
        let taken: Vec<String> = self.known.0.iter().map(|known| known.type_.clone()).collect();
        let target = words::type_name(words, &taken);
        let doc = format!("what `{}` names", column.name);
        self.plan.types.entry(target.clone()).or_insert_with(|| TypePlan { doc, ..TypePlan::default() });
        let split = column.split.clone().map(|split| (column.name.clone(), split));
        self.declare_names(i, &target, column);
        let is_plain =
            words::without_key(words::parted(&column.name)) != words && words::own_type(&column.name).is_none();
        let one = words.split_last().map(|(last, first)| [first, &[words::singular(last)]].concat().join(" "));
        let header = one.filter(|_| is_plain).unwrap_or_else(|| column.name.clone());
        let verb = self.verb(&header, type_, &target);
        let a_target = words::article(&target);
        self.plan.decided.push(format!("{}: `{}` names {a_target}: {type_} {verb} {target}", table.file, column.name));
        let mut section = SectionPlan { table: i, splits: split.into_iter().collect(), ..SectionPlan::default() };
        section.fields = fact_fields(&verb, type_, &subject(table, named), &column.name);
        self.plan.sections.push(section);
    }

    /// Adds a section that links the rows of a table to the entities that a column refers to.
    fn fact(&mut self, i: usize, table: &Table, named: &Named, (c, link): (usize, &Link)) {
        let column = &table.columns[c];
        let from = self.known.of_table(i).map_or(String::new(), |known| known.type_.clone());
        let to = self.known.0[link.known].type_.clone();
        let verb = self.verb(&column.name, &from, &to);
        let a_thing = words::article(&to);
        self.plan.decided.push(format!("{}: `{}` names {a_thing}: {from} {verb} {to}", table.file, column.name));
        let mut section = SectionPlan { table: i, ..SectionPlan::default() };
        section.splits.extend(link.split.clone().map(|split| (column.name.clone(), split)));
        section.fields = fact_fields(&verb, &from, &subject(table, named), &column.name);
        self.declare(table, &column.name, link.missing, &mut section);
        self.plan.sections.push(section);
    }

    /// Declares the entities that a column names by keys, with their names in another column, and links the rows to them.
    fn labelled(&mut self, i: usize, table: &Table, named: &Named, type_: &str, (c, label): (usize, usize)) {
        let column = &table.columns[c];
        let words = words::without_key(words::parted(&column.name));
        let is_own = words::is_of_kin(&column.name)
            || self.known.link(table, i, c, false).is_some_and(|link| self.known.0[link.known].table == i);
        let target = match words::own_type(&column.name) {
            _ if is_own => type_.to_string(),
            Some(own) => own.to_string(),
            None => words::type_name(&words, &[]),
        };
        let doc = format!("what `{}` names", column.name);
        self.plan.types.entry(target.clone()).or_insert_with(|| TypePlan { doc, ..TypePlan::default() });
        self.name_by_label(i, table, &target, (c, label));
        let verb = self.verb(&column.name, type_, &target);
        let a_target = words::article(&target);
        self.plan.decided.push(format!(
            "{}: `{}` names {a_target}, called by `{}`: {type_} {verb} {target}",
            table.file, column.name, table.columns[label].name
        ));
        let mut section = SectionPlan { table: i, ..SectionPlan::default() };
        section.fields = fact_fields(&verb, type_, &subject(table, named), &column.name);
        section.fields.extend(table.has_nameless((c, label)).then(|| ("missing", "declare".to_string())));
        self.plan.sections.push(section);
    }

    /// Adds a section that declares entities by a column of keys and one of names.
    fn name_by_label(&mut self, i: usize, table: &Table, type_: &str, (key, label): (usize, usize)) {
        let mut section = SectionPlan { table: i, ..SectionPlan::default() };
        let name = |c: usize| text(&table.columns[c].name);
        section.fields =
            vec![("entity", text(type_)), ("name", name(label)), ("key", name(key)), ("repeated", "true".to_string())];
        self.plan.sections.push(section);
    }

    /// Adds a section that declares entities by a column of names.
    fn declare_names(&mut self, i: usize, type_: &str, column: &Column) {
        let splits = column.split.clone().map(|split| (column.name.clone(), split)).into_iter().collect();
        let fields = vec![("entity", text(type_)), ("name", text(&column.name)), ("repeated", "true".to_string())];
        self.plan.sections.push(SectionPlan { table: i, splits, fields });
    }

    fn declare(&mut self, table: &Table, column: &str, missing: usize, section: &mut SectionPlan) {
        if missing > 0 {
            section.fields.push(("missing", "declare".to_string()));
            let words = format!(
                "{}: {} in `{column}` {} declared nowhere; `missing: declare` does so",
                table.file,
                super::table::counted(missing, "name"),
                if missing == 1 { "is" } else { "are" }
            );
            self.plan.unsure.push(words);
        }
    }

    /// Adds a section whose rows are links.
    fn links(&mut self, i: usize, table: &Table, (mut from, mut to): (usize, usize)) {
        // In lineage the descendant is the subject.
        if words::parted(&table.columns[from].name) == ["parent"] {
            (from, to) = (to, from);
        }
        let mut found = [from, to].map(|c| self.known.link(table, i, c, true));
        if let [Some(known), None] | [None, Some(known)] = &found {
            // Both ends are mostly of one kind, even if one of them names many that the table does not list.
            let (at, known) = (usize::from(found[1].is_none()), known.known);
            found[at] = self.known.partly(table, [from, to][at], known);
        }
        let (lone, new) = (table.lone([from, to]), found.iter().any(Option::is_none).then(|| self.type_of_ends(table)));
        for (c, _) in [from, to].into_iter().zip(&found).filter(|(_, link)| link.is_none()) {
            let Some(type_) = new.clone() else { continue };
            match table.label_of(c) {
                Some(label) => self.name_by_label(i, table, &type_, (c, label)),
                // A row with one end links nothing, and yet names a thing.
                None if lone.is_some() => self.declare_names(i, &type_, &table.columns[c]),
                None => {}
            }
        }
        let types: Vec<String> = found
            .iter()
            .map(|link| match link {
                Some(link) => self.known.0[link.known].type_.clone(),
                None => new.clone().unwrap_or_default(),
            })
            .collect();
        let (header, known) = (&table.columns[to].name, ["target", "to", "dst", "object", "end", "tail"]);
        let words = words::parted(header);
        let is_plain = [words.first(), words.last()].into_iter().flatten().any(|word| known.contains(&word.as_str()));
        let verb = self.verb(if is_plain || table.is_nameless { "linked to" } else { header }, &types[0], &types[1]);
        self.plan.decided.push(format!("{}: each row is a link: {} {verb} {}", table.file, types[0], types[1]));
        let mut section = SectionPlan { table: i, ..SectionPlan::default() };
        let name = |c: usize| text(&table.columns[c].name);
        section.fields = vec![("verb", text(&verb)), ("subject", name(from)), ("object", name(to))];
        section.fields.extend(self.known.has_type(&types[0]).then(|| ("entity", text(&types[0]))));
        let split = table.columns[to].split.clone();
        section.splits.extend(split.map(|split| (table.columns[to].name.clone(), split)));
        let missing = found.iter().flatten().map(|link| link.missing).sum::<usize>();
        match new {
            Some(_) => section.fields.push(("missing", "declare".to_string())),
            None => self.declare(table, header, missing, &mut section),
        }
        self.plan.unsure.extend(lone.map(|words| format!("{}: {words}", table.file)));
        let rest = table
            .columns
            .iter()
            .enumerate()
            .filter(|(c, column)| ![from, to].contains(c) && column.filled > 0 && !table.is_label(*c));
        let note: Vec<String> =
            rest.map(|(_, column)| format!("{} {{{}}}", column.name.replace(['{', '}'], ""), column.name)).collect();
        if !note.is_empty() {
            self.plan.decided.push(format!("{}: a link has no properties: the other columns are its note", table.file));
            section.fields.push(("note", text(&note.join(", "))));
        }
        self.plan.sections.push(section);
    }

    fn type_of_ends(&mut self, table: &Table) -> String {
        let is_bare = self.known.0.is_empty() && table.labels.is_empty();
        let name = if is_bare { "Node".to_string() } else { self.type_name(table, None) };
        let doc = format!("what {} links", table.file);
        self.plan.types.entry(name.clone()).or_insert_with(|| TypePlan { doc, ..TypePlan::default() });
        name
    }

    /// Returns the verb for a column; extends its types if it exists.
    fn verb(&mut self, header: &str, from: &str, to: &str) -> String {
        let found = words::verb(header);
        if found.is_reversed
            && let Some(word) = self.reversed(&found, header, from, to)
        {
            return word;
        }
        let (word, inverse) = match header == "linked to" {
            true => (header.to_string(), None),
            // A direction that is not free must not be confused with the other.
            false if found.is_reversed => (String::new(), None),
            false => (found.word, found.inverse),
        };
        let is_taken = |plan: &Plan, word: &str| {
            plan.verbs.values().any(|verb| verb.inverse.as_deref() == Some(word)) || word == "dated"
        };
        let letters = |words: &[String]| {
            let words = words.iter().map(|word| word.chars().filter(char::is_ascii_lowercase).collect::<String>());
            words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_")
        };
        let plain = format!("has_{}", letters(&words::parted(header)).replace('_', ""));
        let longer = format!("{plain}_{}", letters(&words::parted(to)));
        let others = ('a'..='z').map(|letter| format!("{plain}_{letter}"));
        let is_free = |word: &String| {
            if word.is_empty() || self.own_verbs.contains(word) {
                return false;
            }
            let others = self.plan.verbs.get(word).map_or(&[][..], |verb| &verb.to);
            !is_taken(&self.plan, word) && others.iter().all(|other| other == to || !self.known.may_confuse(other, to))
        };
        let all = [word.clone(), plain.clone(), longer].into_iter().chain(others);
        let word = all.filter(|word| words::is_read(word)).find(is_free).unwrap_or(word);
        let inverse =
            inverse.filter(|inverse| !is_taken(&self.plan, inverse) && !self.plan.verbs.contains_key(inverse));
        self.own_verbs.push(word.clone());
        let verb = self.plan.verbs.entry(word.clone()).or_insert_with(|| VerbPlan { inverse, ..VerbPlan::default() });
        for (end, type_) in [(&mut verb.from, from), (&mut verb.to, to)] {
            if !end.iter().any(|known| known == type_) {
                end.push(type_.to_string());
            }
        }
        verb.lineage |= from == to && words::is_lineage(header);
        word
    }

    /// Returns the inverse of a verb for a column that holds its subjects; `None` if one of the words is taken.
    fn reversed(&mut self, found: &words::ColumnVerb, header: &str, from: &str, to: &str) -> Option<String> {
        let inverse = found.inverse.clone()?;
        let is_other = |verb: (&String, &VerbPlan)| {
            let is_own = *verb.0 == found.word && verb.1.inverse.as_ref() == Some(&inverse);
            !is_own
                && (*verb.0 == found.word
                    || *verb.0 == inverse
                    || verb.1.inverse.as_ref().is_some_and(|other| *other == found.word || *other == inverse))
        };
        if self.plan.verbs.iter().any(is_other) {
            return None;
        }
        let new = || VerbPlan { inverse: Some(inverse.clone()), ..VerbPlan::default() };
        let verb = self.plan.verbs.entry(found.word.clone()).or_insert_with(new);
        for (end, type_) in [(&mut verb.from, to), (&mut verb.to, from)] {
            if !end.iter().any(|known| known == type_) {
                end.push(type_.to_string());
            }
        }
        verb.lineage |= from == to && words::is_lineage(header);
        Some(inverse)
    }

    /// Returns the property of a column. One name is one property, whichever types have it.
    fn property(&mut self, file: &str, type_: &str, column: &Column) -> String {
        let value = match column.holds {
            Holds::Date(_) => "Date",
            Holds::Number(..) => "Number",
            _ => "Text",
        };
        let own = &self.plan.types[type_].properties;
        let dates =
            ["date", "publication", "published", "released", "release", "year", "dated", "created", "of", "first"];
        let thing = type_.to_lowercase();
        let is_first = value == "Date" && !own.contains_key("date");
        let is_plain = |word: &String| dates.contains(&word.as_str()) || thing.starts_with(word.as_str());
        let is_date = is_first && words::parted(&column.name).iter().all(is_plain);
        let name = if is_date { "date".to_string() } else { words::property_name(&column.name) };
        let wanted = |name: &str| {
            let verb = (name == "date" && value == "Date").then(|| "dated".to_string());
            PropertyPlan { value, verb }
        };
        let fits = |name: &String| {
            let others = self.plan.types.values().filter_map(|plan| plan.properties.get(name));
            !self.own_properties.contains(name) && others.into_iter().all(|other| *other == wanted(name))
        };
        let kind = value.to_lowercase();
        let others =
            [name.clone(), format!("{name}_{kind}")].into_iter().chain((2..).map(|i| format!("{name}_{kind}_{i}")));
        let name = others.into_iter().find(fits).unwrap_or(name);
        self.own_properties.push(name.clone());
        if let Some(plan) = self.plan.types.get_mut(type_) {
            plan.properties.insert(name.clone(), wanted(&name));
        }
        self.plan.unsure.extend(column.unsure.iter().map(|unsure| format!("{file}: {unsure}")));
        name
    }
}

/// Returns the words for the type that a column names in observations: those of the file if the column tells nothing.
fn group_words(table: &Table, group: usize) -> Vec<String> {
    let mut words = words::without_key(words::parted(&table.columns[group].name));
    if words.len() > 1 && words.last().is_some_and(|last| last == "name") {
        words.pop();
    }
    let is_plain =
        words.iter().all(|word| ["name", "title", "label", "text", "content", "id"].contains(&word.as_str()));
    if is_plain { table.stem() } else { words }
}

/// Returns the column or template by which tables of facts refer to the rows.
fn subject(table: &Table, named: &Named) -> String {
    table.key_of(named).unwrap_or(named.name.clone())
}

/// Returns a text as a RON literal.
pub fn text(words: &str) -> String {
    crate::value::ron_literal(words)
}

/// Returns the fields of a section that states facts.
fn fact_fields(verb: &str, type_: &str, subject: &str, object: &str) -> Vec<(&'static str, String)> {
    // Keys of different types may be equal, so the type of the subjects is told.
    vec![("verb", text(verb)), ("entity", text(type_)), ("subject", text(subject)), ("object", text(object))]
}
