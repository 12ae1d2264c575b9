//! From facts in any order to a [`Graph`].

use super::number::{self, Entities};
use super::sort::{Stated, merge, relation};
use super::{Column, EntityId, Graph, Interner, Source, SourceId, Trust, ValueColumn, Values, settle};
use crate::schema::{PropertyId, Schema, TypeId, TypeSet, VerbId};
use crate::value::{Date, Value, ValueType, natural};
use std::cmp::Ordering;
use std::ops::Range;

/// Stands for no claim where claims are numbers.
pub(super) const NO_CLAIM: u32 = u32::MAX;

/// Collects entities, claims and facts; [`Builder::finish`] numbers and sorts them.
///
/// The ids it hands out are provisional: they are good for this builder only. Nothing is checked here but that ids are
/// this builder's and values of their property's type; what breaks that is left out.
#[derive(Debug, Default)]
pub struct Builder {
    pub schema: Schema,
    entities: Entities,
    claims: ClaimColumns,
    texts: Interner,
    /// By verb: subject, object, claim.
    links: Vec<Vec<[u32; 3]>>,
    /// By property: its values, in the order given.
    values: Vec<Vec<Value>>,
    /// By property: subject, position in `values`, claim.
    stated: Vec<Vec<[u32; 3]>>,
    defines: Vec<String>,
}

/// A claim to be stored. Empty texts are absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClaimSource {
    /// `None` is an unnamed source, added when it is first needed.
    pub source: Option<SourceId>,
    pub at: String,
    pub trust: Trust,
    pub quote: String,
    pub note: String,
    pub date: Option<Date>,
}

/// Claims by column, while they grow.
#[derive(Debug, Default)]
struct ClaimColumns {
    sources: Vec<Source>,
    source: Vec<u16>,
    trust: Vec<u8>,
    words: Vec<[u32; 3]>,
    date: Vec<Date>,
}

impl Builder {
    pub fn new(schema: Schema) -> Builder {
        let links = vec![Vec::new(); schema.verbs().len()];
        let values = vec![Vec::new(); schema.properties().len()];
        let stated = vec![Vec::new(); schema.properties().len()];
        Builder { schema, links, values, stated, ..Builder::default() }
    }

    /// Adds a source. There may be 65,535; more share the last number.
    pub fn source(&mut self, source: Source) -> SourceId {
        let id = self.claims.sources.len().min(u16::MAX as usize);
        if id < u16::MAX as usize {
            self.claims.sources.push(source);
        }
        SourceId(id.min(self.claims.sources.len().saturating_sub(1)) as u16)
    }

    /// Adds an entity. Two of one name stay two; their order is that of insertion.
    pub fn entity(&mut self, type_: TypeId, name: &str, aliases: &[String]) -> EntityId {
        self.entities.add(type_, name, aliases)
    }

    /// The number of a new claim, for [`Builder::link`] and [`Builder::value`].
    pub fn claim(&mut self, claim: ClaimSource) -> u32 {
        let source = claim.source.unwrap_or_else(|| self.unnamed_source());
        self.claims.source.push(source.0);
        self.claims.trust.push(claim.trust as u8);
        self.claims.words.push([&claim.at, &claim.quote, &claim.note].map(|text| self.texts.intern(text)));
        self.claims.date.push(claim.date.unwrap_or(Date::UNDATED));
        self.claims.source.len() as u32 - 1
    }

    fn unnamed_source(&mut self) -> SourceId {
        match self.claims.sources.iter().position(|source| source.key.is_empty()) {
            Some(i) => SourceId(i as u16),
            None => self.source(Source::default()),
        }
    }

    /// States a fact; the same fact of another claim adds a citation.
    pub fn link(&mut self, subject: EntityId, verb: VerbId, object: EntityId, claim: Option<u32>) {
        if let Some(links) = self.links.get_mut(verb.0 as usize) {
            links.push([subject.0, object.0, claim.unwrap_or(NO_CLAIM)]);
        }
    }

    /// States a value; the value's type must be the property's.
    pub fn value(&mut self, subject: EntityId, property: PropertyId, value: Value, claim: Option<u32>) {
        let i = property.0 as usize;
        if let Some(stated) = self.stated.get_mut(i) {
            stated.push([subject.0, self.values[i].len() as u32, claim.unwrap_or(NO_CLAIM)]);
            self.values[i].push(value);
        }
    }

    /// A definition that comes with the graph.
    pub fn define(&mut self, text: String) {
        self.defines.push(text);
    }

    /// How many entities there are so far.
    pub fn entity_count(&self) -> usize {
        self.entities.len()
    }

    /// Numbers entities by type and natural name order, sorts facts, settles dates. Linear in the facts, and
    /// n log n in the entities.
    pub fn finish(self) -> Graph {
        self.finish_with_ids().0
    }

    /// The same, with the final id of each entity by its provisional one.
    pub fn finish_with_ids(mut self) -> (Graph, Vec<EntityId>) {
        let order = self.entities.order();
        let rank = number::ranks(&order);
        let type_starts = self.entities.type_starts(self.schema.types().len());
        let names = self.entities.names(&order);
        let mut graph = Graph { type_starts, names, ..Graph::default() };
        let mut facts = FactClaims::default();
        self.add_relations(&mut graph, &rank, &mut facts);
        self.add_values(&mut graph, &rank, &mut facts);
        graph.claims = self.claims.finish(self.texts, facts);
        graph.schema = self.schema;
        graph.defines = self.defines;
        graph.share_texts();
        settle::settle(&mut graph);
        (graph, rank.into_iter().map(EntityId).collect())
    }

