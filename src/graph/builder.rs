//! Construction of a [`Graph`] from facts in any order.

use super::citations::{Citations, NO_CLAIM};
use super::number::{self, Entities};
use super::sort::{RawFacts, merge, relation};
use super::{EntityId, FactId, Graph, Interner, Relation, Source, SourceId, Trust, ValueColumn, Values, date_bounds};
use crate::schema::{Property, PropertyId, Schema, TypeId, TypeSet, Verb, VerbId};
use crate::threads;
use crate::value::{Date, Id, Value, ValueType, natural, too_many};
use std::cmp::Ordering;
use std::ops::Range;

/// Collects entities, claims and facts; [`Builder::finish`] numbers and sorts them.
///
/// Its ids are provisional and valid only for this builder. The only checks are that ids belong to the builder and that
/// values have the type of their property; facts that violate this are left out.
#[derive(Debug, Default)]
pub struct Builder {
    pub schema: Schema,
    entities: Entities,
    pub(super) claims: ClaimColumns,
    pub(super) texts: Interner,
    /// Per verb: rows of subject, object and claim.
    pub(super) links: Vec<Vec<[u32; 3]>>,
    /// Per property: its values, in insertion order.
    pub(super) values: Vec<Vec<Value>>,
    /// Per property: rows of subject, position in `values` and claim.
    pub(super) stated: Vec<Vec<[u32; 3]>>,
    defines: Vec<String>,
    /// Number of names and aliases, and number of statements.
    words: usize,
    statements: usize,
    /// Total length of the text values.
    text_bytes: usize,
    full: Option<String>,
}

/// Maximum of things that are numbered with 32 bits but have no id type of their own.
const MOST: usize = u32::MAX as usize - 1;

/// A claim to be stored. Empty texts are absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClaimSource {
    /// Source of the claim; `None` is the unnamed source, which is added on first use.
    pub source: Option<SourceId>,
    pub at: String,
    pub trust: Trust,
    pub quote: String,
    pub note: String,
    pub date: Option<Date>,
}

/// Claims in columns, while they grow.
#[derive(Debug, Default)]
pub(super) struct ClaimColumns {
    sources: Vec<Source>,
    source: Vec<u32>,
    pub(super) trust: Vec<u8>,
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

    /// Returns what exceeded its numbering, such as `more than 65,535 verbs`; `None` if nothing did. The excess has
    /// been left out, so the graph must not be used.
    pub fn too_many(&self) -> Option<&str> {
        self.full.as_deref()
    }

    /// Returns true if there is room for more; records the kind otherwise.
    fn has_room(&mut self, count: usize, most: usize, kind: &str) -> bool {
        let fits = count < most;
        if !fits && self.full.is_none() {
            self.full = Some(too_many(most, kind));
        }
        fits
    }

    /// Adds a source.
    pub fn source(&mut self, source: Source) -> SourceId {
        let id = SourceId::new(self.claims.sources.len());
        if id.is_some() {
            self.claims.sources.push(source);
        } else {
            self.full.get_or_insert_with(SourceId::too_many);
        }
        id.unwrap_or(SourceId(0))
    }

    /// Adds an entity. Entities with equal names stay distinct, in insertion order.
    pub fn entity(&mut self, type_: TypeId, name: &str, aliases: &[String]) -> EntityId {
        let id = EntityId::new(self.entities.len());
        let bytes = self.entities.bytes() + name.len() + aliases.iter().map(String::len).sum::<usize>();
        self.words += 1 + aliases.len();
        if id.is_none() {
            self.full.get_or_insert_with(EntityId::too_many);
        } else if self.has_room(self.words, MOST, "names and aliases") && self.has_room(bytes, MOST, "bytes of names") {
            return self.entities.add(type_, name, aliases);
        }
        EntityId(0)
    }

    /// Adds an alias to an entity.
    pub fn alias(&mut self, id: EntityId, alias: &str) {
        self.words += 1;
        let bytes = self.entities.bytes() + alias.len();
        if self.has_room(self.words, MOST, "names and aliases") && self.has_room(bytes, MOST, "bytes of names") {
            self.entities.add_alias(id, alias);
        }
    }

    /// Renames an entity; its current name becomes an alias.
    pub fn rename(&mut self, id: EntityId, name: &str) {
        self.words += 1;
        let bytes = self.entities.bytes() + name.len();
        if self.has_room(self.words, MOST, "names and aliases") && self.has_room(bytes, MOST, "bytes of names") {
            self.entities.rename(id, name);
        }
    }

