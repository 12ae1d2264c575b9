//! Reads rows as entities, with their aliases and values.

use super::Section;
use super::header::Header;
use super::input::{Cell, Problem, RecordBatch, Row, Tally, Unknown};
use super::rows::{ParsedBatch, Rows};
use super::scan::{TableMapping, TableScan};
use crate::graph::{EntityId, same};
use crate::load::file::Word;
use crate::load::names::fold_hash;
use crate::load::{Declared, Reading, TableFile, entities};
use crate::schema::{PropertyId, Schema, TypeId};
use crate::text::{Code, Diagnostic, Severity};
use crate::value::Value;

/// A section of entities with its columns.
struct Entities<'s> {
    rows: Rows<'s>,
    schema: &'s Schema,
    type_: TypeId,
    name: usize,
    aliases: Vec<usize>,
    key: Option<usize>,
    properties: Vec<(PropertyId, usize)>,
}

/// The entities that the rows of a batch declare.
#[derive(Default)]
struct ParsedEntities {
    entities: Vec<Entity>,
    aliases: Vec<Cell>,
    /// Each with the index of its claim in the batch.
    values: Vec<(PropertyId, Value, u32)>,
}

/// One entity of a row. Its aliases and values begin where those of the previous entity end.
struct Entity {
    place: u64,
    name: Cell,
    /// See [`fold_hash`].
    hash: u64,
    /// Empty if the section has no keys.
    key: Cell,
    aliases_end: usize,
    values_end: usize,
}

/// Returns the type of a section's entities; if there is none, adds a diagnostic.
pub(super) fn meaning(reading: &mut Reading<'_>, section: Section<'_>, type_: &Word<'_>) -> Option<TypeId> {
    entities::type_of(reading, section.part, type_)
}

/// Adds the entities of sections over one file.
pub(super) fn read(reading: &mut Reading<'_>, schema: &Schema, sections: &[(Section<'_>, TypeId)]) {
    let Some(mut pass) = sections.first().and_then(|(first, _)| TableScan::open(reading, *first)) else { return };
    let all = sections
        .iter()
        .filter_map(|(section, type_)| Entities::of(reading, schema, &mut pass.header, *section, *type_));
    let all: Vec<Entities<'_>> = all.collect();
    if let Some((first, _)) = sections.first() {
        let (name, unit) = (first.table.file.text.to_string(), pass.unit());
        reading.files.push(TableFile { name, unit });
    }
    pass.read(reading, &all);
    if let Some((first, _)) = sections.first() {
        warn_of_alike(reading, *first);
    }
}

/// Warns about names that fold alike. They are allowed in tables, since large data has many; each is then found by its
/// exact name only.
fn warn_of_alike(reading: &mut Reading<'_>, section: Section<'_>) {
    let (count, Some([name, other])) = std::mem::take(&mut reading.alike) else { return };
    let more = if count > 1 { format!(", and {} more so", count - 1) } else { String::new() };
    let message = format!("`{name}` differs from `{other}` by case, spaces or hyphens only{more}");
    let file = &section.table.file;
    let warning = Diagnostic::new(Severity::Warning, Code::DuplicateName, message);
    let warning = warning.label_in(section.part.text, file.span(section.part.text), "");
    reading.problems.push(warning.help("each is found by its exact name"));
}

