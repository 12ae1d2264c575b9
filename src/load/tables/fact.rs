//! Reads rows as facts: links between entities, or values of a property that has a verb.

use super::Section;
use super::header::Header;
use super::input::{Problem, RecordBatch, Row, Tally, Tolerance, Unknown};
use super::rows::{ParsedBatch, Rows};
use super::scan::{TableMapping, TableScan};
use crate::graph::EntityId;
use crate::load::file::{Missing, Word};
use crate::load::names::Candidates;
use crate::load::sentence::Names;
use crate::load::{Reading, entities, error, undeclared};
use crate::schema::{self, PropertyId, Schema, TypeId, TypeSet, VerbId};
use crate::text::{Code, suggest};
use crate::value::Value;

/// How a row maps to a fact.
#[derive(Clone, Copy)]
pub(super) enum FactMapping {
    Link(VerbId),
    /// By the verb's inverse: the object column holds the subject of the fact.
    Inverse(VerbId),
    Value(PropertyId),
}

/// The maximum number of names that are compared for suggestions, which costs a pass over all of them.
const MOST_COMPARED: usize = 200_000;

/// A section of facts with its columns.
struct Facts<'s> {
    rows: Rows<'s>,
    names: Names<'s>,
    saying: FactMapping,
    subject: usize,
    object: usize,
    /// The types allowed in the column of subjects and in that of objects.
    ends: (TypeSet, TypeSet),
}

/// The facts of a batch, each with the index of its claim in the batch.
#[derive(Default)]
struct ParsedFacts {
    /// Subject, object and claim.
    links: Vec<[u32; 3]>,
    values: Vec<(EntityId, Value, u32)>,
}

impl FactMapping {
    /// Returns whether both state facts of the same verb or property.
    pub fn is_like(self, other: FactMapping) -> bool {
        match (self, other) {
            (FactMapping::Value(a), FactMapping::Value(b)) => a == b,
            (FactMapping::Link(a) | FactMapping::Inverse(a), FactMapping::Link(b) | FactMapping::Inverse(b)) => a == b,
            _ => false,
        }
    }

    /// Returns the first type that the schema allows at each end; that of the object is `None` for a property.
    pub fn first_types(self, schema: &Schema) -> (Option<TypeId>, Option<TypeId>) {
        let first = |types: TypeSet| {
            types.iter().find(|id| schema.type_(*id).parent.is_none_or(|parent| !types.contains(parent)))
        };
        let (from, to) = self.ends(schema);
        (first(from), first(to))
    }

    /// Returns the types allowed in the column of subjects and in that of objects.
    pub fn ends(self, schema: &Schema) -> (TypeSet, TypeSet) {
        match self {
            FactMapping::Link(verb) => (schema.verb(verb).from, schema.verb(verb).to),
            FactMapping::Inverse(verb) => (schema.verb(verb).to, schema.verb(verb).from),
            FactMapping::Value(property) => (schema.property(property).of, TypeSet::NONE),
        }
    }
}

/// Returns the meaning of a section's verb; if there is none, adds a diagnostic.
pub(super) fn meaning(reading: &mut Reading<'_>, section: Section<'_>, verb: &Word<'_>) -> Option<FactMapping> {
    match reading.builder.schema.lookup_word(&verb.text) {
        Some(schema::Word::Verb { verb, inverse: false }) => Some(FactMapping::Link(verb)),
        Some(schema::Word::Verb { verb, inverse: true }) => Some(FactMapping::Inverse(verb)),
        Some(schema::Word::Property(property)) => Some(FactMapping::Value(property)),
        None => {
            let problem = undeclared(section.part.text, verb, "verb", reading.builder.schema.words());
            reading.problems.push(problem);
            None
        }
    }
}

