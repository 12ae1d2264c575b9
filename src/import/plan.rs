//! Derives a schema from tables: types, verbs, and the sections that state facts.

use super::columns::{Column, Holds};
use super::table::{Named, Rows, Table};
use super::words;
use indexmap::IndexMap;
use std::collections::{BTreeMap, HashSet};

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

/// The entities of a table, as other tables may refer to them.
struct KnownTable {
    table: usize,
    type_: String,
    names: HashSet<String>,
    keys: HashSet<String>,
    key_header: String,
}

/// A column whose cells refer to the entities of a table.
struct Link {
    known: usize,
    /// The number of distinct names that are not declared.
    missing: usize,
    split: Option<String>,
}

/// Plans the graph of some tables.
pub fn plan(tables: &mut [Table]) -> Plan {
    let mut planner = Planner { plan: Plan::default(), known: Vec::new(), has_prefix: has_prefix(tables) };
    for (i, table) in tables.iter().enumerate() {
        if let Rows::Things(named) = &table.rows_are {
            planner.know(i, table, named);
        }
    }
    for (i, table) in tables.iter_mut().enumerate() {
        planner.turn_into_links(i, table);
    }
    for (i, table) in tables.iter_mut().enumerate() {
        planner.turn_into_observations(i, table);
    }
    // Declarations come before the facts that refer to them, for the reader's sake.
    for (i, table) in tables.iter().enumerate() {
        match table.rows_are.clone() {
            Rows::Things(named) => planner.things(i, table, &named),
            Rows::Links(from, to) => planner.links(i, table, (from, to)),
        }
        planner.plan.unsure.extend(table.unsure.iter().map(|unsure| format!("{}: {unsure}", table.file)));
    }
    planner.plan
}

/// Returns whether all file names begin with the same word.
fn has_prefix(tables: &[Table]) -> bool {
    let first = |table: &Table| table.stem().into_iter().next();
    tables.len() > 1 && tables.iter().all(|table| first(table) == first(&tables[0]) && table.stem().len() > 1)
}

struct Planner {
    plan: Plan,
    known: Vec<KnownTable>,
    has_prefix: bool,
}

impl Planner {
    fn type_name(&self, table: &Table, named: Option<&Named>) -> String {
        let taken: Vec<String> = self.plan.types.keys().cloned().collect();
        let header =
            named.and_then(|named| Some(words::parted(&table.columns[named.column?].name))).unwrap_or_default();
        let plain = ["name", "title", "label", "id", "key", "code", "text", "list", "from", "to"];
        let is_telling = header.len() == 1 && !plain.contains(&header[0].as_str());
        let mut stem = table.stem();
        if self.has_prefix {
            stem.remove(0);
        }
        words::type_name(if is_telling { &header } else { &stem }, &taken)
    }

    fn know(&mut self, i: usize, table: &Table, named: &Named) {
        let type_ = self.type_name(table, Some(named));
        self.plan
            .types
            .insert(type_.clone(), TypePlan { doc: format!("a row of {}", table.file), ..TypePlan::default() });
        let cells = |column: Option<usize>| -> HashSet<String> {
            let cells = column.into_iter().flat_map(|c| table.rows.iter().map(move |row| row[c].trim().to_string()));
            cells.filter(|cell| !cell.is_empty()).collect()
        };
        let key_header = named.key.map_or(String::new(), |key| words::parted(&table.columns[key].name).concat());
        self.known.push(KnownTable { table: i, type_, names: cells(named.column), keys: cells(named.key), key_header });
    }

    /// Reclassifies rows as links if they have neither a name nor a key of their own and refer to two entities.
    fn turn_into_links(&mut self, i: usize, table: &mut Table) {
        let Rows::Things(named) = &table.rows_are else { return };
        let filled = (0..table.columns.len()).filter(|c| table.columns[*c].filled > 0);
        let is_bare = named.repeated
            && named.column.is_some()
            && !table.columns.iter().any(|column| column.is_unique(table.rows.len()));
        let names_others =
            || filled.clone().count() > 1 && filled.clone().all(|c| self.link(table, i, c, true).is_some());
        if !is_bare && !names_others() {
            return;
        }
        let ends = filled.clone().filter(|c| self.link(table, i, *c, true).is_some());
        if let [from, to, ..] = ends.collect::<Vec<_>>()[..] {
            table.rows_are = Rows::Links(from, to);
            if let Some(known) = self.known.iter().position(|known| known.table == i) {
                let gone = self.known.remove(known);
                self.plan.types.shift_remove(&gone.type_);
            }
        }
    }