    /// Adds a claim; returns its number, for [`Builder::link`] and [`Builder::value`].
    pub fn claim(&mut self, claim: ClaimSource) -> u32 {
        // A claim has three texts, each of which may be new.
        let bytes = self.texts.bytes() + claim.at.len() + claim.quote.len() + claim.note.len();
        let has_room = self.has_room(self.claims.source.len(), MOST, "claims")
            && self.has_room(self.texts.len() + 3, MOST, "texts of claims")
            && self.has_room(bytes, MOST, "bytes of texts");
        if !has_room {
            return 0;
        }
        let source = claim.source.unwrap_or_else(|| self.unnamed_source());
        self.claims.source.push(source.0);
        self.claims.trust.push(claim.trust as u8);
        self.claims.words.push([&claim.at, &claim.quote, &claim.note].map(|text| self.texts.intern(text)));
        self.claims.date.push(claim.date.unwrap_or(Date::UNDATED));
        // Its number fits, by the check above.
        u32::try_from(self.claims.source.len() - 1).unwrap_or(0)
    }

    fn unnamed_source(&mut self) -> SourceId {
        match self.claims.sources.iter().position(|source| source.key.is_empty()) {
            Some(i) => SourceId::new(i).unwrap_or(SourceId(0)),
            None => self.source(Source::default()),
        }
    }

    /// States a fact. Stating it again with another claim adds a citation.
    pub fn link(&mut self, subject: EntityId, verb: VerbId, object: EntityId, claim: Option<u32>) {
        if !self.has_room(self.statements, FactId::MOST, FactId::KIND) {
            return;
        }
        self.statements += 1;
        if let Some(links) = self.links.get_mut(verb.0 as usize) {
            links.push([subject.0, object.0, claim.unwrap_or(NO_CLAIM)]);
        }
    }

    /// States a value, which must have the type of the property.
    pub fn value(&mut self, subject: EntityId, property: PropertyId, value: Value, claim: Option<u32>) {
        let i = property.0 as usize;
        if let Value::Text(text) = &value {
            self.text_bytes += text.len();
        }
        let has_room = self.has_room(self.statements, FactId::MOST, FactId::KIND)
            && self.has_room(self.texts.bytes() + self.text_bytes, MOST, "bytes of texts");
        let Some(position) = self.values.get(i).and_then(|values| u32::try_from(values.len()).ok()) else { return };
        if has_room && let Some(stated) = self.stated.get_mut(i) {
            self.statements += 1;
            stated.push([subject.0, position, claim.unwrap_or(NO_CLAIM)]);
            self.values[i].push(value);
        }
    }

    /// Adds a definition that belongs to the graph.
    pub fn define(&mut self, text: String) {
        self.defines.push(text);
    }

    /// Returns the number of entities so far.
    pub fn entity_count(&self) -> usize {
        self.entities.len()
    }

    /// Numbers entities by type and natural order of names, sorts facts and settles dates. O(facts + entities × log
    /// entities).
    pub fn finish(self) -> Graph {
        self.finish_with_ids().0
    }

    /// Does the same; also returns the final id of each entity, by provisional id.
    pub fn finish_with_ids(self) -> (Graph, Vec<EntityId>) {
        let Builder { schema, entities, claims, mut texts, links, values, stated, defines, .. } = self;
        let order = entities.order();
        let rank = number::ranks(&order);
        let type_starts = entities.type_starts(schema.types().len());
        let mut graph = Graph { schema, type_starts, defines, ..Graph::default() };
        // Links are independent of names and values, so both halves run in parallel.
        let ((relations, mut facts), (names, (values, of_values))) = threads::join(
            || add_relations(&graph, links, &rank, &claims.trust),
            || (entities.names(&order), add_values(&graph, (values, stated), &rank, &claims.trust, &mut texts)),
        );
        // Facts of values are numbered behind those of links.
        let first_value = facts.len();
        facts.append(of_values);
        (graph.names, graph.relations, graph.values) = (names, relations, values);
        graph.values.iter_mut().for_each(|values| values.first_fact += first_value);
        graph.claims = claims.finish(texts, facts);
        graph.share_texts();
        date_bounds::propagate_date_bounds(&mut graph);
        (graph, rank.into_iter().map(EntityId).collect())
    }
}

/// Returns the relations of a graph whose entities are numbered, and the claims of their facts.
fn add_relations(graph: &Graph, links: Vec<Vec<[u32; 3]>>, rank: &[u32], trust: &[u8]) -> (Vec<Relation>, Citations) {
    let mut facts = Citations::default();
    let all = links.into_iter().zip(graph.schema.verbs());
    let all = all.map(|(links, (_, verb))| relation_of(graph, verb, links, rank, trust, &mut facts));
    (all.collect(), facts)
}