/// Adds the facts of sections over one file.
pub(super) fn read(reading: &mut Reading<'_>, names: Names<'_>, sections: &[(Section<'_>, FactMapping)]) {
    let Some(mut pass) = sections.first().and_then(|(first, _)| TableScan::open(reading, *first)) else { return };
    let all =
        sections.iter().filter_map(|(section, saying)| Facts::of(reading, names, &mut pass.header, *section, *saying));
    let all: Vec<Facts<'_>> = all.collect();
    pass.read(reading, &all);
}

/// Restricts the types of subjects to the section's type; if they do not overlap, adds a diagnostic and returns `None`.
fn narrowed(reading: &mut Reading<'_>, section: Section<'_>, type_: &Word<'_>, from: TypeSet) -> Option<TypeSet> {
    let id = entities::type_of(reading, section.part, type_)?;
    let schema = &reading.builder.schema;
    let narrowed = from.and(schema.type_(id).subtypes);
    if narrowed.is_empty() {
        let message = format!("here a {} is wanted", schema.type_names(from));
        reading.problems.push(error(section.part.text, type_, Code::WrongType, message));
        return None;
    }
    Some(narrowed)
}

impl<'s> Facts<'s> {
    fn of(
        reading: &mut Reading<'_>,
        names: Names<'s>,
        header: &mut Header,
        section: Section<'s>,
        saying: FactMapping,
    ) -> Option<Facts<'s>> {
        let table = section.table;
        let rows = Rows::of(reading, header, section);
        let subject = header.name(reading, section, ("subject", table.subject.as_ref()));
        let object = header.name(reading, section, ("object", table.object.as_ref()));
        let (from, to) = saying.ends(names.schema);
        let from = table.entity.as_ref().map_or(Some(from), |type_| narrowed(reading, section, type_, from));
        Some(Facts { rows: rows?, names, saying, subject: subject?, object: object?, ends: (from?, to) })
    }

    /// Adds one fact; reports a problem if the object is not an entity of the right type or a value of the property.
    fn say_fact(
        &self,
        batch: &mut ParsedBatch<ParsedFacts>,
        row: Row<'_>,
        (subject, object): (EntityId, &str),
        claim: u32,
    ) {
        if let FactMapping::Value(property) = self.saying {
            let declared = self.names.schema.property(property);
            let value = self.rows.value(batch, row, (declared, self.object), object);
            return batch.said.values.extend(value.map(|value| (subject, value, claim)));
        }
        let Some(object) = self.end(batch, row, (self.object, object, self.ends.1)) else { return };
        batch.said.links.push(match self.saying {
            FactMapping::Inverse(_) => [object.0, subject.0, claim],
            _ => [subject.0, object.0, claim],
        });
    }

    /// Returns the entity that a cell names; if there is none, reports a problem or counts a skipped row, and returns
    /// `None`.
    fn end(
        &self,
        batch: &mut ParsedBatch<ParsedFacts>,
        row: Row<'_>,
        (column, name, types): (usize, &str, TypeSet),
    ) -> Option<EntityId> {
        match self.entity(name, types) {
            Ok(id) => return Some(id),
            // Only names that nothing bears are skipped: one of a wrong type, or of several entities, is a mistake.
            Err(Some(problem)) if problem.unknown.is_some() && self.rows.section.table.missing == Missing::Skip => {
                batch.tally.add(Tolerance::Missing, row.place());
            }
            Err(problem) => {
                let at = problem.map(|problem| Problem { place: row.place(), column, ..problem });
                at.into_iter().for_each(|problem| batch.report(row, problem));
            }
        }
        None
    }

    /// Returns the only entity of these types with this key or name. `Err(None)` if the row that would declare it was
    /// dropped, which has been reported.
    fn entity(&self, name: &str, types: TypeSet) -> Result<EntityId, Option<Problem>> {
        let Names { index, schema } = self.names;
        let found = index.lookup_key(name, types);
        let all = found.as_slice().iter().map(|id| EntityId(*id));
        let mut fitting = all.filter(|id| types.contains(index.type_of(*id)));
        let message = match (fitting.next(), fitting.next()) {
            (Some(id), None) => return Ok(id),
            _ if index.is_refused(name) => return Err(None),
            (Some(_), Some(_)) => format!("`{name}` fits several entities"),
            (None, _) if found == Candidates::None => {
                let unknown = Some(Box::new(Unknown::Entity(name.to_string(), types)));
                let problem = Problem::new(0, self.object, format!("no entity is called `{name}`"));
                return Err(Some(Problem { unknown, ..problem }));
            }
            (None, _) => format!("`{name}` is no {}", schema.type_names(types)),
        };
        Err(Some(Problem::new(0, self.object, message)))
    }
}

impl TableMapping for Facts<'_> {
    type Parsed = ParsedFacts;

    fn rows(&self) -> &Rows<'_> {
        &self.rows
    }

    /// Reads the facts of a row: one; none if a cell is empty; several if the section splits cells.
    fn parse_row(&self, batch: &mut ParsedBatch<ParsedFacts>, row: Row<'_>) {
        // A row without an object states nothing, so that its subject is not checked.
        if self.rows.names(row, self.object).next().is_none() {
            return;
        }
        let mut subjects = self.rows.name(row, self.subject).peekable();
        if subjects.peek().is_none() {
            let message = "a row without a subject says nothing";
            return batch.report(row, Problem::warning(row.place(), self.subject, message));
        }
        for name in subjects {
            let Some(subject) = self.end(batch, row, (self.subject, name, self.ends.0)) else { continue };
            let Some(claim) = self.rows.claim(batch, row) else { return };
            for object in self.rows.names(row, self.object) {
                self.say_fact(batch, row, (subject, object), claim);
            }
        }
    }

    fn add(
        &self,
        reading: &mut Reading<'_>,
        _: (&RecordBatch, &mut Tally),
        said: ParsedFacts,
        claims: &[u32],
    ) -> Vec<Problem> {
        let number = |claim: u32| claims.get(claim as usize).copied();
        match self.saying {
            FactMapping::Link(verb) | FactMapping::Inverse(verb) => {
                for [subject, object, claim] in said.links {
                    reading.builder.link(EntityId(subject), verb, EntityId(object), number(claim));
                }
            }
            FactMapping::Value(property) => {
                for (subject, value, claim) in said.values {
                    reading.builder.value(subject, property, value, number(claim));
                }
            }
        }
        Vec::new()
    }

    fn kind(&self) -> &'static str {
        "facts"
    }

    fn refuse(_: &mut Reading<'_>, words: &mut Vec<String>) {
        words.clear();
    }

    fn unknown(&self, row: Row<'_>) -> Vec<Problem> {
        let subject = std::iter::once((self.subject, row.get(self.subject).trim(), self.ends.0));
        let is_link = !matches!(self.saying, FactMapping::Value(_));
        let objects = self.rows.names(row, self.object).filter(|_| is_link);
        let all =
            subject.chain(objects.map(|name| (self.object, name, self.ends.1))).filter(|(_, name, _)| !name.is_empty());
        let unknown = all.filter_map(|(column, name, types)| {
            let problem = self.entity(name, types).err().flatten()?;
            problem.unknown.is_some().then_some(Problem { place: row.place(), column, ..problem })
        });
        unknown.collect()
    }

    fn nearest(&self, word: &Unknown) -> Vec<String> {
        let Unknown::Entity(word, types) = word else { return Vec::new() };
        if self.names.index.len() > MOST_COMPARED {
            return Vec::new();
        }
        let fitting = self.names.index.words().filter(|(_, type_)| types.contains(*type_));
        suggest::nearest(word, fitting.map(|(name, _)| name)).into_iter().map(str::to_string).collect()
    }
}