    /// Makes each row an entity of its own if several rows tell different numbers or dates of what they name.
    fn turn_into_observations(&mut self, i: usize, table: &mut Table) {
        let Some((group, other)) = table.observed() else { return };
        let name = [group, other].map(|c| format!("{{{}}}", table.columns[c].name)).join(" ");
        let named = Named { name, column: None, key: None, repeated: false, group: Some(group) };
        table.rows_are = Rows::Things(named);
        if let Some(known) = self.known.iter().position(|known| known.table == i) {
            let gone = self.known.remove(known);
            self.plan.types.shift_remove(&gone.type_);
        }
        let words = words::parted(&table.columns[group].name);
        let of_group = words::type_name(&words::without_key(words), &[]);
        let taken: Vec<String> = self.plan.types.keys().cloned().chain([of_group]).collect();
        let type_ = words::type_name(&table.stem(), &taken);
        let doc = format!("a row of {}", table.file);
        self.plan.types.insert(type_.clone(), TypePlan { doc, ..TypePlan::default() });
        let (names, keys) = (HashSet::new(), HashSet::new());
        self.known.push(KnownTable { table: i, type_, names, keys, key_header: String::new() });
    }

    /// Returns the table that the cells of a column refer to; `None` if they are not names of entities.
    fn link(&self, table: &Table, own: usize, c: usize, others_only: bool) -> Option<Link> {
        let column = &table.columns[c];
        if column.is_prose || column.filled == 0 || matches!(column.holds, Holds::Date(_) | Holds::Nothing) {
            return None;
        }
        let signs = [None, column.split.clone(), Some("|".to_string()), Some(";".to_string()), Some(",".to_string())];
        let is_there = |sign: &Option<String>| {
            sign.as_ref().is_none_or(|sign| table.rows.iter().any(|row| row[c].contains(sign.as_str())))
        };
        let signs = signs.into_iter().filter(is_there);
        let mut best: Option<(f64, Link)> = None;
        for sign in signs {
            let parted = Column { split: sign.clone(), ..column.clone() };
            let parts: HashSet<&str> = table.rows.iter().flat_map(|row| parted.parts(&row[c])).collect();
            for (known, target) in self.known.iter().enumerate().filter(|(_, known)| !others_only || known.table != own)
            {
                let hits =
                    parts.iter().filter(|part| target.keys.contains(**part) || target.names.contains(**part)).count();
                let share = hits as f64 / parts.len().max(1) as f64;
                if !is_likely(column, target, (share, hits), target.table == own) {
                    continue;
                }
                // Splitting cells must improve the share of matches clearly.
                let more = if sign.is_some() { 0.1 } else { 0.0 };
                if best.as_ref().is_none_or(|(other, _)| share > *other + more) {
                    best = Some((share, Link { known, missing: parts.len() - hits, split: sign.clone() }));
                }
            }
        }
        best.map(|(_, link)| link)
    }