    fn add_relations(&mut self, graph: &mut Graph, rank: &[u32], facts: &mut FactClaims) {
        let verbs: Vec<(TypeSet, TypeSet)> = self.schema.verbs().map(|(_, verb)| (verb.from, verb.to)).collect();
        for (links, (from, to)) in std::mem::take(&mut self.links).into_iter().zip(verbs) {
            let stated = Stated::new(links, rank);
            let ends = (stated.subjects(hull(graph, from)), stated.objects(hull(graph, to)));
            graph.relations.push(relation(stated, ends, &self.claims.trust, facts));
        }
    }

    fn add_values(&mut self, graph: &mut Graph, rank: &[u32], facts: &mut FactClaims) {
        for (id, property) in self.schema.properties() {
            let i = id.0 as usize;
            let (given, rows) = (std::mem::take(&mut self.values[i]), std::mem::take(&mut self.stated[i]));
            let kept = rows.into_iter().filter(|row| is_of(&given[row[1] as usize], property.value)).collect();
            let mut stated = Stated::of_values(kept, rank);
            let range = stated.subjects(hull(graph, property.of));
            stated.sort_by_subject(&range);
            stated.sort_rows(|a, b| compare(&given[a as usize], &given[b as usize]));
            let first_fact = facts.len();
            let merged =
                merge(&stated, &range, |a, b| given[a as usize] == given[b as usize], &self.claims.trust, facts);
            let column = column(property.value, merged.second.iter().map(|i| &given[*i as usize]), &mut self.texts);
            let values = Values {
                base: range.start,
                offsets: merged.offsets.into(),
                stated: column,
                first_fact,
                ..Values::default()
            };
            graph.values.push(values);
        }
    }
}

/// The smallest range of ids that holds the entities of these types.
fn hull(graph: &Graph, types: TypeSet) -> Range<u32> {
    let ranges = graph.ranges(types);
    match (ranges.first(), ranges.last()) {
        (Some(first), Some(last)) => first.start..last.end,
        _ => 0..0,
    }
}

fn is_of(value: &Value, type_: ValueType) -> bool {
    match value {
        Value::Date(_) => type_ == ValueType::Date,
        Value::Number(_) => type_ == ValueType::Number,
        Value::Text(_) => type_ == ValueType::Text,
        _ => false,
    }
}

/// A total order of the values of one type, in which equal ones lie side by side.
fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Date(a), Value::Date(b)) if a == b => Ordering::Equal,
        (Value::Date(a), Value::Date(b)) => {
            a.sort_key().cmp(&b.sort_key()).then_with(|| a.to_string().cmp(&b.to_string()))
        }
        (Value::Number(a), Value::Number(b)) => a.total_cmp(b),
        (Value::Text(a), Value::Text(b)) => natural(a, b),
        _ => Ordering::Equal,
    }
}

fn column<'v>(type_: ValueType, values: impl Iterator<Item = &'v Value>, texts: &mut Interner) -> ValueColumn {
    match type_ {
        ValueType::Date => ValueColumn::Dates(values.filter_map(as_date).collect::<Vec<_>>().into()),
        ValueType::Number => ValueColumn::Numbers(values.filter_map(as_number).collect::<Vec<_>>().into()),
        ValueType::Text => {
            let positions = values.filter_map(as_text).map(|text| texts.intern(text));
            ValueColumn::Texts(positions.collect::<Vec<_>>().into(), super::Texts::default())
        }
    }
}

fn as_date(value: &Value) -> Option<Date> {
    if let Value::Date(date) = value { Some(*date) } else { None }
}

fn as_number(value: &Value) -> Option<f64> {
    if let Value::Number(number) = value { Some(*number) } else { None }
}

fn as_text(value: &Value) -> Option<&str> {
    if let Value::Text(text) = value { Some(text) } else { None }
}

impl ClaimColumns {
    fn finish(self, texts: Interner, facts: FactClaims) -> super::Claims {
        super::Claims {
            sources: self.sources,
            source: self.source.into(),
            trust: self.trust.into(),
            words: self.words.into(),
            date: self.date.into(),
            texts: texts.finish(),
            offsets: if facts.claims.is_empty() { Column::default() } else { facts.offsets.into() },
            of_facts: facts.claims.into(),
        }
    }
}

/// The claims of the facts, fact by fact, while they grow.
#[derive(Debug)]
pub(super) struct FactClaims {
    offsets: Vec<u32>,
    claims: Vec<u32>,
}

impl Default for FactClaims {
    fn default() -> FactClaims {
        FactClaims { offsets: vec![0], claims: Vec::new() }
    }
}

impl FactClaims {
    /// How many facts have been closed: the id of the next.
    pub fn len(&self) -> u32 {
        self.offsets.len() as u32 - 1
    }

    /// Adds a claim to the fact that is open.
    pub fn add(&mut self, claim: u32) {
        if claim != NO_CLAIM {
            self.claims.push(claim);
        }
    }

    /// Ends the open fact: its claims in the order given, each once. Whether there are any, and all are doubtful.
    pub fn close(&mut self, trust: &[u8]) -> bool {
        let start = self.offsets.last().map_or(0, |offset| *offset as usize);
        if self.claims.len() - start > 1 {
            let mut claims = self.claims.split_off(start);
            claims.sort_unstable();
            claims.dedup();
            self.claims.append(&mut claims);
        }
        let claims = &self.claims[start..];
        let is_doubtful = |claim: &u32| trust.get(*claim as usize) == Some(&(Trust::Doubtful as u8));
        let doubtful = !claims.is_empty() && claims.iter().all(is_doubtful);
        self.offsets.push(self.claims.len() as u32);
        doubtful
    }
}