/// Returns the relation of a verb, and adds the claims of its facts.
pub(super) fn relation_of(
    graph: &Graph,
    verb: &Verb,
    links: Vec<[u32; 3]>,
    rank: &[u32],
    trust: &[u8],
    facts: &mut Citations,
) -> Relation {
    let stated = RawFacts::new(links, rank);
    let ends = (stated.subjects(hull(graph, verb.from)), stated.objects(hull(graph, verb.to)));
    relation(stated, ends, trust, facts)
}

/// Returns the values of a graph whose entities are numbered, and the claims of their facts, which are numbered from 0.
fn add_values(
    graph: &Graph,
    (values, stated): (Vec<Vec<Value>>, Vec<Vec<[u32; 3]>>),
    rank: &[u32],
    trust: &[u8],
    texts: &mut Interner,
) -> (Vec<Values>, Citations) {
    let mut facts = Citations::default();
    let all = graph.schema.properties().zip(values.iter().zip(stated));
    let all = all.map(|((_, property), (given, rows))| {
        values_of(graph, property, (given, rows), rank, trust, (&mut *texts, &mut facts))
    });
    (all.collect(), facts)
}

/// Returns the values of a property, and adds their texts and the claims of their facts.
pub(super) fn values_of(
    graph: &Graph,
    property: &Property,
    (given, rows): (&[Value], Vec<[u32; 3]>),
    rank: &[u32],
    trust: &[u8],
    (texts, facts): (&mut Interner, &mut Citations),
) -> Values {
    let kept = rows.into_iter().filter(|row| is_of(&given[row[1] as usize], property.value)).collect();
    let mut stated = RawFacts::of_values(kept, rank);
    let range = stated.subjects(hull(graph, property.of));
    stated.sort_by_subject(&range);
    // Equal values become adjacent, so that `merge` joins them.
    stated.sort_rows(|a, b| compare(&given[a as usize], &given[b as usize]));
    let first_fact = facts.len();
    let merged = merge(&stated, &range, |a, b| given[a as usize] == given[b as usize], trust, facts);
    let stated = column(property.value, merged.second.iter().map(|i| &given[*i as usize]), texts);
    Values { base: range.start, offsets: merged.offsets.into(), stated, first_fact, ..Values::default() }
}

/// Returns the smallest range of ids that contains all entities of these types.
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
        Value::Number(float) => type_ == ValueType::Number && float.is_finite(),
        Value::Integer(_) => type_ == ValueType::Number,
        Value::Text(_) => type_ == ValueType::Text,
        _ => false,
    }
}

/// Total order of the values of one type; equal values are adjacent.
fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Date(a), Value::Date(b)) if a == b => Ordering::Equal,
        // Different dates may have the same sort key; their notation then decides.
        (Value::Date(a), Value::Date(b)) => {
            a.sort_key().cmp(&b.sort_key()).then_with(|| a.to_string().cmp(&b.to_string()))
        }
        (Value::Text(a), Value::Text(b)) => natural(a, b),
        _ => a.number().zip(b.number()).map_or(Ordering::Equal, |(a, b)| a.cmp(b)),
    }
}

fn column<'v>(type_: ValueType, values: impl Iterator<Item = &'v Value>, texts: &mut Interner) -> ValueColumn {
    match type_ {
        ValueType::Date => ValueColumn::Dates(values.filter_map(as_date).collect::<Vec<_>>().into()),
        ValueType::Number => ValueColumn::Numbers(values.filter_map(Value::number).collect()),
        ValueType::Text => {
            let positions = values.filter_map(as_text).map(|text| texts.intern(text));
            ValueColumn::Texts(positions.collect::<Vec<_>>().into(), super::Texts::default())
        }
    }
}

fn as_date(value: &Value) -> Option<Date> {
    if let Value::Date(date) = value { Some(*date) } else { None }
}

fn as_text(value: &Value) -> Option<&str> {
    if let Value::Text(text) = value { Some(text) } else { None }
}

impl ClaimColumns {
    pub(super) fn finish(self, texts: Interner, facts: Citations) -> super::Claims {
        let [starts, offsets, of_facts] = facts.finish();
        super::Claims {
            sources: self.sources,
            source: self.source.into(),
            trust: self.trust.into(),
            words: self.words.into(),
            date: self.date.into(),
            texts: texts.finish(),
            starts,
            offsets,
            of_facts,
        }
    }
}