impl<'s> Entities<'s> {
    fn of(
        reading: &mut Reading<'_>,
        schema: &'s Schema,
        header: &mut Header,
        section: Section<'s>,
        type_: TypeId,
    ) -> Option<Entities<'s>> {
        let table = section.table;
        let rows = Rows::of(reading, header, section);
        let name = header.name(reading, section, ("name", table.name.as_ref()));
        let mut column = |field, word| header.name(reading, section, (field, Some(word)));
        let aliases: Vec<_> = table.aliases.iter().map(|alias| column("aliases", alias)).collect();
        let key = table.key.as_ref().map(|key| column("key", key));
        let properties = properties(reading, header, section, type_);
        let aliases = aliases.into_iter().collect::<Option<_>>();
        let key = key.map_or(Some(None), |key| key.map(Some));
        Some(Entities {
            rows: rows?,
            schema,
            type_,
            name: name?,
            aliases: aliases?,
            key: key?,
            properties: properties?,
        })
    }

    /// Adds the values of a cell with their claim; usually one or none.
    fn say_values(
        &self,
        batch: &mut ParsedBatch<ParsedEntities>,
        row: Row<'_>,
        (property, column): (PropertyId, usize),
    ) {
        let declared = self.schema.property(property);
        for text in self.rows.name(row, column) {
            let Some(value) = self.rows.value(batch, row, (declared, column), text) else { continue };
            let claim = self.rows.claim(batch, row);
            batch.said.values.extend(claim.map(|claim| (property, value, claim)));
        }
    }

    /// Adds an entity with its key and its aliases.
    ///
    /// # Errors
    /// The name, an alias or the key is taken.
    fn declare<'p>(
        &self,
        reading: &mut Reading<'_>,
        page: &'p RecordBatch,
        entity: &Entity,
        aliases: impl Iterator<Item = &'p str>,
    ) -> Result<EntityId, Problem> {
        let (name, key) = (page.text(entity.name), page.text(entity.key));
        let clash = |reading: &Reading<'_>, id, word| reading.index.clash(self.schema, id, self.type_, word);
        let mut shown = None;
        if let Some((other, true)) = clash(reading, None, (name, entity.hash)) {
            let told_apart = self.tell_apart(reading, (name, key), other);
            shown = Some(told_apart.ok_or_else(|| self.taken(reading, entity, (name, "name"), other))?);
        }
        if let Some((other, false)) = clash(reading, None, (name, entity.hash)) {
            let (count, first) = &mut reading.alike;
            *count += 1;
            first.get_or_insert_with(|| [name.to_string(), reading.index.name_of(other).to_string()]);
        }
        let aliases: Vec<String> = aliases.map(str::to_string).collect();
        let id = match &shown {
            None => {
                let id = reading.builder.entity(self.type_, name, &aliases);
                reading.index.add(id, self.type_, name, entity.hash);
                id
            }
            Some(shown) => {
                let all: Vec<String> = aliases.iter().cloned().chain([name.to_string()]).collect();
                let id = reading.builder.entity(self.type_, shown, &all);
                reading.index.add(id, self.type_, shown, fold_hash(shown));
                reading.index.add_shared(id, name);
                id
            }
        };
        let file = reading.files.len().saturating_sub(1) as u32;
        reading.declared.push(Declared::Row(file, entity.place));
        for alias in &aliases {
            self.index_alias(reading, entity, id, alias)?;
        }
        if !key.is_empty() && !reading.index.add_key(id, key) {
            return Err(self.key_taken(entity, key));
        }
        Ok(id)
    }

    /// Adds the aliases of a further row of an entity; those that it has already are skipped.
    ///
    /// # Errors
    /// An alias is taken.
    fn add_aliases<'p>(
        &self,
        reading: &mut Reading<'_>,
        entity: &Entity,
        id: EntityId,
        aliases: impl Iterator<Item = &'p str>,
    ) -> Result<(), Problem> {
        for alias in aliases {
            if !reading.index.is_called(id, alias) {
                self.index_alias(reading, entity, id, alias)?;
                reading.builder.alias(id, alias);
            }
        }
        Ok(())
    }

    /// Adds an alias to the index of names.
    ///
    /// # Errors
    /// Another entity has it, and it is not a name that several entities share, told apart by their keys.
    fn index_alias(
        &self,
        reading: &mut Reading<'_>,
        entity: &Entity,
        id: EntityId,
        alias: &str,
    ) -> Result<(), Problem> {
        let taken = reading.index.clash(self.schema, Some(id), self.type_, (alias, fold_hash(alias)));
        if let Some((other, true)) = taken.filter(|_| !reading.index.is_shared(alias)) {
            return Err(self.taken(reading, entity, (alias, "alias"), other));
        }
        reading.index.add_alias(id, alias);
        Ok(())
    }

    fn key_taken(&self, entity: &Entity, key: &str) -> Problem {
        let type_ = &self.schema.type_(self.type_).name;
        let message = format!("the key `{key}` is that of a {type_} before it");
        Problem::new(entity.place, self.key.unwrap_or(self.name), message)
    }

    /// Makes the name of two entities with the same name unique by appending their keys, and returns the new name of
    /// this one. The plain name becomes an alias of both. `None` if one of them has no key, or the keys are equal.
    fn tell_apart(&self, reading: &mut Reading<'_>, (name, key): (&str, &str), other: EntityId) -> Option<String> {
        let with_key = |key: &str| format!("{name} ({key})");
        let is_free = |reading: &Reading<'_>, shown: &str| {
            reading.index.clash(self.schema, None, self.type_, (shown, fold_hash(shown))).is_none_or(|(_, same)| !same)
        };
        let shown = with_key(key);
        if key.is_empty() || !is_free(reading, &shown) {
            return None;
        }
        // The first pair with this name: the other entity still has it as its only one.
        if !reading.index.is_shared(name) {
            let other_key = reading.index.key_of(other)?.to_string();
            let other_shown = with_key(&other_key);
            if other_key == key || !same(reading.index.name_of(other), name) || !is_free(reading, &other_shown) {
                return None;
            }
            reading.builder.rename(other, &other_shown);
            reading.index.rename(other, name, &other_shown);
        }
        Some(shown)
    }

    /// Returns the problem of a name or alias that another entity has, with that entity's place.
    fn taken(&self, reading: &Reading<'_>, entity: &Entity, (word, kind): (&str, &str), other: EntityId) -> Problem {
        let (name, type_) = (reading.index.name_of(other), &self.schema.type_(self.type_).name);
        let place = reading.where_declared(other);
        let message = match (kind, same(name, word)) {
            ("name", true) => format!("two entities are called `{word}`; the first is in {place}"),
            (_, true) => format!("the {kind} `{word}` is the name of another entity, in {place}"),
            (_, false) => format!("the {kind} `{word}` is an alias of `{name}`, in {place}"),
        };
        let help = format!("a {type_} is told apart by its name: add something to one of them, or leave one out");
        Problem { help: vec![help], ..Problem::new(entity.place, self.name, message) }
    }
}