    fn things(&mut self, i: usize, table: &Table, named: &Named) {
        let Some(type_) = self.known.iter().find(|known| known.table == i).map(|known| known.type_.clone()) else {
            return;
        };
        let what = if named.repeated { "each name is" } else { "each row is" };
        let key = named.key.map_or(String::new(), |key| format!(", told apart by `{}`", table.columns[key].name));
        let a_type = words::article(&type_);
        self.plan.decided.push(format!("{}: {what} {a_type}, called by `{}`{key}", table.file, named.name));
        let mut section = SectionPlan { table: i, ..SectionPlan::default() };
        section.fields.push(("entity", text(&type_)));
        section.fields.push(("name", text(&named.name)));
        section.fields.extend(named.key.map(|key| ("key", text(&table.columns[key].name))));
        section.fields.extend(named.repeated.then(|| ("repeated", "true".to_string())));
        let (mut properties, mut facts) = (Vec::new(), Vec::new());
        for (c, column) in table.columns.iter().enumerate() {
            let in_name =
                named.column == Some(c) || named.key == Some(c) || named.name.contains(&format!("{{{}}}", column.name));
            if in_name && !(named.column.is_none() && named.key != Some(c)) {
                continue;
            }
            match self.link(table, i, c, false) {
                Some(link) => facts.push((c, link)),
                None if named.group == Some(c) => {
                    let words = words::without_key(words::parted(&column.name));
                    self.named_by_column(i, table, named, &type_, (column, &words));
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
                        let property = self.property(&type_, column);
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
        let taken: Vec<String> = self.known.iter().map(|known| known.type_.clone()).collect();
        let target = words::type_name(words, &taken);
        let doc = format!("what `{}` names", column.name);
        self.plan.types.entry(target.clone()).or_insert_with(|| TypePlan { doc, ..TypePlan::default() });
        let split = column.split.clone().map(|split| (column.name.clone(), split));
        let mut section =
            SectionPlan { table: i, splits: split.clone().into_iter().collect(), ..SectionPlan::default() };
        section.fields =
            vec![("entity", text(&target)), ("name", text(&column.name)), ("repeated", "true".to_string())];
        self.plan.sections.push(section);
        let verb = self.verb(&column.name, type_, &target);
        let a_target = words::article(&target);
        self.plan.decided.push(format!("{}: `{}` names {a_target}: {type_} {verb} {target}", table.file, column.name));
        let mut section = SectionPlan { table: i, splits: split.into_iter().collect(), ..SectionPlan::default() };
        section.fields = fact_fields(&verb, type_, &subject(table, named), &column.name);
        self.plan.sections.push(section);
    }

    /// Adds a section that links the rows of a table to the entities that a column refers to.
    fn fact(&mut self, i: usize, table: &Table, named: &Named, (c, link): (usize, &Link)) {
        let column = &table.columns[c];
        let from = self.known.iter().find(|known| known.table == i).map_or(String::new(), |known| known.type_.clone());
        let to = self.known[link.known].type_.clone();
        let verb = self.verb(&column.name, &from, &to);
        let a_thing = words::article(&to);
        self.plan.decided.push(format!("{}: `{}` names {a_thing}: {from} {verb} {to}", table.file, column.name));
        let mut section = SectionPlan { table: i, ..SectionPlan::default() };
        section.splits.extend(link.split.clone().map(|split| (column.name.clone(), split)));
        section.fields = fact_fields(&verb, &from, &subject(table, named), &column.name);
        self.declare(table, &column.name, link.missing, &mut section);
        self.plan.sections.push(section);
    }

    fn declare(&mut self, table: &Table, column: &str, missing: usize, section: &mut SectionPlan) {
        if missing > 0 {
            section.fields.push(("missing", "declare".to_string()));
            let words = format!(
                "{}: {missing} names in `{column}` are declared nowhere; `missing: declare` does so",
                table.file
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
        let found = [from, to].map(|c| self.link(table, i, c, true));
        let new = found.iter().any(Option::is_none).then(|| self.type_of_ends(table));
        let types: Vec<String> = found
            .iter()
            .map(|link| match link {
                Some(link) => self.known[link.known].type_.clone(),
                None => new.clone().unwrap_or_default(),
            })
            .collect();
        let (header, known) = (&table.columns[to].name, ["target", "to", "dst", "object", "end", "tail"]);
        let words = words::parted(header);
        let is_plain = [words.first(), words.last()].into_iter().flatten().any(|word| known.contains(&word.as_str()));
        let verb = self.verb(if is_plain { "linked to" } else { header }, &types[0], &types[1]);
        self.plan.decided.push(format!("{}: each row is a link: {} {verb} {}", table.file, types[0], types[1]));
        let mut section = SectionPlan { table: i, ..SectionPlan::default() };
        let name = |c: usize| text(&table.columns[c].name);
        section.fields = vec![("verb", text(&verb)), ("subject", name(from)), ("object", name(to))];
        section.fields.extend(self.known_type(&types[0]).then(|| ("entity", text(&types[0]))));
        let split = table.columns[to].split.clone();
        section.splits.extend(split.map(|split| (table.columns[to].name.clone(), split)));
        let missing = found.iter().flatten().map(|link| link.missing).sum::<usize>();
        match new {
            Some(_) => section.fields.push(("missing", "declare".to_string())),
            None => self.declare(table, header, missing, &mut section),
        }
        let rest = table.columns.iter().enumerate().filter(|(c, column)| ![from, to].contains(c) && column.filled > 0);
        let note: Vec<String> = rest.map(|(_, column)| format!("{} {{{}}}", column.name, column.name)).collect();
        if !note.is_empty() && !note.iter().any(|words| words.matches('{').count() > 1) {
            self.plan.decided.push(format!("{}: a link has no properties: the other columns are its note", table.file));
            section.fields.push(("note", text(&note.join(", "))));
        }
        self.plan.sections.push(section);
    }

    /// Returns whether a table lists the entities of a type.
    fn known_type(&self, type_: &str) -> bool {
        self.known.iter().any(|known| known.type_ == type_)
    }

    /// Returns whether some word may name entities of two types, so that a column could refer to either.
    fn may_confuse(&self, a: &str, b: &str) -> bool {
        let of = |type_: &str| self.known.iter().find(|known| known.type_ == type_);
        let Some((a, b)) = of(a).zip(of(b)) else { return false };
        let words = |known: &KnownTable| known.keys.iter().chain(&known.names).cloned().collect::<HashSet<String>>();
        !words(a).is_disjoint(&words(b))
    }

    fn type_of_ends(&mut self, table: &Table) -> String {
        let name = if self.known.is_empty() { "Node".to_string() } else { self.type_name(table, None) };
        let doc = format!("what {} links", table.file);
        self.plan.types.entry(name.clone()).or_insert_with(|| TypePlan { doc, ..TypePlan::default() });
        name
    }

    /// Returns the verb for a column; extends its types if it exists.
    fn verb(&mut self, header: &str, from: &str, to: &str) -> String {
        let (word, inverse) = if header == "linked to" { (header.to_string(), None) } else { words::verb(header) };
        let is_taken = |plan: &Plan, word: &str| {
            plan.verbs.values().any(|verb| verb.inverse.as_deref() == Some(word)) || word == "dated"
        };
        let plain = format!("has_{}", words::parted(header).concat().to_lowercase());
        let longer = format!("{plain}_{}", words::parted(to).join("_"));
        let is_free = |word: &String| {
            let others = self.plan.verbs.get(word).map_or(&[][..], |verb| &verb.to);
            !is_taken(&self.plan, word) && others.iter().all(|other| other == to || !self.may_confuse(other, to))
        };
        let word = [word.clone(), plain, longer].into_iter().find(is_free).unwrap_or(word);
        let inverse =
            inverse.filter(|inverse| !is_taken(&self.plan, inverse) && !self.plan.verbs.contains_key(inverse));
        let verb = self.plan.verbs.entry(word.clone()).or_insert_with(|| VerbPlan { inverse, ..VerbPlan::default() });
        for (end, type_) in [(&mut verb.from, from), (&mut verb.to, to)] {
            if !end.iter().any(|known| known == type_) {
                end.push(type_.to_string());
            }
        }
        verb.lineage |= from == to && words::is_lineage(header);
        word
    }

    /// Returns the property of a column. One name is one property, whichever types have it.
    fn property(&mut self, type_: &str, column: &Column) -> String {
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
            !own.contains_key(name) && others.into_iter().all(|other| *other == wanted(name))
        };
        let kind = value.to_lowercase();
        let others =
            [name.clone(), format!("{name}_{kind}")].into_iter().chain((2..).map(|i| format!("{name}_{kind}_{i}")));
        let name = others.into_iter().find(fits).unwrap_or(name);
        if let Some(plan) = self.plan.types.get_mut(type_) {
            plan.properties.insert(name.clone(), wanted(&name));
        }
        self.plan.unsure.extend(column.unsure.iter().cloned());
        name
    }
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
            (share >= 0.5 && hits > 1 || share > 0.999 || share >= 0.3 && hits >= 20 || is_kin)
                && !(is_own && share > 0.999 && hits == target.names.len())
        }
    }
}

/// Returns the column or template by which tables of facts refer to the rows.
fn subject(table: &Table, named: &Named) -> String {
    named.key.map_or(named.name.clone(), |key| table.columns[key].name.clone())
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