impl TableMapping for Entities<'_> {
    type Parsed = ParsedEntities;

    fn rows(&self) -> &Rows<'_> {
        &self.rows
    }

    /// Reads the entities of a row; usually one.
    fn parse_row(&self, batch: &mut ParsedBatch<ParsedEntities>, row: Row<'_>) {
        let before = batch.said.entities.len();
        // If there are alias columns, `split` without a column applies to them and not to names.
        let whole = self.rows.name(row, self.name);
        let names = if self.aliases.is_empty() { self.rows.names(row, self.name) } else { whole };
        for name in names {
            for column in &self.aliases {
                let aliases = self.rows.names(row, *column).filter(|alias| *alias != name);
                batch.said.aliases.extend(aliases.map(|alias| row.cell(alias)));
            }
            for property in &self.properties {
                self.say_values(batch, row, *property);
            }
            batch.said.entities.push(Entity {
                place: row.place(),
                name: row.cell(name),
                hash: fold_hash(name),
                key: self.key.map_or(Cell::default(), |column| row.cell(row.get(column).trim())),
                aliases_end: batch.said.aliases.len(),
                values_end: batch.said.values.len(),
            });
        }
        if batch.said.entities.len() == before && !self.rows.section.table.repeated && !row.is_empty() {
            batch.bad(row, self.name, "an entity without a name");
        }
    }

    /// Adds entities, or values to entities that exist already.
    fn add(
        &self,
        reading: &mut Reading<'_>,
        (page, _): (&RecordBatch, &mut Tally),
        said: ParsedEntities,
        claims: &[u32],
    ) -> Vec<Problem> {
        let (mut problems, mut values, mut aliases) = (Vec::new(), said.values.into_iter(), 0);
        let mut values_taken = 0;
        for entity in &said.entities {
            let name = page.text(entity.name);
            let is_repeated = self.rows.section.table.repeated;
            let key = page.text(entity.key);
            let known = is_repeated.then(|| match key.is_empty() {
                true => reading.index.named(self.type_, name, entity.hash),
                false => reading.index.keyed(self.type_, key),
            });
            let known = known.flatten();
            let own = said.aliases[aliases..entity.aliases_end].iter().map(|alias| page.text(*alias));
            let id = match known {
                Some(id) => self.add_aliases(reading, entity, id, own).map(|()| id),
                None => self.declare(reading, page, entity, own),
            };
            let own = values.by_ref().take(entity.values_end - values_taken);
            (aliases, values_taken) = (entity.aliases_end, entity.values_end);
            match id {
                Ok(id) => own.for_each(|(property, value, claim)| {
                    reading.builder.value(id, property, value, claims.get(claim as usize).copied());
                }),
                Err(problem) => {
                    // The iterator is shared, so the values of a dropped entity must be skipped.
                    own.for_each(drop);
                    [name, page.text(entity.key)].into_iter().for_each(|word| reading.index.refuse(word));
                    problems.push(problem);
                }
            }
        }
        problems
    }

    fn kind(&self) -> &'static str {
        "entities"
    }

    fn refuse(reading: &mut Reading<'_>, words: &mut Vec<String>) {
        words.drain(..).for_each(|word| reading.index.refuse(&word));
    }

    fn unknown(&self, _: Row<'_>) -> Vec<Problem> {
        Vec::new()
    }

    fn nearest(&self, _: &Unknown) -> Vec<String> {
        Vec::new()
    }
}

/// Returns property and column of each entry of `properties`.
fn properties(
    reading: &mut Reading<'_>,
    header: &mut Header,
    section: Section<'_>,
    type_: TypeId,
) -> Option<Vec<(PropertyId, usize)>> {
    let mut found = Vec::new();
    for (property, word) in &section.table.properties.0 {
        let schema = &reading.builder.schema;
        let id = schema.lookup_property(&property.text).filter(|id| schema.property(*id).of.contains(type_));
        if id.is_none() {
            let problem = entities::unknown_property(schema, section.part, type_, property);
            reading.problems.push(problem);
        }
        let column = header.column(reading, section, ("properties", Some(word)));
        found.push(id.zip(column));
    }
    found.into_iter().collect()
}
